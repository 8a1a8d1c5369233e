/**
 * Public face of fleets: named groups of clusters. A cluster is in one fleet at most; the clusters of a fleet that is
 * joined to a federation are that federation's members.
 */
import { randomUUID } from 'node:crypto';
import type { Fleet, FleetsService } from '#shared/contract/fleets.ts';
import { AppError } from '#shared/errors.ts';
import { createChangeSignal } from '../changes.ts';
import type { ClusterDirectory } from '../clusters/types.ts';
import type { FleetRepository } from '../store/index.ts';
import type { FederationMembership, FleetDirectory } from './types.ts';

export type { FederationMembership, FleetDirectory } from './types.ts';

export interface FleetsDeps {
  repository: FleetRepository;
  /** Functions, because clusters, fleets and federations know each other; called after all exist. */
  clusters: () => Pick<ClusterDirectory, 'get'>;
  membership: () => FederationMembership;
  /** Called after every change, before watchers hear of it. */
  onChange?: () => void;
}

export interface Fleets {
  service: FleetsService;
  directory: FleetDirectory;
  /**
   * At start, before federations run: a change that spans a fleet and its federation may have been cut in between. What
   * the federation does not know of is undone here; which clusters are members is told to it again.
   */
  reconcile(federations: readonly { id: string; fleetId: string | null }[]): Promise<void>;
}

export function createFleets(deps: FleetsDeps): Fleets {
  const { repository } = deps;
  const changes = createChangeSignal();
  function announce(): void {
    deps.onChange?.();
    changes.changed();
  }
  let queue: Promise<unknown> = Promise.resolve();

  /** One change at a time: membership asks the federation in between, and must not see another change half done. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  }

  function need(id: string): Fleet {
    const fleet = repository.get(id);
    if (fleet === undefined) throw new AppError('NOT_FOUND', `no fleet ${id}`, { params: { id } });
    return fleet;
  }

  /** The clusters that have to be added: known ones, in no other fleet; those already in this fleet are left out. */
  function joinable(clusterIds: readonly string[], fleetId: string | null): string[] {
    const wanted: string[] = [];
    for (const clusterId of new Set(clusterIds)) {
      const cluster = deps.clusters().get(clusterId);
      if (cluster === undefined)
        throw new AppError('NOT_FOUND', `no cluster ${clusterId}`, { params: { id: clusterId } });
      const present = repository.fleetOfCluster(clusterId);
      if (present === undefined) wanted.push(clusterId);
      else if (present.id !== fleetId)
        throw new AppError('REFUSED', `cluster ${cluster.name} is in fleet ${present.name}`, {
          cluster: cluster.name,
          params: { name: cluster.name, fleet: present.name },
          hint: 'hints.clusterInOtherFleet',
        });
    }
    return wanted;
  }

  /** Changes who is in a fleet and tells its federation; when that refuses, nothing has changed. */
  async function changeMembers(fleet: Fleet, apply: () => void, undo: () => void): Promise<Fleet> {
    apply();
    const after = need(fleet.id);
    if (after.federationId !== null) {
      try {
        await deps.membership().fleetChanged(after.federationId, after.clusterIds);
      } catch (error) {
        undo();
        throw error;
      }
    }
    announce();
    return after;
  }

  const service: FleetsService = {
    list: () => repository.list(),
    watch: (signal) => changes.watch(() => repository.list(), signal),
    create: (input) =>
      inTurn(async () => {
        const fleet: Fleet = {
          id: randomUUID(),
          name: input.name,
          description: input.description,
          clusterIds: joinable(input.clusterIds, null),
          federationId: null,
          deletionProtection: false,
          createdAt: new Date().toISOString(),
        };
        repository.insert(fleet);
        announce();
        return fleet;
      }),
    update: (input) =>
      inTurn(async () => {
        const fleet = need(input.id);
        repository.update({
          ...fleet,
          name: input.name ?? fleet.name,
          description: input.description ?? fleet.description,
          deletionProtection: input.deletionProtection ?? fleet.deletionProtection,
        });
        announce();
        return need(input.id);
      }),
    remove: (id) =>
      inTurn(async () => {
        const fleet = need(id);
        if (fleet.deletionProtection) throw refused(fleet, 'is protected against deletion', 'deletionProtection');
        if (fleet.federationId !== null) throw refused(fleet, 'is joined to a federation', 'fleetHasFederation');
        if (fleet.clusterIds.length > 0) throw refused(fleet, 'still has clusters', 'fleetNotEmpty');
        repository.remove(id);
        announce();
      }),
    addClusters: ({ id, clusterIds }) =>
      inTurn(async () => {
        const fleet = need(id);
        const added = joinable(clusterIds, id);
        if (added.length === 0) return fleet;
        return await changeMembers(
          fleet,
          () => repository.addClusters(id, added),
          () =>
            repository.transaction(() => {
              for (const clusterId of added) repository.removeCluster(id, clusterId);
            }),
        );
      }),
    removeCluster: ({ id, clusterId }) =>
      inTurn(async () => {
        const fleet = need(id);
        if (!fleet.clusterIds.includes(clusterId))
          throw new AppError('NOT_FOUND', `cluster ${clusterId} is not in fleet ${fleet.name}`, {
            params: { id: clusterId, fleet: fleet.name },
          });
        return await changeMembers(
          fleet,
          () => repository.removeCluster(id, clusterId),
          () => repository.addClusters(id, [clusterId]),
        );
      }),
  };

  const directory: FleetDirectory = {
    get: (id) => repository.get(id),
    fleetOfCluster: (clusterId) => repository.fleetOfCluster(clusterId),
    setFederation(fleetId, federationId) {
      const fleet = need(fleetId);
      if (federationId !== null && fleet.federationId !== null && fleet.federationId !== federationId)
        throw refused(fleet, 'belongs to another federation', 'fleetInOtherFederation');
      if (fleet.federationId !== federationId) {
        repository.update({ ...fleet, federationId });
        announce();
      }
      return need(fleetId);
    },
  };

  async function reconcile(federations: Parameters<Fleets['reconcile']>[0]): Promise<void> {
    for (const fleet of repository.list()) {
      if (fleet.federationId === null) continue;
      const known = federations.find((federation) => federation.id === fleet.federationId);
      if (known?.fleetId === fleet.id) await deps.membership().fleetChanged(known.id, fleet.clusterIds);
      else repository.update({ ...fleet, federationId: null });
    }
  }

  return { service, directory, reconcile };
}

function refused(fleet: Fleet, why: string, hint: string): AppError {
  return new AppError('REFUSED', `fleet ${fleet.name} ${why}`, { params: { name: fleet.name }, hint: `hints.${hint}` });
}
