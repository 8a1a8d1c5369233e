/**
 * Whether a change gives a pod that found no node reason to be looked at again: each plugin that refused it is asked, as
 * by the queueing hints of the scheduler (KEP-4247). Without them every change would be told of in every waiting pod's
 * events. Pure.
 */
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { nameOf, namespaceOf, sameValue } from '../sim/objects.ts';
import { matchesSelector, type Taint, tolerates } from '../sim/selectors.ts';
import { hostPorts, type Plugin, portsTaken } from './fit.ts';
import {
  matchesNodeAffinity,
  type NamespaceLabels,
  selects,
  termsOf,
  untolerated,
  withLabelKeys,
} from './fit-topology.ts';
import { requestsOf } from './requests.ts';
import { claimNames } from './volume-fit.ts';

export type Change =
  /** A pod that has a node: it came, its labels changed, it went. */
  | { of: 'pod'; before?: KubeObject | undefined; after?: KubeObject | undefined }
  | { of: 'node'; before?: KubeObject | undefined; after: KubeObject }
  | { of: 'claim'; claim: KubeObject }
  /** Volumes, storage classes and what drivers say of their nodes. */
  | { of: 'storage' }
  | { of: 'namespace' };

/** `plugins`: those that refused the pod. */
export function worthASecondLook(
  pod: KubeObject,
  plugins: Iterable<Plugin>,
  change: Change,
  namespaces: NamespaceLabels,
): boolean {
  for (const plugin of plugins) if (mayHelp(plugin, pod, change, namespaces)) return true;
  return false;
}

function mayHelp(plugin: Plugin, pod: KubeObject, change: Change, namespaces: NamespaceLabels): boolean {
  switch (change.of) {
    case 'pod':
      return podMayHelp(plugin, pod, change, namespaces);
    case 'node':
      return nodeMayHelp(plugin, pod, change);
    case 'claim':
      return (
        (plugin === 'VolumeBinding' || plugin === 'NodeVolumeLimits') &&
        namespaceOf(change.claim) === namespaceOf(pod) &&
        claimNames(pod).some(({ name }) => name === nameOf(change.claim))
      );
    case 'storage':
      return plugin === 'VolumeBinding' || plugin === 'NodeVolumeLimits';
    case 'namespace':
      return plugin === 'InterPodAffinity';
  }
}

function podMayHelp(
  plugin: Plugin,
  pod: KubeObject,
  { before, after }: Extract<Change, { of: 'pod' }>,
  namespaces: NamespaceLabels,
): boolean {
  const gone = after === undefined ? before : undefined;
  switch (plugin) {
    case 'NodeResourcesFit':
      return gone !== undefined;
    case 'NodePorts':
      return gone !== undefined && portsTaken(hostPorts(pod.spec), hostPorts(gone.spec));
    case 'NodeVolumeLimits':
      return gone !== undefined && claimNames(gone).length > 0;
    case 'InterPodAffinity':
      return neighbourMayHelp(pod, before, after, namespaces);
    case 'PodTopologySpread':
      return spreadChanges(pod, before, after);
    default:
      return false;
  }
}

function neighbourMayHelp(
  pod: KubeObject,
  before: KubeObject | undefined,
  after: KubeObject | undefined,
  namespaces: NamespaceLabels,
): boolean {
  const meant = (terms: readonly Json[], owner: KubeObject, other: KubeObject | undefined): boolean =>
    other !== undefined && terms.length > 0 && terms.every((term) => selects(owner, term, other, namespaces));
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  const wanted = termsOf(podAffinity);
  const avoided = termsOf(podAntiAffinity);
  if (meant(wanted, pod, after) && !meant(wanted, pod, before)) return true;
  if (meant(avoided, pod, before) && !meant(avoided, pod, after)) return true;
  if (before === undefined || after !== undefined) return false;
  return meant(termsOf(before.spec?.affinity?.podAntiAffinity), before, pod);
}

function spreadChanges(pod: KubeObject, before: KubeObject | undefined, after: KubeObject | undefined): boolean {
  const counted = (constraint: Json, other: KubeObject | undefined): boolean =>
    other !== undefined &&
    namespaceOf(other) === namespaceOf(pod) &&
    matchesSelector(withLabelKeys(constraint, pod), other.metadata.labels);
  return hardSpread(pod).some((constraint) => counted(constraint, before) !== counted(constraint, after));
}

function hardSpread(pod: KubeObject): Json[] {
  const all: Json[] = pod.spec?.topologySpreadConstraints ?? [];
  return all.filter(({ whenUnsatisfiable = 'DoNotSchedule' }) => whenUnsatisfiable === 'DoNotSchedule');
}

function nodeMayHelp(plugin: Plugin, pod: KubeObject, { before, after }: Extract<Change, { of: 'node' }>): boolean {
  const labels = after.metadata.labels ?? {};
  const old = before?.metadata.labels ?? {};
  const relabelled = before === undefined || !sameValue(labels, old);
  /** It passes now and did not before. */
  const turns = (passes: (node: KubeObject) => boolean) => passes(after) && (before === undefined || !passes(before));
  switch (plugin) {
    case 'NodeAffinity':
      return turns((node) => matchesNodeAffinity(pod.spec, { node, labels: node.metadata.labels ?? {} }));
    case 'TaintToleration':
      return turns((node) => untolerated(node, pod.spec?.tolerations) === undefined);
    case 'NodeUnschedulable':
      return turns((node) => node.spec?.unschedulable !== true || tolerates(pod.spec?.tolerations, CORDONED));
    case 'NodeResourcesFit':
      return fitsEmpty(pod, after) && (before === undefined || hasGrown(pod, before, after));
    case 'PodTopologySpread': {
      const keys = hardSpread(pod).map(({ topologyKey }) => topologyKey as string);
      const counts = (have: Record<string, string>) => keys.every((key) => have[key] !== undefined);
      if (counts(labels) !== (before !== undefined && counts(old))) return true;
      const moved = keys.some((key) => labels[key] !== old[key]);
      return counts(labels) && (moved || !sameValue(after.spec?.taints, before?.spec?.taints));
    }
    case 'InterPodAffinity': {
      const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
      const changed = ({ topologyKey }: Json) => labels[topologyKey] !== old[topologyKey];
      return (
        termsOf(podAffinity).some((term) => labels[term.topologyKey] !== undefined && changed(term)) ||
        termsOf(podAntiAffinity).some(
          (term) => before === undefined || (old[term.topologyKey] !== undefined && changed(term)),
        )
      );
    }
    case 'VolumeBinding':
      return relabelled;
    case 'NodePorts':
    case 'NodeVolumeLimits':
      return before === undefined;
  }
}

const CORDONED: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

function asked(pod: KubeObject): [name: string, amount: number][] {
  return Object.entries(requestsOf(pod)).filter(([, amount]) => amount > 0);
}

function fitsEmpty(pod: KubeObject, node: KubeObject): boolean {
  return asked(pod).every(([name, amount]) => amount <= parseQuantity(node.status?.allocatable?.[name]));
}

function hasGrown(pod: KubeObject, before: KubeObject, after: KubeObject): boolean {
  const more = (name: string): boolean =>
    parseQuantity(after.status?.allocatable?.[name]) > parseQuantity(before.status?.allocatable?.[name]);
  return more('pods') || asked(pod).some(([name]) => more(name));
}
