/**
 * Which of the nodes that fit is best: the scores of the default scheduler's plugins, each between 0 and 100, weighed and
 * added up. Whole numbers, as there. Pure. Left out: images that are on a node already, sizes of volumes.
 */
import { podRequests, type Resources } from '#shared/kubernetes/pod-requests.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { canonical, controllerOf, isDeleting, nameOf, namespaceOf } from '../sim/objects.ts';
import { matchesNodeTerm, matchesSelector, type Taint, tolerates } from '../sim/selectors.ts';
import type { NodeState } from './fit.ts';
import { countsFor, type NamespaceLabels, selects, termsOf, withLabelKeys } from './fit-topology.ts';
import { requestsOf } from './requests.ts';

const MOST = 100;
const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';
/** How pods of one kind are spread where they do not say it themselves. */
const USUAL_SPREAD = [
  { topologyKey: HOSTNAME, maxSkew: 3 },
  { topologyKey: ZONE, maxSkew: 5 },
];
/** What a container without requests is taken to ask for. */
const UNASKED = { cpu: '100m', memory: '200Mi' };

/** What a pod is spread by that does not say so: its owner, whose selector means the same pods, or else its Services. */
export type Kin = { owner: string } | { selector: Json };

export interface ScoreInput {
  pod: KubeObject;
  /** Nodes that fit; the answer is in their order. */
  feasible: readonly NodeState[];
  all: readonly NodeState[];
  namespaces: NamespaceLabels;
  kin: Kin | undefined;
  minor: number;
}

export function scoreNodes(input: ScoreInput): number[] {
  const { pod, feasible, minor } = input;
  const parts: [weight: number, scores: number[] | null][] = [
    [3, taintScores(pod, feasible)],
    [2, affinityScores(pod, feasible)],
    [1, feasible.map((state) => leastAllocated(pod, state))],
    [1, isBestEffort(pod) ? null : feasible.map((state) => balanced(pod, state, minor))],
    [2, spreadScores(input)],
    [2, neighbourScores(input)],
  ];
  return feasible.map((_state, index) =>
    parts.reduce((total, [weight, scores]) => total + weight * (scores?.[index] ?? 0), 0),
  );
}

/** In proportion to the most; the other way round where little is good. */
function normalized(scores: readonly number[], reverse = false): number[] {
  const most = Math.max(...scores, 0);
  return scores.map((score) => {
    const share = most === 0 ? 0 : Math.floor((MOST * score) / most);
    return reverse ? MOST - share : share;
  });
}

function taintScores({ spec }: KubeObject, feasible: readonly NodeState[]): number[] {
  const disliked = ({ node }: NodeState) =>
    ((node.spec?.taints ?? []) as Taint[]).filter(
      (taint) => taint.effect === 'PreferNoSchedule' && !tolerates(spec?.tolerations, taint),
    ).length;
  return normalized(feasible.map(disliked), true);
}

function affinityScores({ spec }: KubeObject, feasible: readonly NodeState[]): number[] | null {
  const wishes: Json[] = spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  if (wishes.length === 0) return null;
  return normalized(
    feasible.map(({ node, labels }) =>
      wishes
        .filter(({ preference }) => matchesNodeTerm(preference, { name: nameOf(node), labels }))
        .reduce((total, { weight }) => total + weight, 0),
    ),
  );
}

/** Cores in thousandths and bytes: whole numbers. */
function amounts({ cpu = 0, memory = 0 }: Resources): [cpu: number, memory: number] {
  return [Math.round(cpu * 1000), Math.round(memory)];
}

const assumed = new WeakMap<KubeObject, [number, number]>();

function assumedOf(pod: KubeObject): [number, number] {
  let known = assumed.get(pod);
  if (known === undefined) {
    const asking = (container: Json): Json => {
      const { limits, requests } = container.resources ?? {};
      return { ...container, resources: { limits, requests: { ...UNASKED, ...limits, ...requests } } };
    };
    const { containers = [], initContainers = [], overhead } = pod.spec ?? {};
    const spec = { containers: containers.map(asking), initContainers: initContainers.map(asking), overhead };
    known = amounts(podRequests(spec));
    assumed.set(pod, known);
  }
  return known;
}

/** Of the pods of a node, remembered with the list they were counted in. */
const taken = new WeakMap<readonly KubeObject[], [number, number]>();

function takenOn({ pods }: NodeState): [number, number] {
  let known = taken.get(pods);
  if (known === undefined) {
    known = [0, 0];
    for (const pod of pods) {
      const [cpu, memory] = assumedOf(pod);
      known = [known[0] + cpu, known[1] + memory];
    }
    taken.set(pods, known);
  }
  return known;
}

function leastAllocated(pod: KubeObject, state: NodeState): number {
  const wanted = assumedOf(pod);
  const used = takenOn(state);
  const scores = amounts(state.allocatable).flatMap((have, index) => {
    if (have === 0) return [];
    const left = have - (used[index] ?? 0) - (wanted[index] ?? 0);
    return left < 0 ? 0 : Math.floor((left * MOST) / have);
  });
  return scores.length === 0 ? 0 : Math.floor(scores.reduce((sum, score) => sum + score, 0) / scores.length);
}

function isBestEffort(pod: KubeObject): boolean {
  return amounts(requestsOf(pod)).every((amount) => amount === 0);
}

/** Since 1.36 by what the pod changes, before by what comes out of it. */
function balanced(pod: KubeObject, state: NodeState, minor: number): number {
  const have = amounts(state.allocatable);
  const used = amounts(state.used);
  const evenness = (more: readonly number[]): number => {
    const shares = have.flatMap((one, i) => (one === 0 ? [] : Math.min(1, ((used[i] ?? 0) + (more[i] ?? 0)) / one)));
    const [cpu = 0, memory = 0] = shares;
    return Math.floor((1 - (shares.length < 2 ? 0 : Math.abs((cpu - memory) / 2))) * MOST);
  };
  const after = evenness(amounts(requestsOf(pod)));
  return minor < 36 ? after : MOST / 2 + Math.floor((MOST / 2 + after - evenness([0, 0])) / 2);
}

/** How many pods of a node somebody owns or a selector means, remembered with the list they were counted in. */
const owned = new WeakMap<readonly KubeObject[], ReadonlyMap<string, number>>();
const meant = new WeakMap<readonly KubeObject[], Map<string, number>>();
/** Selectors remembered for a node: owners are the usual case. */
const SELECTORS_KEPT = 8;

function ownedOn({ pods }: NodeState): ReadonlyMap<string, number> {
  const known = owned.get(pods);
  if (known !== undefined) return known;
  const counts = new Map<string, number>();
  for (const pod of pods) {
    const owner = controllerOf(pod)?.uid;
    if (owner !== undefined && !isDeleting(pod)) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  owned.set(pods, counts);
  return counts;
}

function counter(kin: Kin, namespace: string): (state: NodeState) => number {
  if ('owner' in kin) return (state) => ownedOn(state).get(kin.owner) ?? 0;
  const key = `${namespace}|${canonical(kin.selector)}`;
  return ({ pods }) => {
    const known = meant.get(pods) ?? new Map<string, number>();
    meant.set(pods, known);
    let count = known.get(key);
    if (count === undefined) {
      count = pods.filter(
        (other) =>
          namespaceOf(other) === namespace &&
          !isDeleting(other) &&
          matchesSelector(kin.selector, other.metadata.labels),
      ).length;
      if (known.size >= SELECTORS_KEPT) known.clear();
      known.set(key, count);
    }
    return count;
  };
}

function spreadScores({ pod, feasible, all, kin }: ScoreInput): number[] | null {
  const own: Json[] = pod.spec?.topologySpreadConstraints ?? [];
  const strict = own.length > 0;
  const constraints: Json[] = strict
    ? own.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway')
    : USUAL_SPREAD;
  if (constraints.length === 0 || (!strict && kin === undefined)) return null;
  const outside = ({ labels }: NodeState) =>
    strict && constraints.some(({ topologyKey }) => labels[topologyKey] === undefined);
  const inside = feasible.filter((state) => !outside(state));
  const terms = constraints.map((constraint) => {
    const { topologyKey, maxSkew = 1 } = constraint;
    const asked = strict || kin === undefined ? { selector: withLabelKeys(constraint, pod) } : kin;
    const count = counter(asked, namespaceOf(pod));
    const scored = (matching: number, size: number) => matching * Math.log(size + 2) + maxSkew - 1;
    if (topologyKey === HOSTNAME) return (state: NodeState) => scored(count(state), inside.length);
    const domains = new Map<string, number>(inside.map(({ labels }) => [labels[topologyKey] ?? '', 0]));
    for (const state of all) {
      const domain = state.labels[topologyKey] ?? '';
      const before = domains.get(domain);
      if (before === undefined || outside(state) || !countsFor(constraint, pod, state)) continue;
      domains.set(domain, before + count(state));
    }
    return ({ labels }: NodeState) =>
      labels[topologyKey] === undefined ? 0 : scored(domains.get(labels[topologyKey]) ?? 0, domains.size);
  });
  const raw = feasible.map((state) =>
    outside(state) ? undefined : Math.round(terms.reduce((total, term) => total + term(state), 0)),
  );
  const known = raw.filter((score) => score !== undefined);
  const [least, most] = [Math.min(...known), Math.max(...known, 0)];
  return raw.map((score) => {
    if (score === undefined) return 0;
    return most === 0 ? MOST : Math.floor((MOST * (most + least - score)) / most);
  });
}

/** Pods that say whom they want near or far, remembered with the list they were found in. */
const choosy = new WeakMap<readonly KubeObject[], readonly KubeObject[]>();

function choosyOn({ pods }: NodeState): readonly KubeObject[] {
  let known = choosy.get(pods);
  if (known === undefined) {
    known = pods.filter(({ spec }) => spec?.affinity?.podAffinity ?? spec?.affinity?.podAntiAffinity);
    choosy.set(pods, known);
  }
  return known;
}

function wishesOf(affinity: Json, sign: number): { term: Json; weight: number }[] {
  const wishes: Json[] = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return wishes.map(({ podAffinityTerm, weight }) => ({ term: podAffinityTerm, weight: sign * weight }));
}

/** Wishes of the pod about those who are there, and theirs about it; what they require counts a little as well. */
function neighbourScores({ pod, feasible, all, namespaces }: ScoreInput): number[] | null {
  const worth = new Map<string, Map<string, number>>();
  const tell = ({ labels }: NodeState, { topologyKey }: Json, weight: number): void => {
    const value = labels[topologyKey];
    if (value === undefined || weight === 0) return;
    const values = worth.get(topologyKey) ?? new Map<string, number>();
    worth.set(topologyKey, values.set(value, (values.get(value) ?? 0) + weight));
  };
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  const own = [...wishesOf(podAffinity, 1), ...wishesOf(podAntiAffinity, -1)];
  for (const state of all) {
    if (own.length > 0)
      for (const other of state.pods)
        for (const { term, weight } of own) if (selects(pod, term, other, namespaces)) tell(state, term, weight);
    for (const other of choosyOn(state)) {
      const { podAffinity: near, podAntiAffinity: far } = other.spec.affinity;
      const theirs = [
        ...termsOf(near).map((term) => ({ term, weight: 1 })),
        ...wishesOf(near, 1),
        ...wishesOf(far, -1),
      ];
      for (const { term, weight } of theirs) if (selects(other, term, pod, namespaces)) tell(state, term, weight);
    }
  }
  if (worth.size === 0) return null;
  const raw = feasible.map(({ labels }) => {
    let total = 0;
    for (const [key, values] of worth) total += values.get(labels[key] ?? '') ?? 0;
    return total;
  });
  const [least, most] = [Math.min(...raw), Math.max(...raw)];
  return raw.map((score) => (most === least ? 0 : Math.floor((MOST * (score - least)) / (most - least))));
}
