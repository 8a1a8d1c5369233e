/**
 * Where the pods that run already let another one go: topology spread constraints, affinity and anti-affinity between
 * pods. Counted once for each decision, not once for each node. Pure. Source: Kubernetes documentation "Pod Topology
 * Spread Constraints" and "Assigning Pods to Nodes", KEP-895, KEP-3022, KEP-3094, KEP-3243, KEP-3633.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { isDeleting, nameOf, namespaceOf } from '../sim/objects.ts';
import { matchesNodeSelector, matchesSelector, type Taint, tolerates } from '../sim/selectors.ts';
import type { NodeState, Refusal } from './fit.ts';

/** Labels of a namespace; what namespaceSelector is held against. */
export type NamespaceLabels = (namespace: string) => Record<string, string> | undefined;

type Judge = (state: NodeState) => Refusal | undefined;

/** nodeSelector and required node affinity; also what a DaemonSet asks before it makes a pod. */
export function matchesNodeAffinity(spec: Json, state: { node: KubeObject; labels: Record<string, string> }): boolean {
  for (const [key, value] of Object.entries(spec?.nodeSelector ?? {})) {
    if (state.labels[key] !== value) return false;
  }
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesNodeSelector(required, { name: nameOf(state.node), labels: state.labels });
}

/** The first taint that keeps the pod away; being unschedulable is answered for by another filter. */
export function untolerated(node: KubeObject, tolerations: Json[] | undefined): Taint | undefined {
  const taints: Taint[] = node.spec?.taints ?? [];
  return taints.find(
    (taint) =>
      taint.effect !== 'PreferNoSchedule' &&
      taint.key !== 'node.kubernetes.io/unschedulable' &&
      !tolerates(tolerations, taint),
  );
}

/** Matching pods by the value of a topology label. */
interface Spread {
  constraint: Json;
  selector: Json;
  domains: Map<string, number>;
}

function spreadsOf(pod: KubeObject, states: readonly NodeState[], when: string): Spread[] {
  const constraints: Json[] = (pod.spec?.topologySpreadConstraints ?? []).filter(
    (constraint: Json) => (constraint.whenUnsatisfiable ?? 'DoNotSchedule') === when,
  );
  return constraints.map((constraint) => {
    const selector = withLabelKeys(constraint, pod);
    const domains = new Map<string, number>();
    for (const state of states) {
      // A node that lacks one of the labels is no part of any constraint.
      if (constraints.some(({ topologyKey }) => state.labels[topologyKey] === undefined)) continue;
      if (!countsFor(constraint, pod, state)) continue;
      const domain = state.labels[constraint.topologyKey] ?? '';
      let matching = 0;
      for (const other of state.pods) {
        if (namespaceOf(other) !== namespaceOf(pod) || isDeleting(other)) continue;
        if (matchesSelector(selector, other.metadata.labels)) matching += 1;
      }
      domains.set(domain, (domains.get(domain) ?? 0) + matching);
    }
    return { constraint, selector, domains };
  });
}

/** nodeAffinityPolicy (Honor unless told otherwise) and nodeTaintsPolicy (Ignore). */
export function countsFor(constraint: Json, pod: KubeObject, state: NodeState): boolean {
  if ((constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor' && !matchesNodeAffinity(pod.spec, state)) return false;
  return constraint.nodeTaintsPolicy !== 'Honor' || untolerated(state.node, pod.spec?.tolerations) === undefined;
}

/** Refuses nodes where the pod would be one too many of its kind. */
export function spreadFilter(pod: KubeObject, states: readonly NodeState[]): Judge {
  const spreads = spreadsOf(pod, states, 'DoNotSchedule').map((spread) => {
    const { constraint, selector, domains } = spread;
    const enough = domains.size >= (constraint.minDomains ?? 1);
    return {
      ...spread,
      fewest: enough ? Math.min(...domains.values()) : 0,
      self: matchesSelector(selector, pod.metadata.labels) ? 1 : 0,
    };
  });
  return (state) => {
    for (const { constraint, domains, fewest, self } of spreads) {
      const domain = state.labels[constraint.topologyKey];
      if (domain === undefined) {
        return {
          plugin: 'PodTopologySpread',
          reason: "node(s) didn't match pod topology spread constraints (missing required label)",
          preemptionHelps: false,
        };
      }
      if ((domains.get(domain) ?? 0) + self - fewest > (constraint.maxSkew ?? 1))
        return {
          plugin: 'PodTopologySpread',
          reason: "node(s) didn't match pod topology spread constraints",
          preemptionHelps: true,
        };
    }
    return undefined;
  };
}

/** Required affinity of the pod, and required anti-affinity in both directions. */
export function affinityFilter(pod: KubeObject, states: readonly NodeState[], namespaces: NamespaceLabels): Judge {
  const affinity = pod.spec?.affinity ?? {};
  const wanted = termsOf(affinity.podAffinity).map((term) => ({
    term,
    domains: podsByDomain(pod, term, states, namespaces),
    self: selects(pod, term, pod, namespaces),
  }));
  const avoided = termsOf(affinity.podAntiAffinity).map((term) => ({
    term,
    domains: podsByDomain(pod, term, states, namespaces),
  }));
  // The first of a group that wants to be together has to start somewhere.
  const first = wanted.every(({ domains, self }) => domains.size === 0 && self);
  const kept = keptAway(pod, states, namespaces);
  return ({ labels }) => {
    for (const { term, domains } of wanted) {
      const domain = labels[term.topologyKey];
      if (domain !== undefined && (first || domains.has(domain))) continue;
      return { plugin: 'InterPodAffinity', reason: "node(s) didn't match pod affinity rules", preemptionHelps: false };
    }
    for (const { term, domains } of avoided) {
      if (domains.has(labels[term.topologyKey] ?? ''))
        return {
          plugin: 'InterPodAffinity',
          reason: "node(s) didn't match pod anti-affinity rules",
          preemptionHelps: true,
        };
    }
    for (const [key, domains] of kept) {
      if (domains.has(labels[key] ?? ''))
        return {
          plugin: 'InterPodAffinity',
          reason: "node(s) didn't satisfy existing pods anti-affinity rules",
          preemptionHelps: true,
        };
    }
    return undefined;
  };
}

export function termsOf(affinity: Json): Json[] {
  return affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

/** How many pods a term means, by domain; domains without one are left out. */
function podsByDomain(
  pod: KubeObject,
  term: Json,
  states: readonly NodeState[],
  namespaces: NamespaceLabels,
): Map<string, number> {
  const out = new Map<string, number>();
  for (const { labels, pods } of states) {
    const domain = labels[term.topologyKey];
    if (domain === undefined) continue;
    let count = 0;
    for (const other of pods) if (!isDeleting(other) && selects(pod, term, other, namespaces)) count += 1;
    if (count > 0) out.set(domain, (out.get(domain) ?? 0) + count);
  }
  return out;
}

/** Pods with required anti-affinity, remembered with the list they were found in. */
const shyPods = new WeakMap<readonly KubeObject[], readonly KubeObject[]>();

function shyOf({ pods }: NodeState): readonly KubeObject[] {
  let shy = shyPods.get(pods);
  if (shy === undefined) {
    shy = pods.filter((pod) => termsOf(pod.spec?.affinity?.podAntiAffinity).length > 0);
    shyPods.set(pods, shy);
  }
  return shy;
}

/** Domains by topology key where somebody is who does not want this pod near. */
function keptAway(
  pod: KubeObject,
  states: readonly NodeState[],
  namespaces: NamespaceLabels,
): Map<string, Set<string>> {
  const out = new Map<string, Set<string>>();
  for (const state of states) {
    for (const existing of shyOf(state)) {
      for (const term of termsOf(existing.spec.affinity.podAntiAffinity)) {
        const domain = state.labels[term.topologyKey];
        if (domain === undefined || !selects(existing, term, pod, namespaces)) continue;
        const domains = out.get(term.topologyKey);
        if (domains === undefined) out.set(term.topologyKey, new Set([domain]));
        else domains.add(domain);
      }
    }
  }
  return out;
}

/** Whether a term of `owner` means `other`: namespaces by name and by label together, its own when neither is said. */
export function selects(owner: KubeObject, term: Json, other: KubeObject, namespaces: NamespaceLabels): boolean {
  const named: string[] = term.namespaces ?? [];
  const namespace = namespaceOf(other);
  const inside =
    named.includes(namespace) ||
    (term.namespaceSelector === undefined || term.namespaceSelector === null
      ? named.length === 0 && namespace === namespaceOf(owner)
      : matchesSelector(term.namespaceSelector, namespaces(namespace) ?? {}));
  return inside && matchesSelector(withLabelKeys(term, owner), other.metadata.labels);
}

/** matchLabelKeys and mismatchLabelKeys: the pod's own values become part of the selector; keys it lacks are ignored. */
export function withLabelKeys(term: Json, pod: KubeObject): Json {
  const expressions = (keys: string[] | undefined, operator: string) =>
    (keys ?? []).flatMap((key) => {
      const value = pod.metadata.labels?.[key];
      return value === undefined ? [] : [{ key, operator, values: [value] }];
    });
  const more = [...expressions(term.matchLabelKeys, 'In'), ...expressions(term.mismatchLabelKeys, 'NotIn')];
  if (more.length === 0 || !term.labelSelector) return term.labelSelector;
  return { ...term.labelSelector, matchExpressions: [...(term.labelSelector.matchExpressions ?? []), ...more] };
}
