/** The federations service: records in the store, an engine for each (embedded, or external), membership by fleets. */
import { randomUUID } from 'node:crypto';
import type { Cluster } from '#shared/contract/clusters.ts';
import type { JournalEntry } from '#shared/contract/federation-decisions.ts';
import type { Federation, FederationsService } from '#shared/contract/federations.ts';
import { AppError } from '#shared/errors.ts';
import type { FederationMembership } from '../../fleets/types.ts';
import type { ClusterIdentity, KubeClient } from '../../kube/index.ts';
import { otherManager } from '../controllers/management.ts';
import { connectExternal } from '../external/connect.ts';
import { inspectControlPlane } from '../external/inspect.ts';
import type { FederationRecord, FederationsDeps } from '../types.ts';
import { whatIfInTurns } from '../whatif/whatif.ts';
import { distribute } from './distribute.ts';
import { createEmbedded } from './embedded.ts';
import { type FederationEngine, failoverOf } from './engine.ts';
import { createExternal } from './external.ts';
import { identityOf } from './identity.ts';
import { inspectExternal } from './inspect-external.ts';
import { managedElsewhere } from './members.ts';
import { createMoves } from './moves.ts';
import { preview } from './preview.ts';
import type { FederationAccess, Running } from './running.ts';
import { createChangeSignal } from './signal.ts';
import { snapshotOf } from './snapshot.ts';
import { type WhySource, watchWhy } from './why.ts';
import { type WorkloadsSource, watchWorkloads } from './workloads.ts';

type CreateInput = Parameters<FederationsService['create']>[0];

export interface Federations extends FederationsService, FederationMembership, FederationAccess {
  /** In-process, of the federation's own API server; throws AppError NOT_FOUND, or why it is not running. */
  client(id: string): KubeClient;
  /** How its API server is reached over the network; throws as `client` does. */
  identity(id: string): Promise<ClusterIdentity>;
  /** Changes only the time after which a lost member is given up. */
  setEvictionTimeout(id: string, seconds: number): Promise<void>;
  /** Resolves when every federation runs or has been found abnormal. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export function createFederations(deps: FederationsDeps): Federations {
  const { repository, clusters, log } = deps;
  const running = new Map<string, FederationEngine>();
  const changes = createChangeSignal();
  let unsubscribe: () => void = () => {};

  function need(id: string): FederationRecord {
    const record = repository.get(id);
    if (record === undefined) throw new AppError('NOT_FOUND', `no federation ${id}`, { params: { id } });
    return record;
  }
  function engineOf(id: string): FederationEngine {
    const engine = running.get(need(id).id);
    if (engine === undefined)
      throw new AppError('ENGINE_UNAVAILABLE', 'the federation has not been started', { retryable: true });
    return engine;
  }
  function build(record: FederationRecord, onChange: () => void): FederationEngine {
    if (record.engine === 'external') return createExternal(record, deps, onChange);
    // What moves away runs no controller any more; what has come does.
    return createEmbedded(record, deps, onChange, record.move?.to === 'external' ? 'readOnly' : null);
  }
  function make(record: FederationRecord): FederationEngine {
    const engine = build(record, changes.changed);
    running.set(record.id, engine);
    engine.setMembers(membersOf(record));
    return engine;
  }
  const membersOf = (record: FederationRecord): Cluster[] =>
    record.clusterIds.map((id) => clusters.get(id)).filter((cluster): cluster is Cluster => cluster !== undefined);
  const view = (record: FederationRecord): Federation => {
    const engine = running.get(record.id) ?? build(record, () => {});
    return { ...engine.view(record), move: moves.view(record) };
  };
  const moves = createMoves({
    ...deps,
    engineOf,
    changed: changes.changed,
    endAccess,
    blank: (record) => createEmbedded(record, deps, () => {}, 'filled'),
    async replace(record) {
      const old = running.get(record.id);
      running.delete(record.id);
      // What has moved away is not kept here: it would only grow old.
      if (record.engine === 'external' && record.move == null) await old?.destroy();
      else await old?.stop();
      await make(record).start();
      changes.changed();
    },
  });

  function change(id: string, fields: Parameters<typeof repository.update>[1]): Federation {
    const record = repository.update(id, fields);
    running.get(id)?.setMembers(membersOf(record));
    if (fields.failover !== undefined) running.get(id)?.setFailover(failoverOf(record));
    changes.changed();
    return view(record);
  }

  /** Kubeconfigs that were issued for it end with it here; a control plane of others may not answer any more. */
  async function endAccess({ id, name }: FederationRecord): Promise<void> {
    if (deps.access === undefined || !deps.access.isIn(id)) return;
    const left = await deps.access.cleanUp(id).catch((error: unknown) => ({ left: [{ what: String(error) }] }));
    if (left.left.length > 0)
      log.warn('issued kubeconfigs may stay in force', { federation: name, left: left.left.length });
    await deps.access.forget(id);
  }

  async function finishRemoval(record: FederationRecord): Promise<void> {
    await endAccess(record);
    const engine = running.get(record.id) ?? build(record, () => {});
    await engine.destroy();
    running.delete(record.id);
    repository.remove(record.id);
    changes.changed();
  }

  async function create({ name, fleetId, failover }: CreateInput): Promise<Federation> {
    const record: FederationRecord = {
      id: randomUUID(),
      name,
      engine: 'embedded',
      phase: 'active',
      fleetId: null,
      clusterIds: [],
      deletionProtection: false,
      ...(failover === undefined ? {} : { failover }),
      createdAt: new Date().toISOString(),
    };
    repository.insert(record);
    changes.changed();
    const engine = make(record);
    try {
      await engine.start();
      if (engine.reason !== null) throw new AppError(engine.reason.code, engine.reason.message);
      return fleetId === undefined ? view(record) : await join({ id: record.id, fleetId });
    } catch (error) {
      // Nothing half done: a federation that could not be made does not stay in the list.
      await finishRemoval(record);
      throw error;
    }
  }

  async function createOverExternal(input: Parameters<FederationsService['createExternal']>[0]): Promise<Federation> {
    const { name, kubeconfig, context } = input;
    const connection = await connectExternal(kubeconfig, context);
    const found = await inspectControlPlane(connection.client, connection.context).finally(() => connection.close());
    const record: FederationRecord = {
      id: randomUUID(),
      name,
      engine: 'external',
      phase: 'active',
      fleetId: null,
      clusterIds: [],
      deletionProtection: false,
      external: { context: found.context, server: found.server },
      createdAt: new Date().toISOString(),
    };
    repository.insert(record);
    try {
      await repository.putKubeconfig(record.id, kubeconfig);
      await make(record).start();
      changes.changed();
      return view(record);
    } catch (error) {
      await finishRemoval(record);
      throw error;
    }
  }

  function needSettled(id: string): FederationRecord {
    const record = need(id);
    if (record.move != null)
      throw new AppError('FEDERATION_MOVING', `federation ${record.name} is being moved`, { cluster: record.name });
    return record;
  }

  /** What only our own control planes do. */
  function needEmbedded(id: string, hint: string): FederationRecord {
    const record = needSettled(id);
    if (record.engine === 'external') throw refused(record, 'is run by another control plane', hint);
    return record;
  }

  /** Clusters that do not answer cannot be asked; the engine asks them before it writes anything. */
  async function refuseManaged(record: FederationRecord, clusterIds: readonly string[]): Promise<void> {
    const me = identityOf(record);
    await Promise.all(
      clusterIds.map(async (clusterId) => {
        const cluster = clusters.get(clusterId);
        if (cluster === undefined || cluster.state === 'disconnected') return;
        const manager = await otherManager(clusters.client(clusterId), cluster.name, me).catch(() => null);
        if (manager === null) return;
        const { code, message, params } = managedElsewhere(cluster.name, manager);
        throw new AppError(code, message, { cluster: cluster.name, params });
      }),
    );
  }

  async function takeOver({ id, cluster }: { id: string; cluster: string }): Promise<void> {
    needEmbedded(id, 'externalMembers');
    const { management } = engineOf(id).controlPlane();
    await management?.takeOver(cluster);
    changes.changed();
  }

  async function join({
    id,
    fleetId,
    managed = 'refuse',
  }: Parameters<FederationsService['join']>[0]): Promise<Federation> {
    const record = needEmbedded(id, 'externalMembers');
    const fleet = deps.fleets().get(fleetId);
    if (fleet === undefined) throw new AppError('NOT_FOUND', `no fleet ${fleetId}`, { params: { id: fleetId } });
    if (record.fleetId !== null && record.fleetId !== fleetId)
      throw new AppError('REFUSED', `federation ${record.name} has another fleet`, {
        params: { name: record.name },
        hint: 'hints.federationHasFleet',
      });
    if (managed === 'refuse') await refuseManaged(record, fleet.clusterIds);
    const joined = deps.fleets().setFederation(fleetId, id);
    const { management } = engineOf(id).controlPlane();
    if (managed === 'takeOver')
      for (const clusterId of joined.clusterIds) {
        const name = clusters.get(clusterId)?.name;
        if (name !== undefined) await management?.takeOver(name);
      }
    return change(id, { fleetId, clusterIds: joined.clusterIds });
  }

  async function leave({ id }: { id: string }): Promise<Federation> {
    const record = needEmbedded(id, 'externalMembers');
    if (record.fleetId !== null && deps.fleets().get(record.fleetId) !== undefined)
      deps.fleets().setFederation(record.fleetId, null);
    return change(id, { fleetId: null, clusterIds: [] });
  }

  async function remove(id: string): Promise<void> {
    const record = needSettled(id);
    if (record.deletionProtection) throw refused(record, 'is protected against deletion', 'deletionProtection');
    if (record.engine === 'external') return await finishRemoval(repository.update(id, { phase: 'deleting' }));
    if (record.clusterIds.length > 0 || record.fleetId !== null || view(record).members.length > 0)
      throw refused(record, 'still has members', 'federationHasMembers');
    await finishRemoval(repository.update(id, { phase: 'deleting' }));
  }

  async function start(): Promise<void> {
    unsubscribe = clusters.subscribe(({ kind, cluster }) => {
      for (const record of repository.list()) {
        if (!record.clusterIds.includes(cluster.id)) continue;
        const engine = running.get(record.id);
        engine?.setMembers(membersOf(record));
        if (kind !== 'removed') engine?.clusterChanged(cluster);
      }
    });
    await Promise.all(
      repository.list().map(async (record) => {
        try {
          if (record.phase === 'deleting') await finishRemoval(record);
          else if (!running.has(record.id)) await make(record).start();
        } catch (error) {
          log.error('federation not started', { federation: record.name, error: String(error) });
        }
      }),
    );
  }

  return {
    list: () => repository.list().map(view),
    watch: (signal) => changes.watch(() => repository.list().map(view), signal),
    create,
    update: async ({ id, deletionProtection, failover }) => {
      const record = failover === undefined ? need(id) : needEmbedded(id, 'externalFailover');
      return change(id, {
        ...(deletionProtection === undefined ? {} : { deletionProtection }),
        ...(failover === undefined ? {} : { failover: { ...record.failover, ...failover } }),
      });
    },
    remove,
    join,
    leave,
    takeOver,
    inspectExternal,
    createExternal: createOverExternal,
    planMove: ({ id, ...to }) => moves.plan(needSettled(id), to),
    async move({ id, ...to }) {
      await moves.begin(need(id), to);
      return view(need(id));
    },
    async takeBackMove({ id }) {
      await moves.takeBack(need(id));
      return view(need(id));
    },
    workloads: ({ id }, signal) => watchWorkloads(workloadsSource(engineOf(id)), signal),
    why: ({ id, object }, signal) => watchWhy(object, whySource(engineOf(id)), signal),
    journal: ({ id, limit }, signal) => watchJournal(engineOf(id), limit, signal),
    whatIf: async ({ id, changes }) => whatIfInTurns(snapshotOf(engineOf(id).controlPlane()), changes),
    preview: async (input) => {
      const engine = engineOf(input.federationId);
      return preview(input, engine.controlPlane(), engine.client());
    },
    distribute: async (input) => {
      const engine = engineOf(needSettled(input.federationId).id);
      return { created: await distribute(input, engine.controlPlane(), engine.client()) };
    },
    async setEvictionTimeout(id, evictionTimeoutSeconds) {
      change(id, { failover: { ...need(id).failover, evictionTimeoutSeconds } });
    },
    async fleetChanged(federationId, clusterIds) {
      if (repository.get(federationId) !== undefined) change(federationId, { clusterIds });
    },
    client: (id) => engineOf(id).client(),
    identity: (id) => engineOf(id).identity(),
    running: (id) => runningOf(need(id), engineOf(id)),
    start,
    async close() {
      unsubscribe();
      changes.close();
      await moves.close();
      await Promise.all([...running.values()].map((engine) => engine.stop()));
    },
  };
}

function runningOf({ id, name }: FederationRecord, engine: FederationEngine): Running {
  return { ...workloadsSource(engine), id, name, client: engine.client(), member: engine.member };
}

function workloadsSource(engine: FederationEngine): WorkloadsSource {
  return { plane: engine.controlPlane(), repairsOf: engine.journal.repairsOf, onJournal: engine.onJournal };
}

function whySource(engine: FederationEngine): WhySource {
  return {
    plane: engine.controlPlane(),
    journal: (object, limit) => engine.journal.list({ object, limit }),
    onJournal: engine.onJournal,
  };
}

async function* watchJournal(
  engine: FederationEngine,
  limit: number,
  signal: AbortSignal | undefined,
): AsyncIterable<JournalEntry[]> {
  const changes = createChangeSignal();
  const end = engine.onJournal(changes.changed);
  try {
    yield* changes.watch(() => engine.journal.list({ limit }), signal);
  } finally {
    end();
  }
}

function refused(record: FederationRecord, text: string, hint: string): AppError {
  return new AppError('REFUSED', `federation ${record.name} ${text}`, {
    params: { name: record.name },
    hint: `hints.${hint}`,
  });
}
