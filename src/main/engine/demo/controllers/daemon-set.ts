/** DaemonSet to Pods: one on every node that fits, replaced a few at a time when the template changes. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { runController } from '../sim/controller.ts';
import { podsOf } from '../sim/indexes.ts';
import { controllerReference, isDeleting, nameOf, namespaceOf, podTemplateToPod, sameValue } from '../sim/objects.ts';
import { availableIn, isAvailable, isFinished, isReady } from '../sim/pods.ts';
import { intOrPercent } from '../sim/quantities.ts';
import { DAEMON_SETS, PODS } from '../sim/refs.ts';
import { matchesSelector, type Taint, tolerates } from '../sim/selectors.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { claimObjects, selectingKeys } from './claim.ts';
import { createPod, inBatches, ownerKeys, removePod, slowStart } from './common.ts';
import { matchesNodeAffinity } from './fit-topology.ts';
import { HASH_LABEL, keepRevision } from './revisions.ts';

const COMPONENT = 'daemonset-controller';
/** Raised by the API server with every change of the template. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

export function runDaemonSets(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;

  async function reconcile(key: string): Promise<number | undefined> {
    const set = caches.daemonSets.get(key);
    if (set === undefined) return undefined;
    const pods = await claim(set);
    const live = new Set(pods.map((pod) => `${nameOf(set)}-${pod.metadata.labels?.[HASH_LABEL]}`));
    const hash = await keepRevision(world, set, 'DaemonSet', live);
    const places = placesFor(set);
    let byNode = podsByNode(pods);
    let failure: unknown;
    if (!isDeleting(set)) {
      try {
        if (await manage(set, hash, places, byNode)) byNode = podsByNode(podsOf(caches, set));
      } catch (error) {
        failure = error;
        byNode = podsByNode(podsOf(caches, set));
      }
    }
    const next = await report(set, hash, places, byNode);
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
    const surge = surgeOf(set, places.filter(({ starts }) => starts).length);
    const minReady = set.spec?.minReadySeconds ?? 0;
    const surging: NodePods[] = [];
    const doomed: KubeObject[] = [];
    const missing: string[] = [];
    for (const { node, starts, stays } of places) {
      const pods = byNode.get(node) ?? [];
      if (!stays) {
        doomed.push(...pods.filter((pod) => !isDeleting(pod)));
        continue;
      }
      for (const pod of pods) {
        if (!isFinished(pod) || isDeleting(pod)) continue;
        tellFinished(set, pod, node);
        doomed.push(pod);
      }
      const living = pods.filter((pod) => !isDeleting(pod) && !isFinished(pod));
      // A pod on its way out still holds its place: the next one comes when it is gone.
      if (pods.length === 0) {
        if (starts) missing.push(node);
      } else if (surge === 0) doomed.push(...living.slice(1));
      else if (living.length > 0) surging.push({ node, living });
    }
    const step = surgeStep(surging, hash, surge, (pod) => isAvailable(pod, minReady, world.now()));
    missing.push(...step.create);
    doomed.push(...step.remove);
    await slowStart(missing.length, async (index) =>
      createPod(world, set, COMPONENT, podFor(set, missing[index] ?? '', hash)),
    );
    if (surge === 0) doomed.push(...outdated(set, byNode, hash, places, doomed));
    await inBatches(doomed.length, async (index) => {
      const pod = doomed[index];
      if (pod !== undefined) await removePod(world, set, COMPONENT, pod);
    });
    return missing.length + doomed.length > 0;
  }

  /** Old pods that may go now: broken ones at once, working ones as far as maxUnavailable allows. */
  function outdated(
    set: KubeObject,
    byNode: Map<string, KubeObject[]>,
    hash: string,
    places: readonly Place[],
    doomed: KubeObject[],
  ): KubeObject[] {
    if (set.spec?.updateStrategy?.type === 'OnDelete') return [];
    const minReady = set.spec?.minReadySeconds ?? 0;
    const nodes = places.filter(({ starts }) => starts);
    const limit = Math.max(
      1,
      intOrPercent(set.spec?.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, nodes.length, true),
    );
    const out: KubeObject[] = [];
    const working: KubeObject[] = [];
    let unavailable = 0;
    for (const { node } of nodes) {
      const pod = (byNode.get(node) ?? []).find((candidate) => !isDeleting(candidate) && !doomed.includes(candidate));
      const good = pod !== undefined && isAvailable(pod, minReady, world.now());
      if (!good) unavailable += 1;
      if (pod === undefined || pod.metadata.labels?.[HASH_LABEL] === hash) continue;
      if (good) working.push(pod);
      else out.push(pod);
    }
    return [...out, ...working.slice(0, Math.max(0, limit - unavailable))];
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
      'pod-template-generation': set.metadata.annotations?.[TEMPLATE_GENERATION] ?? '1',
    };
    pod.spec = onNode(pod.spec, node);
    return pod;
  }

  function tellFinished(set: KubeObject, pod: KubeObject, node: string): void {
    const failed = pod.status?.phase === 'Failed';
    const [what, will] = failed ? ['failed', 'kill'] : ['succeeded', 'delete'];
    world.events.record(set, {
      component: COMPONENT,
      type: failed ? 'Warning' : 'Normal',
      reason: failed ? 'FailedDaemonPod' : 'SucceededDaemonPod',
      message: `Found ${what} daemon pod ${objectKey(pod)} on node ${node}, will try to ${will} it`,
    });
  }

  function podsByNode(pods: readonly KubeObject[]): Map<string, KubeObject[]> {
    const out = new Map<string, KubeObject[]>();
    for (const pod of pods) {
      const node = assignedNode(pod);
      const known = out.get(node);
      if (known === undefined) out.set(node, [pod]);
      else known.push(pod);
    }
    return out;
  }

  async function report(
    set: KubeObject,
    hash: string,
    places: readonly Place[],
    byNode: Map<string, KubeObject[]>,
  ): Promise<number | undefined> {
    const current = caches.daemonSets.get(objectKey(set));
    if (current === undefined || current.metadata.uid !== set.metadata.uid) return undefined;
    const minReady = set.spec?.minReadySeconds ?? 0;
    const counts = { desired: 0, current: 0, ready: 0, available: 0, updated: 0, misscheduled: 0 };
    let next: number | undefined;
    for (const { node, starts } of places) {
      const pod = (byNode.get(node) ?? []).find((candidate) => !isDeleting(candidate));
      if (!starts) {
        if (pod !== undefined) counts.misscheduled += 1;
        continue;
      }
      counts.desired += 1;
      if (pod === undefined) continue;
      counts.current += 1;
      if (isReady(pod)) counts.ready += 1;
      const wait = availableIn(pod, minReady, world.now());
      if (wait === 0) counts.available += 1;
      else if (wait !== null) next = Math.min(next ?? wait, wait);
      if (pod.metadata.labels?.[HASH_LABEL] === hash) counts.updated += 1;
    }
    const unavailable = counts.desired - counts.available;
    const status = {
      ...current.status,
      currentNumberScheduled: counts.current,
      numberMisscheduled: counts.misscheduled,
      desiredNumberScheduled: counts.desired,
      numberReady: counts.ready,
      updatedNumberScheduled: counts.updated,
      numberAvailable: counts.available,
      numberUnavailable: unavailable,
      observedGeneration: current.metadata.generation ?? 0,
    };
    if (!sameValue(status, current.status)) {
      await updateStatus(client, DAEMON_SETS, caches.daemonSets, current, status);
    }
    return next === undefined ? undefined : next + 50;
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

interface NodePods {
  node: string;
  living: KubeObject[];
}

/** How many nodes may run the old and the new pod at once; 0: the old one goes first. */
function surgeOf(set: KubeObject, nodes: number): number {
  const strategy = set.spec?.updateStrategy;
  return strategy?.type === 'OnDelete' ? 0 : intOrPercent(strategy?.rollingUpdate?.maxSurge ?? 0, nodes, true);
}

/** One step of an update that surges: new pods beside the old ones, old ones away where the new one works. */
export function surgeStep(
  nodes: readonly NodePods[],
  hash: string,
  surge: number,
  available: (pod: KubeObject) => boolean,
): { create: string[]; remove: KubeObject[] } {
  const create: string[] = [];
  const remove: KubeObject[] = [];
  const waiting: string[] = [];
  let used = 0;
  for (const { node, living } of nodes) {
    const fresh = living.filter((pod) => pod.metadata.labels?.[HASH_LABEL] === hash);
    const old = living.filter((pod) => pod.metadata.labels?.[HASH_LABEL] !== hash);
    remove.push(...fresh.slice(1), ...old.slice(1));
    const [kept] = old;
    if (kept === undefined) continue;
    const [next] = fresh;
    if (next === undefined) {
      // A broken pod needs no budget to be replaced.
      if (available(kept)) waiting.push(node);
      else create.push(node);
    } else if (available(next)) remove.push(kept);
    else used += 1;
  }
  create.push(...waiting.slice(0, Math.max(0, surge - used)));
  return { create, remove };
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
