/** DaemonSet to Pods: one on every node that fits, replaced a few at a time when the template changes. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { SLOWEST_PACE } from '../kubelet/back-off.ts';
import { runController } from '../sim/controller.ts';
import { podsOf } from '../sim/indexes.ts';
import {
  controllerReference,
  isDeleting,
  nameOf,
  namespaceOf,
  podTemplateToPod,
  sameValue,
  uidOf,
} from '../sim/objects.ts';
import { isAvailable, isFinished } from '../sim/pods.ts';
import { intOrPercent } from '../sim/quantities.ts';
import { DAEMON_SETS, PODS } from '../sim/refs.ts';
import { matchesSelector, type Taint, tolerates } from '../sim/selectors.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { claimObjects, selectingKeys } from './claim.ts';
import { createPod, inBatches, ownerKeys, removePod, slowStart } from './common.ts';
import { countsOf, oldestFirst, podsByNode, replaceStep, type Step, surgeStep, tooMany } from './daemon-rollout.ts';
import { FailureBackOff } from './failure-back-off.ts';
import { matchesNodeAffinity } from './fit-topology.ts';
import { HASH_LABEL, keepRevision, type Revision } from './revisions.ts';

const COMPONENT = 'daemonset-controller';
/** Raised by the API server with every change of the template. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';
const GENERATION_LABEL = 'pod-template-generation';
/** How long a set waits before it replaces a pod that keeps failing on one node. */
const FIRST_PAUSE_S = 1;
const LONGEST_PAUSE_S = 900;

export function runDaemonSets(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;
  const secondMs = 1000 * Math.max(world.pace, SLOWEST_PACE);
  const failures = new FailureBackOff(FIRST_PAUSE_S * secondMs, LONGEST_PAUSE_S * secondMs);

  async function reconcile(key: string): Promise<number | undefined> {
    const set = caches.daemonSets.get(key);
    // Of one that goes nobody knows which of its pods and revisions are still its own.
    if (set === undefined || isDeleting(set)) return undefined;
    const pods = await claim(set);
    const live = new Set(pods.map((pod) => pod.metadata.labels?.[HASH_LABEL]));
    const revision = await keepRevision(world, set, 'DaemonSet', live);
    const places = placesFor(set);
    let byNode = podsByNode(pods, assignedNode);
    let failure: unknown;
    try {
      if (await manage(set, revision.hash, places, byNode)) byNode = podsByNode(podsOf(caches, set), assignedNode);
    } catch (error) {
      failure = error;
      byNode = podsByNode(podsOf(caches, set), assignedNode);
    }
    const next = await report(set, revision, places, byNode);
    if (failure !== undefined) throw failure;
    return next;
  }

  async function claim(set: KubeObject): Promise<KubeObject[]> {
    return await claimObjects(world, {
      owner: set,
      reference: controllerReference(set, 'apps/v1', 'DaemonSet'),
      ref: PODS,
      cache: caches.pods,
      selects: (pod) => matchesSelector(set.spec?.selector, pod.metadata.labels),
    });
  }

  /** What each node is to the set, found once for a look at all of them. */
  function placesFor(set: KubeObject): Place[] {
    return caches.nodes.list().map((node) => {
      const starts = shouldRun(set, node);
      return { node: nameOf(node), starts, stays: starts || mayStay(set, node) };
    });
  }

  /** Whether pods were made or taken away. */
  async function manage(
    set: KubeObject,
    hash: string,
    places: readonly Place[],
    byNode: Map<string, KubeObject[]>,
  ): Promise<boolean> {
    const minReady = set.spec?.minReadySeconds ?? 0;
    const available = (pod: KubeObject) => isAvailable(pod, minReady, world.now());
    const strategy = set.spec?.updateStrategy;
    const desired = places.filter(({ starts }) => starts).length;
    const surge = surgeOf(set, desired);
    const step = placed(set, places, byNode, (running) =>
      surge === 0
        ? oldestFirst(running).slice(1)
        : tooMany(running, { updated: (pod) => pod.metadata.labels?.[HASH_LABEL] === hash, available }),
    );
    if (await take(set, hash, step)) return true;
    if (strategy?.type === 'OnDelete') return false;
    // What is out of place is mended first: an update goes on from there.
    const nodes = places
      .map(({ node, starts }) => ({ node, starts, pods: byNode.get(node) ?? [] }))
      .filter(({ starts, pods }) => starts || pods.length > 0);
    const view = { updated: (pod: KubeObject) => isUpdated(set, hash, pod), available };
    const limit = Math.max(1, intOrPercent(strategy?.rollingUpdate?.maxUnavailable ?? 1, desired, true));
    return await take(set, hash, surge === 0 ? replaceStep(nodes, view, limit) : surgeStep(nodes, view, surge));
  }

  /** A pod where one is missing; away with those that ended, that are too many or not where they should be. */
  function placed(
    set: KubeObject,
    places: readonly Place[],
    byNode: Map<string, KubeObject[]>,
    surplus: (running: readonly KubeObject[]) => KubeObject[],
  ): Step {
    const step: Step = { create: [], remove: [] };
    const surges = surgeOf(set, places.length) > 0;
    const nodes = new Set<string>();
    for (const { node, starts, stays } of places) {
      nodes.add(node);
      const pods = byNode.get(node) ?? [];
      const living = pods.filter((pod) => !isDeleting(pod));
      if (!stays) {
        step.remove.push(...living);
        continue;
      }
      const running = living.filter((pod) => !isFinished(pod));
      for (const pod of living) if (isFinished(pod) && mayGo(set, pod, node)) step.remove.push(pod);
      // A pod on its way out still holds its place, but for a set that has room for two.
      if (starts && (pods.length === 0 || (surges && running.length === 0))) step.create.push(node);
      step.remove.push(...surplus(running));
    }
    // What waits for a node that has gone can be deleted by nobody else.
    for (const [node, pods] of byNode)
      if (!nodes.has(node)) step.remove.push(...pods.filter((pod) => !pod.spec?.nodeName && !isDeleting(pod)));
    return step;
  }

  async function take(set: KubeObject, hash: string, { create, remove }: Step): Promise<boolean> {
    await slowStart(create.length, async (index) =>
      createPod(world, set, COMPONENT, podFor(set, create[index] ?? '', hash)),
    );
    await inBatches(remove.length, async (index) => {
      const pod = remove[index];
      if (pod !== undefined) await removePod(world, set, COMPONENT, pod);
    });
    return create.length + remove.length > 0;
  }

  function podFor(set: KubeObject, node: string, hash: string): KubeObject {
    const pod = podTemplateToPod(set.spec?.template, {
      namespace: namespaceOf(set),
      generateName: `${nameOf(set)}-`,
      owner: controllerReference(set, 'apps/v1', 'DaemonSet'),
    });
    pod.metadata.labels = {
      ...pod.metadata.labels,
      [HASH_LABEL]: hash,
      [GENERATION_LABEL]: set.metadata.annotations?.[TEMPLATE_GENERATION] ?? '1',
    };
    pod.spec = onNode(pod.spec, node);
    return pod;
  }

  /** Tells of a pod that ended and is replaced. One that keeps failing on its node is given more time each time. */
  function mayGo(set: KubeObject, pod: KubeObject, node: string): boolean {
    const failed = pod.status?.phase === 'Failed';
    if (failed) {
      const key = `${uidOf(set)}/${set.status?.observedGeneration ?? 0}/${node}`;
      const wait = failures.waits(key, world.now());
      if (wait > 0) {
        controller.enqueue(objectKey(set), wait);
        return false;
      }
      failures.tried(key, world.now());
    }
    const [what, will] = failed ? ['failed', 'kill'] : ['succeeded', 'delete'];
    world.events.record(set, {
      component: COMPONENT,
      type: failed ? 'Warning' : 'Normal',
      reason: failed ? 'FailedDaemonPod' : 'SucceededDaemonPod',
      message: `Found ${what} daemon pod ${objectKey(pod)} on node ${node}, will try to ${will} it`,
    });
    return true;
  }

  async function report(
    set: KubeObject,
    { hash, collisions }: Revision,
    places: readonly Place[],
    byNode: Map<string, KubeObject[]>,
  ): Promise<number | undefined> {
    const current = caches.daemonSets.get(objectKey(set));
    if (current === undefined || current.metadata.uid !== set.metadata.uid) return undefined;
    const nodes = places.map(({ node, starts }) => ({ node, starts, pods: byNode.get(node) ?? [] }));
    const updated = (pod: KubeObject) => isUpdated(set, hash, pod);
    const counts = countsOf(nodes, updated, set.spec?.minReadySeconds ?? 0, world.now());
    const status = {
      ...current.status,
      ...counts.status,
      observedGeneration: set.metadata.generation ?? 0,
      ...(collisions === 0 ? {} : { collisionCount: collisions }),
    };
    if (!sameValue(status, current.status)) {
      await updateStatus(client, DAEMON_SETS, caches.daemonSets, current, status);
    }
    return counts.next === undefined ? undefined : counts.next + 50;
  }

  const all = () => caches.daemonSets.list().map(objectKey);
  const controller = runController(world, {
    name: COMPONENT,
    reconcile,
    watch: [
      { cache: caches.daemonSets, on: (set, _previous, deleted) => (deleted ? undefined : objectKey(set)) },
      {
        cache: caches.pods,
        on: (pod, previous, deleted) => {
          const keys = ownerKeys('DaemonSet', pod, previous);
          if (!deleted)
            keys.push(
              ...selectingKeys(caches.daemonSets, pod, (set) =>
                matchesSelector(set.spec?.selector, pod.metadata.labels),
              ),
            );
          if (caches.nodes.size <= LARGE) return keys;
          for (const key of keys) controller.enqueue(key, GATHER_MS);
          return undefined;
        },
      },
      {
        cache: caches.nodes,
        on: (node, previous, deleted) =>
          deleted || previous === undefined || placementChanged(node, previous) ? all() : undefined,
      },
    ],
  });
  return controller;
}

/** Every look is at all nodes: in a cluster of more than so many, changes of pods are gathered for a moment. */
const LARGE = 50;
const GATHER_MS = 1000;

interface Place {
  node: string;
  /** A pod is made there when there is none. */
  starts: boolean;
  /** One that is there may go on. */
  stays: boolean;
}

/** How many nodes may run the old and the new pod at once; 0: the old one goes first. */
function surgeOf(set: KubeObject, nodes: number): number {
  const strategy = set.spec?.updateStrategy;
  return strategy?.type === 'OnDelete' ? 0 : intOrPercent(strategy?.rollingUpdate?.maxSurge ?? 0, nodes, true);
}

/** By the template it was made from; before there were revisions its generation said that. */
function isUpdated(set: KubeObject, hash: string, pod: KubeObject): boolean {
  const labels = pod.metadata.labels ?? {};
  const generation = set.metadata.annotations?.[TEMPLATE_GENERATION];
  return labels[HASH_LABEL] === hash || (generation !== undefined && labels[GENERATION_LABEL] === generation);
}

function placementChanged(node: KubeObject, previous: KubeObject): boolean {
  return !(
    sameValue(node.metadata.labels, previous.metadata.labels) && sameValue(node.spec?.taints, previous.spec?.taints)
  );
}

/** What the DaemonSet controller lets its pods live through. Source: Kubernetes documentation "DaemonSet". */
const OWN_TOLERATIONS: Json[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];

/** Of pods on the node's network. */
const NETWORK_TOLERATION = { key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' };

function tolerationsOf(spec: Json): Json[] {
  const out: Json[] = [...(spec?.tolerations ?? [])];
  for (const own of spec?.hostNetwork === true ? [...OWN_TOLERATIONS, NETWORK_TOLERATION] : OWN_TOLERATIONS)
    if (!out.some((one) => sameValue(one, own))) out.push(own);
  return out;
}

export function shouldRun(set: KubeObject, node: KubeObject): boolean {
  if (isDeleting(node)) return false;
  const spec = set.spec?.template?.spec;
  if (spec?.nodeName && spec.nodeName !== nameOf(node)) return false;
  if (!matchesNodeAffinity(spec, { node, labels: node.metadata.labels ?? {} })) return false;
  const taints: Taint[] = node.spec?.taints ?? [];
  if (taints.length === 0) return true;
  const tolerations = tolerationsOf(spec);
  return taints.every((taint) => taint.effect === 'PreferNoSchedule' || tolerates(tolerations, taint));
}

/** Taints that came later do not drive a pod away, unless their effect is to. */
function mayStay(set: KubeObject, node: KubeObject): boolean {
  const taints = ((node.spec?.taints ?? []) as Taint[]).filter((taint) => taint.effect === 'NoExecute');
  return shouldRun(set, { ...node, spec: { ...node.spec, taints } });
}

/** The pod asks for its node by name and leaves the rest to the scheduler. */
export function onNode(spec: Json, node: string): Json {
  const affinity = spec?.affinity ?? {};
  return {
    ...spec,
    tolerations: tolerationsOf(spec),
    affinity: {
      ...affinity,
      nodeAffinity: {
        ...affinity.nodeAffinity,
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
        },
      },
    },
  };
}

function assignedNode(pod: KubeObject): string {
  if (pod.spec?.nodeName) return pod.spec.nodeName;
  const terms: Json[] =
    pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms[0]?.matchFields?.[0]?.values?.[0] ?? '';
}
