/**
 * One simulated cluster: an embedded API server with the controllers, scheduler and kubelets of a real one behind it.
 * All its state is in its folder; what a reconciler needs to know it reads from there, so a restart goes on.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { NAMESPACE_DELAY_MS, type PodBackend, refuse, startApiServer } from '#engine/apiserver/index.ts';
import { ApiError, createInformer, isAlreadyExists, type KubeClient } from '#engine/kube/index.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { fillCluster } from './bulk/load.ts';
import { runAttachDetach } from './controllers/attach-detach.ts';
import { runAutoscalers } from './controllers/autoscaler.ts';
import { runChurn } from './controllers/churn.ts';
import { runControlPlane } from './controllers/control-plane.ts';
import { runCronJobs } from './controllers/cron-job.ts';
import { runDaemonSets } from './controllers/daemon-set.ts';
import { runDeployments } from './controllers/deployment.ts';
import { runDisruptionBudgets } from './controllers/disruption-budget.ts';
import { runEndpointMirroring } from './controllers/endpoint-mirroring.ts';
import { runEndpoints } from './controllers/endpoints.ts';
import { runIngresses } from './controllers/ingresses.ts';
import { runJobs } from './controllers/job.ts';
import { runNodeConditions } from './controllers/node-conditions.ts';
import { runNodeHealth } from './controllers/node-health.ts';
import { runNodeIncidents } from './controllers/node-incidents.ts';
import { runNodeTtl } from './controllers/node-ttl.ts';
import { registerNodes, runNodes } from './controllers/nodes.ts';
import { runReplicaSets, runReplicationControllers } from './controllers/replica-set.ts';
import { runResourceClaims } from './controllers/resource-claims.ts';
import { runScheduler } from './controllers/scheduler.ts';
import { runServices } from './controllers/services.ts';
import { runStatefulSets } from './controllers/stateful-set.ts';
import { runTaintEviction } from './controllers/taint-eviction.ts';
import { runVolumeAttributes } from './controllers/volume-attributes.ts';
import { runVolumeGrowth } from './controllers/volume-growth.ts';
import { runVolumeReclaim } from './controllers/volume-reclaim.ts';
import { runVolumes } from './controllers/volumes.ts';
import { behaviourAdmission } from './faults/admission.ts';
import { type ClusterFaults, createClusterFaults } from './faults/cluster-faults.ts';
import { runKubelets } from './kubelet/kubelet.ts';
import { minorOf } from './profiles/node-object.ts';
import { type ClusterProfile, createProfile, withNodes } from './profiles/profile.ts';
import { Runtime } from './runtime/backend.ts';
import { seedObjects } from './seed.ts';
import { Cache, type IndexBy } from './sim/cache.ts';
import { createEventRecorder } from './sim/events.ts';
import {
  NAMESPACE_INDEX,
  OWNER_INDEX,
  POD_INDEXES,
  podsInNamespace,
  REPLICA_SET_INDEXES,
  SLICE_INDEXES,
} from './sim/indexes.ts';
import { seededLots } from './sim/lots.ts';
import { createMachines } from './sim/machines.ts';
import { createRandom } from './sim/random.ts';
import * as refs from './sim/refs.ts';
import type { Caches, Controller, World } from './sim/world.ts';
import type { DemoCluster, StartProgress } from './types.ts';
import { Meter } from './usage/meter.ts';
import { metricsApi } from './usage/metrics-api.ts';

export interface SimulatedClusterOptions {
  dir: string;
  index: number;
  seed: number;
  nodes: number | undefined;
  /** At the first start. */
  pods: number;
  churn: number;
  pace: number;
  report(error: unknown, where: string): void;
  onProgress(progress: StartProgress): void;
}

export interface SimulatedCluster {
  readonly info: DemoCluster;
  /** Acts as an administrator, in-process. */
  client(fieldManager: string): KubeClient;
  readonly faults: ClusterFaults;
  /** Begins the churn. */
  settled(): void;
  close(): Promise<void>;
}

/** Plugins of the API server that came with a version. */
const NEWER_ADMISSION: readonly (readonly [name: string, since: number])[] = [
  ['PodTopologyLabels', 35],
  ['PodResizeValidator', 36],
];

/** Where something keeps them from being made, the cluster starts all the same. */
const PODS_MADE_WITHIN_MS = 2000;

const CONTROLLERS: ((world: World) => Controller)[] = [
  runControlPlane,
  runNodes,
  runNodeHealth,
  runNodeConditions,
  runNodeTtl,
  runNodeIncidents,
  runTaintEviction,
  runVolumes,
  runVolumeReclaim,
  runVolumeGrowth,
  runVolumeAttributes,
  runAttachDetach,
  runServices,
  runEndpoints,
  runEndpointMirroring,
  runIngresses,
  runDeployments,
  runReplicaSets,
  runReplicationControllers,
  runDaemonSets,
  runStatefulSets,
  runJobs,
  runCronJobs,
  runDisruptionBudgets,
  runAutoscalers,
  runResourceClaims,
  runKubelets,
];

/** Resolves when the API server answers, the nodes are registered and the controllers run. */
export async function startCluster(options: SimulatedClusterOptions): Promise<SimulatedCluster> {
  const expected = createProfile(options);
  const home = path.join(options.dir, expected.name);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const known = readProfile(home);
  const profile = known === null ? expected : withNodes(known, options.nodes ?? known.nodes.length);
  const report = (error: unknown, where: string) => options.report(error, `${profile.name}: ${where}`);
  let world: World | undefined;
  let runtime: Runtime | undefined;
  const lots = seededLots(profile.seed, profile.index);
  // What was made before goes on as any cluster does.
  if (known !== null) lots.end();
  const server = await startApiServer({
    dir: home,
    name: profile.name,
    version: profile.version,
    // Jobs and disruption budgets are looked after by the simulation itself.
    controllers: ['*', '-ttl-after-finished-controller'],
    namespaceDelayMs: NAMESPACE_DELAY_MS,
    pods: behind(() => runtime),
    chance: lots.draw,
    disableAdmission: NEWER_ADMISSION.flatMap(([name, since]) => (minorOf(profile.version) < since ? [name] : [])),
    admission: [
      behaviourAdmission((namespace) => (world === undefined ? [] : podsInNamespace(world.caches, namespace))),
    ],
    aggregated: [metricsApi(() => world)],
    onError: (error, where) => report(error, where),
  });
  let faults: ClusterFaults;
  let live: World;
  let churning = false;
  const running: { stop(): Promise<void> | void }[] = [];
  try {
    // Reconcilers treat what they read as theirs to look at alone, and write new objects.
    const sharing = (name: string): KubeClient => server.client(name, { shares: true });
    const manager = sharing('kube-controller-manager');
    const progress = (stored: number, total: number, up = false): void =>
      options.onProgress({ cluster: profile.name, stored, total, up });
    if (known === null && options.pods > 0) await fillCluster(server, profile, options.pods, Date.now(), progress);
    const caches = createCaches(manager, report);
    running.push({
      stop: () => {
        for (const cache of Object.values(caches) as Cache[]) cache.stop();
      },
    });
    await Promise.all(Object.values(caches).map((cache: Cache) => cache.synced));
    const made: World = {
      profile,
      clients: { manager, scheduler: sharing('kube-scheduler'), kubelet: sharing('kubelet') },
      api: (user) => server.transport('curl', user),
      caches,
      machines: createMachines(profile, caches.nodes),
      events: createEventRecorder({ client: manager, now: Date.now, report }),
      signals: {
        terminate: () => undefined,
        outcome: async () => null,
        lives: () => false,
        begin: async () => undefined,
        probe: async () => ({ failure: null, settled: true }),
        hook: async () => true,
        lastWords: async () => '',
        told: async () => undefined,
        mountTrouble: async () => null,
        storage: async () => null,
        touched: () => undefined,
      },
      meter: new Meter(profile, caches, Date.now),
      random: createRandom('world', profile.seed, profile.index, Date.now()),
      pace: options.pace,
      now: Date.now,
      report,
    };
    world = made;
    live = made;
    runtime = new Runtime(made);
    running.push(made.events, runtime);
    await registerNodes(made);
    if (known === null) await seed(manager, seedObjects(profile), report);
    writeProfile(home, profile);
    for (const run of CONTROLLERS) running.push(run(made));
    // Which pod finds which node depends on which comes first: of a new cluster the seed decides, not this machine's haste.
    if (known === null) await podsMade(caches);
    running.push(runScheduler(made));
    faults = await createClusterFaults({
      home,
      cluster: profile.name,
      server,
      client: server.client('fleetdeck-demo'),
      caches,
      now: Date.now,
      report,
    });
    running.push({ stop: () => faults.close() });
    progress(0, 0, true);
  } catch (error) {
    await stopAll(running);
    await server.close();
    throw error;
  }
  return {
    info: {
      name: profile.name,
      provider: profile.provider,
      region: profile.region,
      zones: profile.zones,
      version: profile.version,
      server: server.server,
      kubeconfig: writeKubeconfig(options.dir, profile.name, server.kubeconfig()),
    },
    client: (fieldManager) => server.client(fieldManager),
    faults,
    settled() {
      if (churning) return;
      churning = true;
      lots.end();
      running.push(runChurn(live, options.churn));
    },
    async close() {
      await stopAll(running);
      await server.close();
    },
  };
}

/** Resolves when the workloads that a cluster begins with have their first pods, or after a while. */
async function podsMade({ deployments, daemonSets, statefulSets }: Caches): Promise<void> {
  const made = (): boolean =>
    deployments.list().every(({ spec, status }) => status?.replicas === spec?.replicas) &&
    daemonSets.list().every(({ status }) => (status?.desiredNumberScheduled ?? 0) > 0) &&
    statefulSets.list().every(({ status }) => (status?.replicas ?? 0) > 0);
  const late = Date.now() + PODS_MADE_WITHIN_MS;
  while (!made() && Date.now() < late) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** The server is there before what it asks: nothing runs yet. */
function behind(runtime: () => Runtime | undefined): PodBackend {
  const ready = (): Runtime => {
    const found = runtime();
    if (found === undefined) throw refuse(503, 'ServiceUnavailable', 'the nodes of this cluster are still starting');
    return found;
  };
  return {
    logs: (...args) => ready().logs(...args),
    exec: async (...args) => await ready().exec(...args),
    attach: async (...args) => await ready().attach(...args),
    portForward: async (...args) => await ready().portForward(...args),
    proxy: async (request) => await ready().proxy(request),
  };
}

/** Controllers before the caches they read. */
async function stopAll(running: { stop(): Promise<void> | void }[]): Promise<void> {
  const [caches, ...rest] = running;
  await Promise.all(rest.map((one) => one.stop()));
  await caches?.stop();
}

function createCaches(client: KubeClient, report: World['report']): Caches {
  const cache = (resource: ResourceRef, indexes: Readonly<Record<string, IndexBy>> = {}): Cache =>
    new Cache(createInformer({ client, resource }), (error) => report(error, `watch of ${resource.resource}`), indexes);
  return {
    pods: cache(refs.PODS, POD_INDEXES),
    nodes: cache(refs.NODES),
    services: cache(refs.SERVICES, NAMESPACE_INDEX),
    endpoints: cache(refs.ENDPOINTS),
    endpointSlices: cache(refs.ENDPOINT_SLICES, SLICE_INDEXES),
    deployments: cache(refs.DEPLOYMENTS, NAMESPACE_INDEX),
    replicaSets: cache(refs.REPLICA_SETS, REPLICA_SET_INDEXES),
    replicationControllers: cache(refs.REPLICATION_CONTROLLERS, NAMESPACE_INDEX),
    daemonSets: cache(refs.DAEMON_SETS, NAMESPACE_INDEX),
    statefulSets: cache(refs.STATEFUL_SETS, NAMESPACE_INDEX),
    jobs: cache(refs.JOBS, NAMESPACE_INDEX),
    cronJobs: cache(refs.CRON_JOBS),
    volumeClaims: cache(refs.VOLUME_CLAIMS),
    volumes: cache(refs.VOLUMES),
    volumeAttachments: cache(refs.VOLUME_ATTACHMENTS),
    csiNodes: cache(refs.CSI_NODES),
    storageClasses: cache(refs.STORAGE_CLASSES),
    volumeAttributesClasses: cache(refs.VOLUME_ATTRIBUTES_CLASSES),
    namespaces: cache(refs.NAMESPACES),
    disruptionBudgets: cache(refs.DISRUPTION_BUDGETS, NAMESPACE_INDEX),
    revisions: cache(refs.CONTROLLER_REVISIONS, REPLICA_SET_INDEXES),
    autoscalers: cache(refs.AUTOSCALERS),
    ingresses: cache(refs.INGRESSES, NAMESPACE_INDEX),
    ingressClasses: cache(refs.INGRESS_CLASSES),
    networkPolicies: cache(refs.NETWORK_POLICIES),
    resourceClaims: cache(refs.RESOURCE_CLAIMS, OWNER_INDEX),
    resourceClaimTemplates: cache(refs.RESOURCE_CLAIM_TEMPLATES),
  };
}

const RESOURCES: Record<string, ResourceRef> = {
  Namespace: refs.NAMESPACES,
  ServiceAccount: refs.SERVICE_ACCOUNTS,
  ConfigMap: refs.CONFIG_MAPS,
  Service: refs.SERVICES,
  Endpoints: refs.ENDPOINTS,
  EndpointSlice: refs.ENDPOINT_SLICES,
  Deployment: refs.DEPLOYMENTS,
  DaemonSet: refs.DAEMON_SETS,
  StatefulSet: refs.STATEFUL_SETS,
  CronJob: refs.CRON_JOBS,
  StorageClass: refs.STORAGE_CLASSES,
  CSIDriver: refs.CSI_DRIVERS,
};

/** A start that was interrupted here begins again: what exists is left as it is. */
async function seed(client: KubeClient, objects: readonly KubeObject[], report: World['report']): Promise<void> {
  for (const object of objects) {
    const ref = RESOURCES[object.kind];
    if (ref === undefined) throw new Error(`no resource for kind ${object.kind}`);
    try {
      await client.create(ref, object, { fieldManager: 'kubectl-client-side-apply' });
    } catch (error) {
      if (isAlreadyExists(error)) continue;
      // A cluster without one of its examples is still a cluster.
      if (!(error instanceof ApiError) || error.status >= 500) throw error;
      report(error, `example ${object.kind} ${object.metadata.name}`);
    }
  }
}

const PROFILE_FILE = 'profile.json';

/** Written last in a first start: a folder without it has not been filled yet. */
function readProfile(home: string): ClusterProfile | null {
  try {
    return JSON.parse(readFileSync(path.join(home, PROFILE_FILE), 'utf8')) as ClusterProfile;
  } catch {
    return null;
  }
}

function writeProfile(home: string, profile: ClusterProfile): void {
  writeWhole(path.join(home, PROFILE_FILE), `${JSON.stringify(profile, null, 2)}\n`);
}

function writeKubeconfig(dir: string, name: string, text: string): string {
  const folder = path.join(path.resolve(dir), 'kubeconfigs');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, `${name}.yaml`);
  writeWhole(file, text);
  return file;
}

/** Readers see the old file or the new one, never half of it. */
function writeWhole(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.new`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, file);
}
