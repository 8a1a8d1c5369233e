/** All controllers of one federation, started in the order in which they need each other. */
import type { Cluster } from '#shared/contract/clusters.ts';
import type { KubeClient } from '../../kube/index.ts';
import type { Log } from '../../types.ts';
import { DEFAULT_FAILOVER, type FailoverSettings } from '../failover/settings.ts';
import type { Customizations, Interpreter } from '../interpreter/index.ts';
import type { ManagerIdentity } from '../management/lease.ts';
import type { QuotaBook } from '../quota/book.ts';
import { startApplicationFailover } from './application-failover.ts';
import { bindingKeyOf } from './binding-build.ts';
import { createCache, type FederationCache } from './cache.ts';
import { type ClusterStatusTiming, startClusterStatus } from './cluster-status.ts';
import { startClusters } from './clusters.ts';
import type { Controller, FederationContext, Journal, Members } from './context.ts';
import { followCustomizations } from './customizations.ts';
import { startDependencies } from './dependencies.ts';
import { startDetector } from './detector.ts';
import { createEventRecorders } from './events.ts';
import { startExecution } from './execution.ts';
import { startGracefulEviction } from './graceful-eviction.ts';
import { type Management, startManagement } from './management.ts';
import { watchMemberObjects } from './member-objects.ts';
import { startNamespaces } from './namespaces.ts';
import { followOverrides, startPolicyController } from './policies.ts';
import { startQuotas } from './quotas.ts';
import { startRebalancer } from './rebalancer.ts';
import { startRemedies } from './remedies.ts';
import { startScheduler } from './scheduler.ts';
import { startStatus } from './status.ts';
import { startTaintEviction } from './taint-eviction.ts';
import { startTaintPolicies } from './taint-policies.ts';
import { type Templates, watchTemplates } from './templates.ts';
import { startWorks } from './works.ts';

export interface ControlPlane {
  readonly cache: FederationCache;
  readonly templates: Templates;
  readonly interpreter: Interpreter;
  /** Who manages the members; null where others do that. */
  readonly management: Pick<Management, 'of' | 'takeOver'> | null;
  /** What admission asks before a placement is written; null where others admit. */
  readonly quotas: QuotaBook | null;
  /** The registered clusters that shall be members. */
  setMembers(clusters: readonly Cluster[]): void;
  /** The connection to a member has changed: look at it and try what failed there. */
  refresh(cluster: string): void;
  readonly failover: FailoverSettings;
  /** What shall happen when members or workloads fail; takes effect at once. */
  setFailover(settings: FailoverSettings): void;
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  client: KubeClient;
  members: Members;
  log: Log;
  journal: Journal;
  customizations: Customizations;
  manager: ManagerIdentity;
  clusterStatus?: Partial<ClusterStatusTiming>;
  failover?: FailoverSettings;
}

/** Resolves when the caches are filled and every controller works. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { client, members, log } = options;
  const cache = createCache(client);
  const context: FederationContext = {
    client,
    members,
    cache,
    events: createEventRecorders(client),
    journal: options.journal,
    interpreter: options.customizations,
    manager: options.manager,
    log,
  };
  let failover = options.failover ?? DEFAULT_FAILOVER;
  const running: Controller[] = [];
  const start = <T extends Controller>(controller: T): T => {
    running.push(controller);
    return controller;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(running.reverse().map((controller) => controller.stop()));
    cache.stop();
  };
  try {
    await cache.synced;
    const customizations = start(followCustomizations(context, options.customizations));
    await customizations.ready;
    const templates = start(watchTemplates(context));
    await templates.ready;
    const objects = start(watchMemberObjects(context));
    const works = start(startWorks(context, templates));
    const detector = start(startDetector(context, templates, works.enqueue));
    start(startPolicyController(context, templates, detector));
    followOverrides(context, templates, works.enqueue);
    const quotas = start(startQuotas(context));
    await quotas.ready;
    start(startScheduler(context, templates, quotas));
    const dependencies = start(startDependencies(context, templates));
    const management = start(startManagement(context));
    const execution = start(startExecution(context, objects, management));
    management.subscribe(execution.retry);
    const statuses = start(startStatus(context, templates, objects));
    start(startNamespaces(context));
    const settings = (): FailoverSettings => failover;
    const evictions = [
      start(startTaintEviction(context, templates, settings)),
      start(startGracefulEviction(context, templates, settings)),
      start(startApplicationFailover(context, templates, settings)),
    ];
    start(startRebalancer(context));
    start(startTaintPolicies(context));
    start(startRemedies(context));
    const status = start(startClusterStatus(context, settings, options.clusterStatus));
    const clusters = start(startClusters(context, management));
    cache.clusters.subscribe({ onDelete: (_, name) => objects.forget(name) });
    const refresh = (cluster: string): void => {
      status.refresh(cluster);
      management.refresh(cluster);
      execution.retry(cluster);
    };
    customizations.subscribe(({ apiVersion, kind }) => {
      for (const template of templates.all({ apiVersion, kind })) {
        detector.enqueue(template);
        works.enqueue(bindingKeyOf(template));
      }
      dependencies.review(apiVersion, kind);
      statuses.review(apiVersion, kind);
    });
    const setFailover = (next: FailoverSettings): void => {
      failover = next;
      for (const name of cache.clusters.items.keys()) status.refresh(name);
      for (const controller of evictions) controller.review();
    };
    return {
      cache,
      templates,
      interpreter: options.customizations,
      management,
      quotas: quotas.book,
      get failover() {
        return failover;
      },
      setMembers: clusters.setMembers,
      refresh,
      setFailover,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
