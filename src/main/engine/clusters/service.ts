/**
 * The clusters service: registration, life cycle, and the directory through which other areas reach clusters.
 * Records live in the repository, connections in memory; `Cluster` is both put together.
 */
import { randomUUID } from 'node:crypto';
import { readFile, statfs } from 'node:fs/promises';
import type { Cluster, ClusterState, ClustersService } from '#shared/contract/clusters.ts';
import { AppError, type AppErrorShape } from '#shared/errors.ts';
import { contextOf, createHttpsTransport, defaultKubeconfigPaths, type KubeconfigEntry } from '../kube/index.ts';
import { checkConnection } from './check.ts';
import { type Connection, createConnection, DEFAULT_TIMING, type Identified, type Live } from './connection.ts';
import { loadSource, readContents } from './contents.ts';
import { createFeed } from './feed.ts';
import { stateOfFailure } from './health.ts';
import { beginOperation, closeInterrupted } from './operations.ts';
import { fileSource, type SwitchableSource, switchable, textSource } from './source.ts';
import type { ClusterChange, ClusterDirectory, ClusterReach, ClusterRecord, ClustersDeps, Operation } from './types.ts';

export interface Clusters extends ClustersService, ClusterDirectory, ClusterReach {
  /** Begins to look after the registered clusters; returns at once. */
  start(): void;
  close(): Promise<void>;
  /** Fleets changed: what clusters say of their fleet is told anew. */
  membershipChanged(): void;
}

interface Entry {
  record: ClusterRecord;
  connection: Connection;
  source: SwitchableSource;
  live: Live;
  /** lastSeen is written now and then, not with every probe. */
  savedAt: number;
}

const SAVE_LAST_SEEN_MS = 300_000;

export function createClusters(deps: ClustersDeps): Clusters {
  const { repository, log } = deps;
  const env = deps.env ?? process.env;
  const { execTimeoutMs } = deps;
  const timing = { ...DEFAULT_TIMING, ...deps.timing };
  const entries = new Map<string, Entry>();
  const listeners = new Set<(change: ClusterChange) => void>();
  const feed = createFeed<Cluster[]>();
  let registrations: Promise<unknown> = Promise.resolve();
  let started = false;
  let closed = false;

  closeInterrupted(repository);
  for (const record of repository.list()) open(record, { state: 'pending', reason: null });

  function open(record: ClusterRecord, initial: { state: ClusterState; reason: AppErrorShape | null }): Entry {
    const { id, context } = record;
    const source = switchable(sourceOf(record));
    const connection = createConnection({
      context,
      server: record.server,
      source,
      approvedExec: () => entries.get(id)?.record.approvedExec ?? null,
      initial: { ...initial, lastSeen: record.lastSeen, size: record.size ?? null },
      createdAt: record.createdAt,
      timing,
      env,
      execTimeoutMs,
      onChange: (live, from) => liveChanged(id, live, from),
      onIdentified: (identified) => identifiedAs(id, identified),
    });
    const entry: Entry = { record, connection, source, live: connection.live, savedAt: Date.now() };
    entries.set(id, entry);
    return entry;
  }

  function sourceOf({ id, context, sourcePath }: ClusterRecord) {
    return sourcePath === null
      ? textSource(() => repository.getKubeconfig(id), context)
      : fileSource(sourcePath, context);
  }

  function toCluster({ record, live }: Entry): Cluster {
    const { corrected: _corrected, approvedExec: _approved, uid: _uid, size: _size, ...shown } = record;
    return { ...shown, ...live, fleetId: deps.fleets().fleetOfCluster(record.id)?.id ?? null };
  }

  function need(id: string): Entry {
    const entry = entries.get(id);
    if (entry === undefined) throw new AppError('NOT_FOUND', `no cluster ${id}`, { params: { id } });
    return entry;
  }

  function tell(kind: ClusterChange['kind'], cluster: Cluster): void {
    for (const listener of [...listeners]) {
      try {
        listener({ kind, cluster });
      } catch (error) {
        log.error('a listener to cluster changes failed', { cluster: cluster.name, error: String(error) });
      }
    }
    feed.changed();
  }

  function save(entry: Entry, change: Partial<ClusterRecord>): void {
    const record = { ...entry.record, ...change, lastSeen: entry.live.lastSeen, size: entry.live.size };
    repository.update(record);
    entry.record = record;
    entry.savedAt = Date.now();
  }

  function liveChanged(id: string, live: Live, from: ClusterState | null): void {
    const entry = entries.get(id);
    if (entry === undefined || closed) return;
    entry.live = live;
    try {
      if (from !== null) transition(entry, from);
      else if (Date.now() - entry.savedAt > SAVE_LAST_SEEN_MS) save(entry, {});
    } catch (error) {
      // A full disk must not stop the probing; the store says so to whoever writes next.
      log.error('cluster state could not be recorded', { cluster: entry.record.name, error: String(error) });
    }
    tell('changed', toCluster(entry));
  }

  function transition(entry: Entry, from: ClusterState | null): void {
    const { state: to, reason, since: at } = entry.live;
    const fields = { cluster: entry.record.name, from, to, code: reason?.code, detail: reason?.message };
    if (to === 'running') log.info('cluster state changed', fields);
    else log.warn('cluster state changed', fields);
    repository.addTransition({ clusterId: entry.record.id, at, from, to, reason });
    save(entry, {});
  }

  /** Called with what answered: refuses another cluster than the registered one, keeps what detection found. */
  function identifiedAs(id: string, { uid, version, server, detected }: Identified): void {
    const entry = need(id);
    const { record } = entry;
    if (uid !== null && record.uid !== null && uid !== record.uid) {
      throw new AppError('CONFLICT', `another cluster answers at ${server} than the one registered as ${record.name}`, {
        cluster: record.name,
        params: { name: record.name, server },
        hint: 'hints.clusterReplaced',
      });
    }
    if (uid !== null) refuseKnown(uid, id);
    const change: Partial<ClusterRecord> = { version, server, uid: uid ?? record.uid };
    if (!record.corrected.includes('type')) change.type = detected.type;
    if (!record.corrected.includes('provider')) change.provider = detected.provider;
    if (!record.corrected.includes('region') && detected.region !== '') change.region = detected.region;
    if (!record.corrected.includes('zones') && detected.zones.length > 0) change.zones = detected.zones;
    const same = (Object.keys(change) as (keyof ClusterRecord)[]).every(
      (field) => JSON.stringify(change[field]) === JSON.stringify(record[field]),
    );
    if (same) return;
    const before = record.version;
    save(entry, change);
    if (before !== null && before !== version) {
      const operation = beginOperation(repository, record, 'upgrade');
      operation.step('version', 'passed', `${before} → ${version}`);
      operation.end();
    }
  }

  function refuseKnown(uid: string, exceptId: string | null): void {
    for (const { record } of entries.values()) {
      if (record.id === exceptId || record.uid !== uid) continue;
      throw new AppError('CONFLICT', `this cluster is already registered as ${record.name}`, {
        params: { name: record.name },
        hint: 'hints.clusterRegistered',
      });
    }
  }

  function refuseName(name: string): void {
    for (const { record } of entries.values()) {
      if (record.name === name)
        throw new AppError('NAME_TAKEN', `a cluster named ${name} exists`, { params: { name } });
    }
  }

  async function quota(): Promise<{ registered: number; freeBytes: number } | undefined> {
    if (deps.dataDir === undefined) return undefined;
    const { bavail, bsize } = await statfs(deps.dataDir);
    return { registered: entries.size, freeBytes: bavail * bsize };
  }

  const known = {
    get names() {
      return new Set([...entries.values()].map(({ record }) => record.name));
    },
    registeredAs: (entry: KubeconfigEntry) =>
      [...entries.values()].find(({ record }) => sameServer(record.server, entry.server))?.record.name ?? null,
  };

  const register: ClustersService['register'] = async (input) => {
    const id = randomUUID();
    const operation = beginOperation(repository, { id, name: input.name }, 'register');
    try {
      const cluster = await registerAs(id, input, operation);
      operation.end();
      return cluster;
    } catch (error) {
      operation.end(error);
      throw error;
    }
  };

  async function registerAs(
    id: string,
    input: Parameters<ClustersService['register']>[0],
    operation: Operation,
  ): Promise<Cluster> {
    refuseName(input.name);
    if (input.fleetId !== undefined && deps.fleets().get(input.fleetId) === undefined) {
      throw new AppError('NOT_FOUND', `no fleet ${input.fleetId}`, { params: { id: input.fleetId } });
    }
    const kubeconfig = await loadSource(input.source);
    const found = contextOf(kubeconfig, input.context);
    found.identity();
    const exec = found.auth === 'exec' ? found.exec : null;
    if (exec !== null && exec.hash !== input.approvedExec) {
      throw new AppError('EXEC_NOT_APPROVED', `exec plugin ${exec.command} has not been approved`, {
        params: { command: exec.command, hash: exec.hash },
      });
    }
    const approvedExec = exec?.hash ?? null;
    const check = await checkConnection({
      entry: async () => found,
      approvedExec,
      env,
      execTimeoutMs,
      store: await quota(),
    });
    for (const { step, result, evidence } of check.steps) operation.step(step, result, evidence);
    const failure = check.steps.find((step) => step.result === 'failed')?.error ?? null;
    if (failure !== null && !input.evenIfUnreachable) throw fromShape(failure);
    const detected = failure === null ? check.detected : null;

    // The name may have gone, and the same cluster may have come, while this one was being looked at.
    refuseName(input.name);
    if (detected !== null && detected.uid !== '') refuseKnown(detected.uid, null);
    const twin = [...entries.values()].find(
      ({ record }) => detected === null && record.context === input.context && sameServer(record.server, found.server),
    );
    if (twin !== undefined) {
      throw new AppError('CONFLICT', `this context is already registered as ${twin.record.name}`, {
        params: { name: twin.record.name },
        hint: 'hints.clusterRegistered',
      });
    }

    const now = new Date().toISOString();
    const given = { type: input.type, provider: input.provider, region: input.region, zones: input.zones };
    const record: ClusterRecord = {
      id,
      name: input.name,
      type: input.type ?? detected?.type ?? 'local',
      provider: input.provider ?? detected?.provider ?? '',
      region: input.region ?? detected?.region ?? '',
      zones: input.zones ?? detected?.zones ?? [],
      corrected: correctedBy(given, detected),
      server: found.server,
      context: input.context,
      sourcePath: kubeconfig.path,
      insecure: found.insecure,
      approvedExec,
      uid: detected === null || detected.uid === '' ? null : detected.uid,
      version: detected?.version ?? null,
      deletionProtection: input.deletionProtection,
      createdAt: now,
      lastSeen: failure === null ? now : null,
    };
    await repository.insert(record, input.source.kind === 'text' ? input.source.text : null);
    operation.step('kept', 'passed', kubeconfig.path ?? 'kubeconfig kept encrypted');
    const state = failure === null ? 'running' : stateOfFailure(failure.code);
    const entry = open(record, { state, reason: failure });
    transition(entry, null);
    if (started) entry.connection.start();
    tell('added', toCluster(entry));
    if (input.fleetId !== undefined) {
      await joinFleet(entry, input.fleetId);
      operation.step('fleet', 'passed', input.fleetId);
    }
    return toCluster(entry);
  }

  /** Registered into a fleet means both or nothing. */
  async function joinFleet(entry: Entry, fleetId: string): Promise<void> {
    try {
      await deps.addToFleet(fleetId, [entry.record.id]);
    } catch (error) {
      await forget(entry);
      throw error;
    }
    tell('changed', toCluster(entry));
  }

  async function replaceKubeconfig(
    entry: Entry,
    { source, context, approvedExec }: Parameters<ClustersService['replaceKubeconfig']>[0],
    operation: Operation,
  ): Promise<void> {
    const { record } = entry;
    const kubeconfig = await loadSource(source);
    const found = contextOf(kubeconfig, context);
    const exec = found.auth === 'exec' ? found.exec : null;
    const check = await checkConnection({
      entry: async () => found,
      approvedExec: approvedExec ?? null,
      env,
      execTimeoutMs,
    });
    for (const { step, result, evidence } of check.steps) operation.step(step, result, evidence);
    const failure = check.steps.find((step) => step.result === 'failed')?.error ?? null;
    if (failure !== null) throw fromShape(failure);
    const uid = check.detected?.uid ?? '';
    if (uid !== '' && record.uid !== null && uid !== record.uid) {
      throw new AppError('CONFLICT', `this kubeconfig leads to another cluster than ${record.name}`, {
        cluster: record.name,
        params: { name: record.name, server: found.server },
        hint: 'hints.clusterReplaced',
      });
    }
    if (source.kind === 'text') await repository.putKubeconfig(record.id, source.text);
    save(entry, {
      context,
      server: found.server,
      insecure: found.insecure,
      sourcePath: kubeconfig.path,
      approvedExec: exec?.hash ?? null,
    });
    entry.source.switchTo(sourceOf(entry.record));
    entry.connection.reset();
    operation.step('kept', 'passed', kubeconfig.path ?? 'kubeconfig kept encrypted');
  }

  async function forget(entry: Entry): Promise<void> {
    const { id } = entry.record;
    const cluster = toCluster(entry);
    repository.remove(id);
    entries.delete(id);
    await entry.connection.close();
    await deps.belongings?.forget(id);
    tell('removed', cluster);
  }

  /** What Fleetdeck put into the cluster goes first; what cannot be removed keeps the cluster, unless it may stay behind. */
  async function deregister(entry: Entry, leaveBehind: boolean, operation: Operation): Promise<void> {
    const { id, name } = entry.record;
    const { state } = entry.live;
    entry.connection.hold('deregistering');
    try {
      if (deps.belongings?.isIn(id) !== true) return;
      if (state !== 'running') {
        if (!leaveBehind)
          throw new AppError('REFUSED', `cluster ${name} does not answer: what Fleetdeck put there would stay`, {
            cluster: name,
            params: { name, left: '?' },
            hint: 'hints.leftBehind',
          });
        operation.step('cleanUp', 'warning', `the cluster is ${state}: nothing was removed from it`);
        return;
      }
      const { removed, left } = await deps.belongings.cleanUp(id);
      for (const what of removed) operation.step('cleanUp', 'passed', what);
      for (const { what, error } of left)
        operation.step('cleanUp', leaveBehind ? 'warning' : 'failed', `${what}: ${error.message}`);
      if (left.length > 0 && !leaveBehind) {
        const names = left.map(({ what }) => what).join(', ');
        throw new AppError('REFUSED', `could not be removed from ${name}: ${names}`, {
          cluster: name,
          params: { name, left: names.slice(0, 300) },
          hint: 'hints.leftBehind',
        });
      }
    } catch (error) {
      entry.connection.hold(null);
      throw error;
    }
  }

  return {
    list: () => [...entries.values()].map(toCluster),
    get: (id) => {
      const entry = entries.get(id);
      return entry === undefined ? undefined : toCluster(entry);
    },
    client: (id) => need(id).connection.client,
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    watch: (signal) => feed.watch(() => [...entries.values()].map(toCluster), signal),
    membershipChanged: () => feed.changed(),

    defaultKubeconfigs: () =>
      Promise.all(
        defaultKubeconfigPaths(env, deps.home).map((path) => readContents({ kind: 'file', path }, known)),
      ).then((all) => all.filter(({ problem }) => problem?.params?.errno !== 'ENOENT')),
    readKubeconfig: (source) => readContents(source, known),
    check: async (input) =>
      checkConnection({
        entry: async () => contextOf(await loadSource(input.source), input.context),
        approvedExec: input.approvedExec ?? null,
        env,
        execTimeoutMs,
        store: await quota(),
      }),

    register(input) {
      // One at a time: two registrations of one cluster must see each other.
      const result = registrations.then(() => register(input));
      registrations = result.catch(() => undefined);
      return result;
    },

    async update(input) {
      const entry = need(input.id);
      const { id: _id, approvedExec, deletionProtection, ...facts } = input;
      const change: Partial<ClusterRecord> = {};
      if (deletionProtection !== undefined) change.deletionProtection = deletionProtection;
      if (approvedExec !== undefined) change.approvedExec = approvedExec;
      const corrected = new Set(entry.record.corrected);
      for (const field of ['type', 'provider', 'region', 'zones'] as const) {
        if (facts[field] === undefined) continue;
        Object.assign(change, { [field]: facts[field] });
        corrected.add(field);
      }
      save(entry, { ...change, corrected: [...corrected] });
      const cluster = toCluster(entry);
      tell('changed', cluster);
      return cluster;
    },

    async unregister({ id, leaveBehind }) {
      const entry = need(id);
      const { name } = entry.record;
      if (entry.record.deletionProtection) {
        throw new AppError('REFUSED', `cluster ${name} is under deletion protection`, {
          cluster: name,
          params: { name },
          hint: 'hints.deletionProtection',
        });
      }
      const fleet = deps.fleets().fleetOfCluster(id);
      if (fleet !== undefined) {
        throw new AppError('REFUSED', `cluster ${name} is in fleet ${fleet.name}`, {
          cluster: name,
          params: { name, fleet: fleet.name },
          hint: 'hints.clusterInFleet',
        });
      }
      const operation = beginOperation(repository, entry.record, 'deregister');
      try {
        await deregister(entry, leaveBehind, operation);
        await forget(entry);
        operation.end();
      } catch (error) {
        operation.end(error);
        throw error;
      }
      log.info('cluster unregistered', { cluster: name });
    },

    async replaceKubeconfig(input) {
      const entry = need(input.id);
      const operation = beginOperation(repository, entry.record, 'kubeconfig');
      entry.connection.hold('changing');
      try {
        await replaceKubeconfig(entry, input, operation);
        operation.end();
      } catch (error) {
        operation.end(error);
        throw error;
      } finally {
        entry.connection.hold(null);
      }
      await entry.connection.reconnect();
      return toCluster(entry);
    },
    transitions: (id) => repository.transitions(need(id).record.id, 200),
    operations: (id) => repository.operations(id, 500),
    log: (id, kind) => beginOperation(repository, need(id).record, kind),

    async endpoint(id) {
      const { server, caData, caFile, tlsServerName, proxyUrl, insecureSkipTlsVerify } =
        await need(id).source.identity();
      const authority = caData ?? (caFile === undefined ? undefined : await readFile(caFile, 'utf8'));
      return {
        server,
        insecure: insecureSkipTlsVerify,
        ...(authority === undefined ? {} : { caData: authority }),
        ...(tlsServerName === undefined ? {} : { tlsServerName }),
        ...(proxyUrl === undefined ? {} : { proxyUrl }),
      };
    },
    async withToken(id, token) {
      const { server, tlsServerName, insecureSkipTlsVerify, caData, caFile, proxyUrl, baseDir } =
        await need(id).source.identity();
      const identity = {
        ...{ server, tlsServerName, insecureSkipTlsVerify, caData, caFile, proxyUrl, baseDir, token },
        disableCompression: false,
      };
      return createHttpsTransport({ server, identity: async () => identity, env });
    },

    async reconnect(id) {
      const entry = need(id);
      await entry.connection.reconnect();
      return toCluster(entry);
    },

    start() {
      if (started) return;
      started = true;
      for (const { connection } of entries.values()) connection.start();
    },

    async close() {
      if (closed) return;
      closed = true;
      feed.close();
      await Promise.allSettled([...entries.values()].map(({ connection }) => connection.close()));
    },
  };
}

/** What the person gave other than detection found stays; what merely repeats it may follow the cluster later. */
function correctedBy(
  given: Pick<Partial<ClusterRecord>, 'type' | 'provider' | 'region' | 'zones'>,
  detected: Pick<ClusterRecord, 'type' | 'provider' | 'region' | 'zones'> | null,
): ClusterRecord['corrected'] {
  const fields = ['type', 'provider', 'region', 'zones'] as const;
  return fields.filter(
    (field) => given[field] !== undefined && JSON.stringify(given[field]) !== JSON.stringify(detected?.[field]),
  );
}

function sameServer(a: string, b: string): boolean {
  const normal = (text: string) => (URL.canParse(text) ? new URL(text).href.replace(/\/+$/, '') : text);
  return normal(a) === normal(b);
}

function fromShape(shape: AppErrorShape): AppError {
  const { code, message, ...options } = shape;
  return new AppError(code, message, options);
}
