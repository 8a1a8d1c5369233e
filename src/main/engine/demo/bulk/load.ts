/** Fills a cluster with so many running pods at once, past its controllers, which then find nothing to do. */
import type { ApiServer } from '#engine/apiserver/index.ts';
import { isAlreadyExists, type KubeClient } from '#engine/kube/index.ts';
import { AppError } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { inBatches } from '../controllers/common.ts';
import { PER_SLICE } from '../controllers/endpoint-objects.ts';
import { leaseObject } from '../controllers/nodes.ts';
import { nodeObject, nodeStatus } from '../profiles/node-object.ts';
import type { ClusterProfile } from '../profiles/profile.ts';
import { namespaceOf } from '../sim/objects.ts';
import { DEPLOYMENTS, NAMESPACES, PODS, SERVICES } from '../sim/refs.ts';
import { buildEndpoints, buildWorkload, Placement, type Prototype } from './build.ts';
import { type PlannedWorkload, planWorkloads } from './plan.ts';
import { TEMPLATES } from './templates.ts';

/** Requests under way at once: they share transactions. */
const AT_ONCE = 64;
/** Revisions a Deployment can go back to. Ten of each of thousands would be as many ReplicaSets as there are pods. */
const OLD_REVISIONS = 3;
/** Left for the node agents and what a person adds. */
const RESERVED_PER_NODE = 5;

/**
 * Safe to repeat after an interruption: names and uids follow from the seed, what is there stays. `progress` is told how
 * many of the pods are stored, with all that belongs to them.
 */
export async function fillCluster(
  server: ApiServer,
  profile: ClusterProfile,
  pods: number,
  now: number,
  progress: (stored: number, total: number) => void = () => undefined,
): Promise<void> {
  checkRoom(profile, pods);
  const client = server.client('kube-controller-manager');
  const seed = `${profile.seed}/${profile.index}`;
  const plan = planWorkloads(seed, pods, TEMPLATES.length);
  const namespaces = [...new Set(plan.map(({ namespace }) => namespace))];
  await inBatches(
    namespaces.length,
    (index) => create(client, NAMESPACES, namespaceObject(namespaces[index] ?? '')),
    AT_ONCE,
  );
  // Pods are made as soon as churn begins; the namespace controller would come to these one after the other.
  await server.load(namespaces.map(defaultAccount));
  const prototypes = await Promise.all(TEMPLATES.map((_, index) => prototypeOf(client, index)));
  const services = new Map<PlannedWorkload, KubeObject>();
  const served = plan.filter((workload) => workload.served);
  await inBatches(
    served.length,
    async (index) => {
      const workload = served[index];
      if (workload === undefined) return;
      await create(client, SERVICES, serviceObject(workload));
      const { namespace, name } = workload;
      services.set(workload, await client.get(SERVICES, name, { namespace }));
    },
    AT_ONCE,
  );
  await server.load(nodesOf(profile, now));
  const placement = new Placement({ ...profile, nodes: profile.nodes.filter((node) => !node.controlPlane) });
  const zones = new Map(profile.nodes.map((node) => [node.name, node.zone]));

  progress(0, pods);
  let built = 0;
  function* objects(): Generator<KubeObject> {
    for (const workload of plan) {
      const prototype = prototypes[workload.template];
      if (prototype === undefined) throw new RangeError(`no template ${workload.template}`);
      const made = buildWorkload(workload, prototype, placement, seed, now);
      yield made.deployment;
      yield made.replicaSet;
      yield* made.pods;
      built += made.pods.length;
      const service = services.get(workload);
      if (service === undefined) continue;
      yield* buildEndpoints(service, made.pods, (pod) => zones.get(pod.spec?.nodeName ?? ''), seed, PER_SLICE);
    }
  }
  await server.load(objects(), () => progress(built, pods));
}

/** @throws AppError INVALID when the nodes cannot hold so many pods beside their agents and examples. */
function checkRoom(profile: ClusterProfile, pods: number): void {
  const nodes = profile.nodes.filter((node) => !node.controlPlane);
  const each = Math.min(...nodes.map((node) => node.machine.pods)) - RESERVED_PER_NODE;
  if (pods <= nodes.length * each) return;
  const message = `${nodes.length} nodes of ${profile.name} hold ${nodes.length * each} pods at most, not ${pods}: more nodes are needed`;
  throw new AppError('INVALID', message, { params: { field: 'pods' } });
}

/** Nodes with their leases: a thousand of these one after the other would be the first minute of the cluster. */
function* nodesOf(profile: ClusterProfile, now: number): Generator<KubeObject> {
  for (const node of profile.nodes) {
    yield { ...nodeObject(profile, node), status: nodeStatus(profile, node, now) as KubeObject['status'] };
    yield leaseObject(node.name, now);
  }
}

/** What the API makes of the template: defaults, service account, tolerations, priority, quality of service. */
async function prototypeOf(client: KubeClient, index: number): Promise<Prototype> {
  const labels = { 'app.kubernetes.io/name': 'prototype' };
  const template = { metadata: { labels }, spec: TEMPLATES[index]?.spec };
  const metadata = { name: `prototype-${index}`, namespace: 'default', labels };
  const dryRun = { namespace: 'default', dryRun: true };
  const [deployment, pod] = await Promise.all([
    client.create(
      DEPLOYMENTS,
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata,
        spec: { replicas: 1, revisionHistoryLimit: OLD_REVISIONS, selector: { matchLabels: labels }, template },
      },
      dryRun,
    ),
    client.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec }, dryRun),
  ]);
  return { deployment: bare(deployment), pod: bare(pod) };
}

/** Without what belongs to the one object; who manages which field is not told for objects nobody wrote. */
function bare(object: KubeObject): KubeObject {
  const { managedFields: _fields, resourceVersion: _version, uid: _uid, ...metadata } = object.metadata;
  return { ...object, metadata };
}

async function create(client: KubeClient, ref: typeof PODS, object: KubeObject): Promise<void> {
  try {
    await client.create(ref, object, { namespace: namespaceOf(object) });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

function namespaceObject(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

function defaultAccount(namespace: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } };
}

function serviceObject({ namespace, name, template }: PlannedWorkload): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/name': name } },
    spec: {
      selector: { 'app.kubernetes.io/name': name },
      ports: [{ name: 'http', port: TEMPLATES[template]?.port ?? 80, targetPort: 'http', protocol: 'TCP' }],
    },
  };
}
