/** The federations service: records in the store, one embedded control plane for each, membership by fleets. */
import { randomUUID } from 'node:crypto';
import type { Cluster } from '#shared/contract/clusters.ts';
import type { JournalEntry } from '#shared/contract/federation-decisions.ts';
import type { Federation, FederationsService } from '#shared/contract/federations.ts';
import { AppError } from '#shared/errors.ts';
import type { FederationMembership } from '../../fleets/types.ts';
import type { KubeClient } from '../../kube/index.ts';
import type { FederationRecord, FederationsDeps } from '../types.ts';
import { whatIf } from '../whatif/whatif.ts';
import { distribute } from './distribute.ts';
import { createEmbedded, type EmbeddedFederation, failoverOf } from './embedded.ts';
import { preview } from './preview.ts';
import { createChangeSignal } from './signal.ts';
import { snapshotOf } from './snapshot.ts';
import { type WhySource, watchWhy } from './why.ts';
import { type WorkloadsSource, watchWorkloads } from './workloads.ts';

type CreateInput = Parameters<FederationsService['create']>[0];

export interface Federations extends FederationsService, FederationMembership {
  /** In-process, of the federation's own API server; throws AppError NOT_FOUND, or why it is not running. */
  client(id: string): KubeClient;
  /** Resolves when every federation runs or has been found abnormal. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export function createFederations(deps: FederationsDeps): Federations {
  const { repository, clusters, log } = deps;
  const running = new Map<string, EmbeddedFederation>();
  const changes = createChangeSignal();
  let unsubscribe: () => void = () => {};

  function need(id: string): FederationRecord {
    const record = repository.get(id);
    if (record === undefined) throw new AppError('NOT_FOUND', `no federation ${id}`, { params: { id } });
    return record;
  }
  function engineOf(id: string): EmbeddedFederation {
    const engine = running.get(need(id).id);
    if (engine === undefined)
      throw new AppError('ENGINE_UNAVAILABLE', 'the federation has not been started', { retryable: true });
    return engine;
  }
  function make(record: FederationRecord): EmbeddedFederation {
    const engine = createEmbedded(record, deps, changes.changed);
    running.set(record.id, engine);
    engine.setMembers(membersOf(record));
    return engine;
  }
  const membersOf = (record: FederationRecord): Cluster[] =>
    record.clusterIds.map((id) => clusters.get(id)).filter((cluster): cluster is Cluster => cluster !== undefined);
  const view = (record: FederationRecord): Federation => {
    const engine = running.get(record.id) ?? createEmbedded(record, deps, () => {});
    return engine.view(record);
  };

  function change(id: string, fields: Parameters<typeof repository.update>[1]): Federation {
    const record = repository.update(id, fields);
    running.get(id)?.setMembers(membersOf(record));
    if (fields.failover !== undefined) running.get(id)?.setFailover(failoverOf(record));
    changes.changed();
    return view(record);
  }

  async function finishRemoval(record: FederationRecord): Promise<void> {
    const engine = running.get(record.id) ?? createEmbedded(record, deps, () => {});
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

  async function join({ id, fleetId }: { id: string; fleetId: string }): Promise<Federation> {
    const record = need(id);
    const fleet = deps.fleets().get(fleetId);
    if (fleet === undefined) throw new AppError('NOT_FOUND', `no fleet ${fleetId}`, { params: { id: fleetId } });
    if (record.fleetId !== null && record.fleetId !== fleetId)
      throw new AppError('REFUSED', `federation ${record.name} has another fleet`, {
        params: { name: record.name },
        hint: 'hints.federationHasFleet',
      });
    const joined = deps.fleets().setFederation(fleetId, id);
    return change(id, { fleetId, clusterIds: joined.clusterIds });
  }

  async function leave({ id }: { id: string }): Promise<Federation> {
    const record = need(id);
    if (record.fleetId !== null && deps.fleets().get(record.fleetId) !== undefined)
      deps.fleets().setFederation(record.fleetId, null);
    return change(id, { fleetId: null, clusterIds: [] });
  }

  async function remove(id: string): Promise<void> {
    const record = need(id);
    if (record.deletionProtection) throw refused(record, 'is protected against deletion', 'deletionProtection');
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
      const record = need(id);
      return change(id, {
        ...(deletionProtection === undefined ? {} : { deletionProtection }),
        ...(failover === undefined ? {} : { failover: { ...record.failover, ...failover } }),
      });
    },
    remove,
    join,
    leave,
    workloads: ({ id }, signal) => watchWorkloads(workloadsSource(engineOf(id)), signal),
    why: ({ id, object }, signal) => watchWhy(object, whySource(engineOf(id)), signal),
    journal: ({ id, limit }, signal) => watchJournal(engineOf(id), limit, signal),
    whatIf: async ({ id, changes }) => whatIf(snapshotOf(engineOf(id).controlPlane()), changes),
    preview: async (input) => {
      const engine = engineOf(input.federationId);
      return preview(input, engine.controlPlane(), engine.client());
    },
    distribute: async (input) => {
      const engine = engineOf(input.federationId);
      return { created: await distribute(input, engine.controlPlane(), engine.client()) };
    },
    async fleetChanged(federationId, clusterIds) {
      if (repository.get(federationId) !== undefined) change(federationId, { clusterIds });
    },
    client: (id) => engineOf(id).client(),
    start,
    async close() {
      unsubscribe();
      changes.close();
      await Promise.all([...running.values()].map((engine) => engine.stop()));
    },
  };
}

function workloadsSource(engine: EmbeddedFederation): WorkloadsSource {
  return { plane: engine.controlPlane(), repairsOf: engine.journal.repairsOf, onJournal: engine.onJournal };
}

function whySource(engine: EmbeddedFederation): WhySource {
  return {
    plane: engine.controlPlane(),
    journal: (object, limit) => engine.journal.list({ object, limit }),
    onJournal: engine.onJournal,
  };
}

async function* watchJournal(
  engine: EmbeddedFederation,
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
