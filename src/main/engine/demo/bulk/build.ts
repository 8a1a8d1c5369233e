/**
 * The objects of one planned workload as its controllers, the scheduler and kubelet would have left them: Deployment,
 * ReplicaSet, running pods, endpoints. Built from prototypes that went through the API once, so that defaults and
 * admission are those of the server; specs are shared between the pods of a template. Pure.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { DESIRED, MAXIMUM } from '../controllers/deployment.ts';
import { REVISION } from '../controllers/deployment-revision.ts';
import { deploymentStatus } from '../controllers/deployment-status.ts';
import { newSlice, sliceGroups, subsetsOf } from '../controllers/endpoint-objects.ts';
import { rollingLimits } from '../controllers/rollout.ts';
import { imageId, parseImage } from '../kubelet/images.ts';
import { newRun } from '../kubelet/run.ts';
import { podStatus } from '../kubelet/status.ts';
import { minorOf } from '../profiles/node-object.ts';
import type { ClusterProfile, NodeProfile } from '../profiles/profile.ts';
import { uuid } from '../profiles/providers.ts';
import { controllerReference, nameOf, templateHash, timeText } from '../sim/objects.ts';
import { createRandom, HEX, type Random, SAFE_ALPHABET } from '../sim/random.ts';
import type { PlannedWorkload } from './plan.ts';

/** A Deployment and a Pod of one template as the API server would store them. */
export interface Prototype {
  deployment: KubeObject;
  pod: KubeObject;
}

/** Gives out nodes in turn, and addresses on them. */
export class Placement {
  /** Of the cluster, and so of its kubelets. */
  readonly minor: number;
  readonly #nodes: readonly NodeProfile[];
  readonly #last = new Map<string, number>();
  #next = 0;

  constructor({ nodes, version }: Pick<ClusterProfile, 'nodes' | 'version'>) {
    this.#nodes = nodes;
    this.minor = minorOf(version);
  }

  /** @throws RangeError when a node has no address left. */
  take(): { node: NodeProfile; ip: string } {
    const node = this.#nodes[this.#next % this.#nodes.length];
    if (node === undefined) throw new RangeError('no nodes');
    this.#next += 1;
    const host = (this.#last.get(node.name) ?? 1) + 1;
    if (host > 254) throw new RangeError(`no address left on ${node.name}`);
    this.#last.set(node.name, host);
    return { node, ip: `${node.podCidr.slice(0, node.podCidr.lastIndexOf('.'))}.${host}` };
  }
}

const LABEL = 'app.kubernetes.io/name';

export function buildWorkload(
  plan: PlannedWorkload,
  prototype: Prototype,
  placement: Placement,
  seed: string,
  now: number,
): { deployment: KubeObject; replicaSet: KubeObject; pods: KubeObject[] } {
  const random = createRandom('workload', seed, plan.namespace, plan.name);
  const since = now - plan.ageMs;
  const labels = { [LABEL]: plan.name, 'app.kubernetes.io/managed-by': 'bulk' };
  const template: Json = { ...prototype.deployment.spec?.template, metadata: { labels } };
  const deployment: KubeObject = {
    ...prototype.deployment,
    metadata: {
      ...prototype.deployment.metadata,
      ...identity(plan.namespace, plan.name, random, since),
      labels,
      annotations: { [REVISION]: '1' },
      generation: 1,
    },
    spec: { ...prototype.deployment.spec, replicas: plan.replicas, selector: { matchLabels: labels }, template },
  };
  const replicaSet = replicaSetOf(deployment, random, since);
  const pods = Array.from({ length: plan.replicas }, () =>
    runningPod(replicaSet, prototype.pod, placement, random, since),
  );
  deployment.status = deploymentStatus(deployment, [replicaSet], replicaSet, 'rollout', since + 5000) as Json;
  return { deployment, replicaSet, pods };
}

function identity(namespace: string, name: string, random: Random, since: number) {
  return { name, namespace, uid: uuid(random), creationTimestamp: timeText(since) };
}

function replicaSetOf(deployment: KubeObject, random: Random, since: number): KubeObject {
  const replicas: number = deployment.spec?.replicas ?? 1;
  const template: Json = deployment.spec?.template;
  const hash = templateHash(template);
  const labels = { ...template.metadata.labels, 'pod-template-hash': hash };
  const { maxSurge } = rollingLimits(deployment.spec?.strategy?.rollingUpdate, replicas);
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      ...identity(deployment.metadata.namespace ?? '', `${nameOf(deployment)}-${hash}`, random, since),
      labels,
      annotations: { [REVISION]: '1', [DESIRED]: String(replicas), [MAXIMUM]: String(replicas + maxSurge) },
      generation: 1,
      ownerReferences: [controllerReference(deployment, 'apps/v1', 'Deployment')],
    },
    spec: { replicas, selector: { matchLabels: labels }, template: { ...template, metadata: { labels } } },
    status: {
      replicas,
      fullyLabeledReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      observedGeneration: 1,
    },
  };
}

function runningPod(
  set: KubeObject,
  prototype: KubeObject,
  placement: Placement,
  random: Random,
  since: number,
): KubeObject {
  const { node, ip } = placement.take();
  const pod: KubeObject = {
    ...prototype,
    metadata: {
      ...prototype.metadata,
      ...identity(set.metadata.namespace ?? '', `${nameOf(set)}-${random.text(5, SAFE_ALPHABET)}`, random, since),
      generateName: `${nameOf(set)}-`,
      labels: set.spec?.template.metadata.labels,
      ownerReferences: [controllerReference(set, 'apps/v1', 'ReplicaSet')],
    },
    spec: { ...prototype.spec, nodeName: node.name },
  };
  const run = newRun(pod, since, {
    pace: 0,
    minor: placement.minor,
    random,
    images: new Set(),
    allocateAddress: () => ip,
  });
  run.ip = ip;
  for (const container of run.containers) {
    const reference = parseImage(container.spec.image ?? '');
    container.step = 'running';
    container.waiting = null;
    container.startedAt = since + 2000;
    container.started = true;
    container.readyAt = since + 2500;
    container.containerId = `containerd://${random.text(64, HEX)}`;
    container.imageId = reference === null ? '' : imageId(reference);
  }
  pod.status = podStatus(pod, run, { ip: node.ip, minor: placement.minor }, since + 3000);
  return pod;
}

/** Slices and Endpoints of a Service over its pods, in the order the endpoint controller has them. */
export function buildEndpoints(
  service: KubeObject,
  pods: readonly KubeObject[],
  zoneOf: (pod: KubeObject) => string | undefined,
  seed: string,
  perSlice: number,
): KubeObject[] {
  const random = createRandom('endpoints', seed, service.metadata.namespace ?? '', nameOf(service));
  const sorted = [...pods].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  // The pods of one workload mean the same by every name.
  const { endpoints, ports } = sliceGroups(service, sorted, zoneOf)[0] ?? { endpoints: [], ports: [] };
  const slices: KubeObject[] = [];
  for (let i = 0; i < endpoints.length; i += perSlice) {
    const slice = newSlice(service, endpoints.slice(i, i + perSlice), ports);
    slice.metadata.name = `${nameOf(service)}-${random.text(5, SAFE_ALPHABET)}`;
    slice.metadata.uid = uuid(random);
    slices.push(slice);
  }
  slices.sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  // The controller compares slices in the order of their names.
  const chunks = slices.map((_, index) => endpoints.slice(index * perSlice, (index + 1) * perSlice));
  for (const [index, slice] of slices.entries()) slice.endpoints = chunks[index] as never;
  return [
    ...slices,
    {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: {
        name: nameOf(service),
        namespace: service.metadata.namespace,
        uid: uuid(random),
        labels: { ...service.metadata.labels, 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
      },
      subsets: subsetsOf(service, sorted),
    } as KubeObject,
  ];
}
