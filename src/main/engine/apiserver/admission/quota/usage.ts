/**
 * What one object counts for, under every name a ResourceQuota may limit it by. Shared by admission and the controller
 * that keeps status.used, so that both always agree. Source: Kubernetes documentation, "Resource Quotas".
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { addQuantities, compareQuantities, parseQuantity } from '../../kinds/validation/quantity.ts';
import { qualifiedResource } from '../../status.ts';
import { podResources, type ResourceAmounts } from '../pod-resources.ts';

/** Resources counted under their own name beside `count/...`. */
const COUNTED = ['configmaps', 'replicationcontrollers', 'resourcequotas', 'secrets'];
const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];
const STORAGE_CLASS = '.storageclass.storage.k8s.io/';
/** What every container has to say for itself once a quota limits it. */
const MUST_BE_SAID = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory'];

interface KindName {
  group: string;
  resource: string;
}

/** Everything the object counts for. */
export function usageOf(kind: KindName, object: KubeObject): ResourceAmounts {
  const usage: ResourceAmounts = { [`count/${qualifiedResource(kind)}`]: '1' };
  if (kind.group !== '') return usage;
  switch (kind.resource) {
    case 'pods':
      return isFinished(object) ? usage : { ...usage, pods: '1', ...computeUsage(object.spec) };
    case 'services':
      return { ...usage, services: '1', ...serviceUsage(object.spec) };
    case 'persistentvolumeclaims':
      return { ...usage, persistentvolumeclaims: '1', ...claimUsage(object) };
    default:
      return COUNTED.includes(kind.resource) ? { ...usage, [kind.resource]: '1' } : usage;
  }
}

/** Which collection a name in spec.hard is about: `group/resource`; null for what nobody counts. */
export function collectionFor(name: string): string | null {
  if (name.startsWith('count/')) {
    const [resource = '', ...group] = name.slice('count/'.length).split('.');
    return `${group.join('.')}/${resource}`;
  }
  if (name === 'services' || name.startsWith('services.')) return '/services';
  if (name === 'persistentvolumeclaims' || name === 'requests.storage' || name.includes(STORAGE_CLASS))
    return '/persistentvolumeclaims';
  if (COUNTED.includes(name)) return `/${name}`;
  const compute =
    name === 'pods' || COMPUTE.includes(name) || /^(requests|limits)\./.test(name) || name.startsWith('hugepages-');
  return compute ? '/pods' : null;
}

/** `must specify limits.cpu for: a,b; requests.cpu for: a` when containers leave out what is limited; null if not. */
export function missingRequests(spec: Json, limited: readonly string[]): string | null {
  const required = limited.filter((name) => MUST_BE_SAID.includes(name)).sort();
  if (required.length === 0 || spec?.resources !== undefined) return null;
  const missing = new Map<string, string[]>();
  for (const container of [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]) {
    const given = computeNames(container.resources?.requests ?? {}, container.resources?.limits ?? {});
    for (const name of required)
      if (given[name] === undefined) missing.set(name, [...(missing.get(name) ?? []), container.name]);
  }
  if (missing.size === 0) return null;
  const parts = required
    .filter((name) => missing.has(name))
    .map((name) => `${name} for: ${[...new Set(missing.get(name))].sort().join(',')}`);
  return `must specify ${parts.join('; ')}`;
}

function computeUsage(spec: Json): ResourceAmounts {
  return computeNames(podResources(spec, 'requests'), podResources(spec, 'limits'));
}

function computeNames(requests: ResourceAmounts, limits: ResourceAmounts): ResourceAmounts {
  const usage: ResourceAmounts = {};
  for (const [name, amount] of Object.entries(requests)) {
    usage[`requests.${name}`] = amount;
    if (COMPUTE.includes(name) || name.startsWith('hugepages-')) usage[name] = amount;
  }
  for (const [name, amount] of Object.entries(limits)) if (COMPUTE.includes(name)) usage[`limits.${name}`] = amount;
  return usage;
}

/** A pod that has ended, or that should have ended by now, uses nothing any more. */
function isFinished(pod: KubeObject): boolean {
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') return true;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  // The time of deletion already includes the grace period.
  return (
    deletionTimestamp !== undefined &&
    deletionGracePeriodSeconds !== undefined &&
    Date.now() > Date.parse(deletionTimestamp)
  );
}

function serviceUsage(spec: Json): ResourceAmounts {
  const ports: Json[] = spec?.ports ?? [];
  if (spec?.type === 'NodePort') return { 'services.nodeports': String(ports.length) };
  if (spec?.type !== 'LoadBalancer') return {};
  const withPort =
    spec.allocateLoadBalancerNodePorts === false ? ports.filter((port) => (port.nodePort ?? 0) !== 0) : ports;
  return { 'services.loadbalancers': '1', 'services.nodeports': String(withPort.length) };
}

function claimUsage(claim: KubeObject): ResourceAmounts {
  const asked = claim.spec?.resources?.requests?.storage;
  const granted = claim.status?.allocatedResources?.storage;
  const storage = granted !== undefined && compareQuantities(granted, asked) > 0 ? granted : asked;
  const name =
    claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec?.storageClassName ?? '';
  const usage: ResourceAmounts = storage === undefined ? {} : { 'requests.storage': storage };
  if (name === '') return usage;
  usage[`${name}${STORAGE_CLASS}persistentvolumeclaims`] = '1';
  if (storage !== undefined) usage[`${name}${STORAGE_CLASS}requests.storage`] = storage;
  return usage;
}

/** `a` plus or minus `b`, over the names of both. */
export function combine(a: ResourceAmounts, b: ResourceAmounts, sign: 1 | -1 = 1): ResourceAmounts {
  const total = { ...a };
  for (const [name, amount] of Object.entries(b)) total[name] = addQuantities(total[name], amount, sign);
  return total;
}

/** Only what is in `names`. */
export function mask(amounts: ResourceAmounts, names: readonly string[]): ResourceAmounts {
  return Object.fromEntries(names.filter((name) => amounts[name] !== undefined).map((name) => [name, amounts[name]!]));
}

/** What has grown; null when nothing has. */
export function growth(amounts: ResourceAmounts): ResourceAmounts | null {
  const grown = Object.entries(amounts).filter(([, amount]) => (parseQuantity(amount) ?? 0) > 0);
  return grown.length === 0 ? null : Object.fromEntries(grown);
}

/** `cpu=1,memory=1Gi`, names in order. */
export function amountsText(amounts: ResourceAmounts): string {
  return Object.keys(amounts)
    .sort()
    .map((name) => `${name}=${amounts[name]}`)
    .join(',');
}
