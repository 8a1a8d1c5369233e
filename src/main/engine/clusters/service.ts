/** The clusters service: what a person may ask of registered clusters, put together from the parts of this area. */
import type { ClustersService } from '#shared/contract/clusters.ts';
import { defaultKubeconfigPaths, filesBesideDefault } from '../kubeconfig/index.ts';
import { readContents } from './contents.ts';
import { deregister } from './deregistration.ts';
import { healthChecks } from './health-checks.ts';
import { closeInterrupted } from './operations.ts';
import { createReach } from './reach.ts';
import { createRegistration } from './registration.ts';
import { createRegistry } from './registry.ts';
import type { ClusterDirectory, ClusterReach, ClusterRecord, ClustersDeps } from './types.ts';

export interface Clusters extends ClustersService, ClusterDirectory, ClusterReach {
  /** Begins to look after the registered clusters; returns at once. */
  start(): void;
  close(): Promise<void>;
  /** Fleets changed: what clusters say of their fleet is told anew. */
  membershipChanged(): void;
}

export function createClusters(deps: ClustersDeps): Clusters {
  const { repository } = deps;
  const env = deps.env ?? process.env;
  const registry = createRegistry(deps);
  const { need, toCluster } = registry;

  closeInterrupted(repository);
  for (const record of repository.list()) {
    // A registration that the end of the engine cut off never came about.
    if (repository.transitions(record.id, 1)[0]?.to === 'creating') repository.remove(record.id);
    else registry.open(record, { state: 'pending', reason: null });
  }

  return {
    ...createRegistration(deps, registry),
    ...createReach(deps, registry),
    list: registry.list,
    get(id) {
      const entry = registry.entries.get(id);
      return entry === undefined ? undefined : toCluster(entry);
    },
    client: (id, priority = 'normal') => need(id).connection.client(priority),
    namespace: async (id) => {
      try {
        return (await need(id).source.entry()).namespace;
      } catch {
        // Whoever uses the cluster is told why.
        return null;
      }
    },
    subscribe: registry.subscribe,
    watch: registry.watch,
    membershipChanged: registry.membershipChanged,
    start: registry.start,
    close: registry.close,

    async defaultKubeconfigs() {
      const paths = defaultKubeconfigPaths(env, deps.home);
      const read = (path: string) => readContents({ kind: 'file', path }, registry.known);
      const beside = (await filesBesideDefault(deps.home)).filter((path) => !paths.includes(path));
      const [named, found] = await Promise.all([Promise.all(paths.map(read)), Promise.all(beside.map(read))]);
      return [
        ...named.filter(({ problem }) => problem?.params?.errno !== 'ENOENT'),
        // Nobody said that these are kubeconfigs.
        ...found.filter(({ problem }) => problem === null),
      ];
    },
    readKubeconfig: (source) => readContents(source, registry.known),

    async update({ id, approvedExec, deletionProtection, ...facts }) {
      const entry = need(id);
      const change: Partial<ClusterRecord> = {};
      if (deletionProtection !== undefined) change.deletionProtection = deletionProtection;
      if (approvedExec !== undefined) change.approvedExec = approvedExec;
      const corrected = new Set(entry.record.corrected);
      for (const field of ['type', 'provider', 'region', 'zones'] as const) {
        if (facts[field] === undefined) continue;
        Object.assign(change, { [field]: facts[field] });
        corrected.add(field);
      }
      registry.save(entry, { ...change, corrected: [...corrected] });
      const cluster = toCluster(entry);
      registry.tell('changed', cluster);
      return cluster;
    },
    unregister: (input) => deregister(deps, registry, input),
    transitions: (id) => repository.transitions(need(id).record.id, 200),
    operations: (id) => repository.operations(id, 500),
    health: (id) => need(id).connection.health(),
    healthChecks: (id) => healthChecks(need(id).connection.client('foreground')),
    async reconnect(id) {
      const entry = registry.needSettled(id);
      await entry.connection.reconnect();
      return toCluster(entry);
    },
  };
}
