/**
 * The registered clusters while the engine runs: each record with its connection, what is told of both to whoever
 * listens, and every change of state kept with its cause. Records live in the repository; `Cluster` is both put together.
 */
import type { Cluster, ClusterState } from '#shared/contract/clusters.ts';
import { AppError, type AppErrorShape } from '#shared/errors.ts';
import type { KubeconfigEntry } from '../kubeconfig/index.ts';
import { type Connection, createConnection, DEFAULT_TIMING, type Identified, type Live } from './connection.ts';
import type { Known } from './contents.ts';
import { createFeed } from './feed.ts';
import { beginOperation } from './operations.ts';
import { fileSource, type SwitchableSource, switchable, textSource } from './source.ts';
import type { ClusterChange, ClusterRecord, ClustersDeps } from './types.ts';

export interface Entry {
  record: ClusterRecord;
  readonly connection: Connection;
  readonly source: SwitchableSource;
  live: Live;
  /** lastSeen is written now and then, not with every probe. */
  savedAt: number;
}

/** How a cluster is when the engine comes to know it. */
export interface Initial {
  state: ClusterState;
  reason: AppErrorShape | null;
}

export interface Registry {
  readonly entries: ReadonlyMap<string, Entry>;
  /** What a kubeconfig is compared with. */
  readonly known: Known;
  /** Throws AppError NOT_FOUND. */
  need(id: string): Entry;
  /** The same, for what may be done only with a cluster whose registration is complete: else AppError REFUSED. */
  needSettled(id: string): Entry;
  list(): Cluster[];
  toCluster(entry: Entry): Cluster;
  /** Takes the record in. Nothing is dialled before `attend`. */
  open(record: ClusterRecord, initial: Initial): Entry;
  /** Looks after it from now on, or from `start` on. */
  attend(entry: Entry): void;
  /** Keeps the change of what is recorded. */
  save(entry: Entry, change: Partial<ClusterRecord>): void;
  /** Keeps that the state is another one than `from`; null: it had none. */
  transition(entry: Entry, from: ClusterState | null): void;
  /** The source is another one than before: identity and credentials are read from it. */
  reread(entry: Entry): void;
  forget(entry: Entry): Promise<void>;
  tell(kind: ClusterChange['kind'], cluster: Cluster): void;
  /** AppError NAME_TAKEN. */
  refuseName(name: string): void;
  /** AppError CONFLICT when the cluster with this uid is registered already, other than as `exceptId`. */
  refuseKnown(uid: string, exceptId: string): void;
  subscribe(listener: (change: ClusterChange) => void): () => void;
  watch(signal: AbortSignal | undefined): AsyncIterable<Cluster[]>;
  membershipChanged(): void;
  start(): void;
  close(): Promise<void>;
}

const SAVE_LAST_SEEN_MS = 300_000;

export function createRegistry(deps: ClustersDeps): Registry {
  const { repository, log } = deps;
  const env = deps.env ?? process.env;
  const timing = { ...DEFAULT_TIMING, ...deps.timing };
  const entries = new Map<string, Entry>();
  const listeners = new Set<(change: ClusterChange) => void>();
  const feed = createFeed<Cluster[]>();
  let started = false;
  let closed = false;

  function sourceOf({ id, context, sourcePath }: ClusterRecord) {
    return sourcePath === null
      ? textSource(() => repository.getKubeconfig(id), context)
      : fileSource(sourcePath, context);
  }

  function open(record: ClusterRecord, initial: Initial): Entry {
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
      execTimeoutMs: deps.execTimeoutMs,
      onChange: (live, from) => liveChanged(id, live, from),
      onIdentified: (identified) => identifiedAs(id, identified),
    });
    const entry: Entry = { record, connection, source, live: connection.live, savedAt: Date.now() };
    entries.set(id, entry);
    return entry;
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

  function needSettled(id: string): Entry {
    const entry = need(id);
    const { name } = entry.record;
    if (entry.live.state !== 'creating') return entry;
    throw new AppError('REFUSED', `cluster ${name} is still being registered`, {
      cluster: name,
      params: { name },
      hint: 'hints.stillCreating',
    });
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
    if (reason === null) log.info('cluster state changed', fields);
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

  function refuseKnown(uid: string, exceptId: string): void {
    for (const { record } of entries.values()) {
      if (record.id === exceptId || record.uid !== uid) continue;
      throw new AppError('CONFLICT', `this cluster is already registered as ${record.name}`, {
        params: { name: record.name },
        hint: 'hints.clusterRegistered',
      });
    }
  }

  return {
    entries,
    known: {
      get names() {
        return new Set([...entries.values()].map(({ record }) => record.name));
      },
      registeredAs: (entry: KubeconfigEntry) =>
        [...entries.values()].find(({ record }) => sameServer(record.server, entry.server))?.record.name ?? null,
    },
    need,
    needSettled,
    list: () => [...entries.values()].map(toCluster),
    toCluster,
    open,
    attend(entry) {
      if (started) entry.connection.start();
    },
    save,
    transition,
    reread(entry) {
      entry.source.switchTo(sourceOf(entry.record));
      entry.connection.reset();
    },
    async forget(entry) {
      const { id } = entry.record;
      const cluster = toCluster(entry);
      repository.remove(id);
      entries.delete(id);
      await entry.connection.close();
      await deps.belongings?.forget(id);
      tell('removed', cluster);
    },
    tell,
    refuseName(name) {
      for (const { record } of entries.values())
        if (record.name === name)
          throw new AppError('NAME_TAKEN', `a cluster named ${name} exists`, { params: { name } });
    },
    refuseKnown,
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    watch: (signal) => feed.watch(() => [...entries.values()].map(toCluster), signal),
    membershipChanged: () => feed.changed(),
    start() {
      if (started) return;
      started = true;
      for (const { connection, live } of entries.values()) if (live.state !== 'creating') connection.start();
    },
    async close() {
      if (closed) return;
      closed = true;
      feed.close();
      await Promise.allSettled([...entries.values()].map(({ connection }) => connection.close()));
    },
  };
}

export function sameServer(a: string, b: string): boolean {
  const normal = (text: string) => (URL.canParse(text) ? new URL(text).href.replace(/\/+$/, '') : text);
  return normal(a) === normal(b);
}
