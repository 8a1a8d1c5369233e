/**
 * LimitRanger: what a namespace gives to containers that ask for nothing, and the bounds of what they may ask for.
 * Source: Kubernetes documentation, "Limit Ranges"; admission plugin LimitRanger.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { canonicalQuantity, compareQuantities, MOST_MILLI, milliOf, wholeOf } from '../kinds/validation/quantity.ts';
import { forbidden } from '../status.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { AdmissionPlugin } from '../types.ts';
import { podResources, type ResourceAmounts } from './pod-resources.ts';

const ANNOTATION = 'kubernetes.io/limit-ranger';

/** One entry of spec.limits, with what follows from the rest of it filled in. */
interface Limits {
  type: string;
  min: ResourceAmounts;
  max: ResourceAmounts;
  default: ResourceAmounts;
  defaultRequest: ResourceAmounts;
  ratio: ResourceAmounts;
}

export function limitRanger(store: ObjectStore): AdmissionPlugin {
  const ranges = store.collection('/limitranges');
  const limitsIn = (namespace: string): Limits[][] =>
    ranges.keys(`${namespace}/`).map((key) => limitsOf(ranges.items.get(key)!.object));
  return {
    name: 'LimitRanger',
    // What a pod asks for changes by a resize alone.
    matches: (kind, operation, subresource) =>
      kind.group === '' &&
      ((kind.resource === 'pods' && subresource === 'resize' && operation === 'UPDATE') ||
        (kind.resource === 'pods' && subresource === '' && operation === 'CREATE') ||
        (kind.resource === 'persistentvolumeclaims' && subresource === '' && operation !== 'DELETE')),
    mutate: ({ object, old, namespace, kind }) => {
      if (kind.resource === 'pods' && !isGoing(old)) fillPod(object!, limitsIn(namespace).flat());
    },
    validate: ({ object, old, namespace, kind, name }) => {
      if (isGoing(old)) return;
      // The first range that an object does not keep to is told alone.
      for (const limits of limitsIn(namespace)) {
        const problems = kind.resource === 'pods' ? podProblems(object!, limits) : claimProblems(object!, limits);
        const distinct = [...new Set(problems)];
        if (distinct.length > 0)
          throw forbidden(kind, name, distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`);
      }
    },
  };
}

function isGoing(object: KubeObject | null): boolean {
  return object?.metadata.deletionTimestamp !== undefined;
}

/** A maximum is a default limit, a default limit a default request, a minimum too where nothing else is said. */
function limitsOf(range: KubeObject): Limits[] {
  return ((range.spec?.limits ?? []) as Json[]).map((item) => {
    const limits: Limits = {
      type: item.type,
      min: { ...item.min },
      max: { ...item.max },
      default: { ...item.default },
      defaultRequest: { ...item.defaultRequest },
      ratio: { ...item.maxLimitRequestRatio },
    };
    if (item.type !== 'Container') return limits;
    limits.default = { ...limits.max, ...limits.default };
    limits.defaultRequest = { ...limits.min, ...limits.default, ...limits.defaultRequest };
    return limits;
  });
}

function fillPod(pod: KubeObject, all: readonly Limits[]): void {
  const requests: ResourceAmounts = {};
  const limits: ResourceAmounts = {};
  for (const each of all) {
    if (each.type !== 'Container') continue;
    Object.assign(requests, each.defaultRequest);
    Object.assign(limits, each.default);
  }
  const told: string[] = [];
  for (const container of pod.spec?.containers ?? []) told.push(...fill(container, 'container', requests, limits));
  for (const container of pod.spec?.initContainers ?? [])
    told.push(...fill(container, 'init container', requests, limits));
  if (told.length === 0) return;
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [ANNOTATION]: `LimitRanger plugin set: ${told.join('; ')}`,
  };
}

function fill(container: Json, what: string, requests: ResourceAmounts, limits: ResourceAmounts): string[] {
  const told: string[] = [];
  for (const [field, defaults, word] of [
    ['requests', requests, 'request'],
    ['limits', limits, 'limit'],
  ] as const) {
    const missing = Object.keys(defaults)
      .filter((name) => container.resources?.[field]?.[name] === undefined)
      .sort();
    if (missing.length === 0) continue;
    const added = Object.fromEntries(missing.map((name) => [name, canonicalQuantity(defaults[name]!)]));
    container.resources = { ...container.resources, [field]: { ...container.resources?.[field], ...added } };
    told.push(`${missing.join(', ')} ${word} for ${what} ${container.name}`);
  }
  return told;
}

function podProblems(pod: KubeObject, all: readonly Limits[]): string[] {
  const problems: string[] = [];
  for (const limits of all) {
    if (limits.type === 'Container')
      for (const container of [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])])
        problems.push(...bounds(limits, container.resources?.requests ?? {}, container.resources?.limits ?? {}));
    else if (limits.type === 'Pod')
      problems.push(...bounds(limits, podResources(pod.spec, 'requests'), podResources(pod.spec, 'limits')));
  }
  return problems;
}

function claimProblems(claim: KubeObject, all: readonly Limits[]): string[] {
  const requests: ResourceAmounts = claim.spec?.resources?.requests ?? {};
  const problems: string[] = [];
  for (const limits of all) {
    if (limits.type !== 'PersistentVolumeClaim') continue;
    for (const name of sorted(limits.min)) problems.push(...minimum(limits, name, requests, {}));
    for (const name of sorted(limits.max)) {
      const start = `maximum ${name} usage per ${limits.type} is ${shown(limits.max[name])}`;
      if (requests[name] === undefined) problems.push(`${start}.  No request is specified`);
      else if (compareQuantities(requests[name], limits.max[name]) > 0)
        problems.push(`${start}, but request is ${shown(requests[name])}`);
    }
  }
  return problems;
}

function bounds(limits: Limits, requests: ResourceAmounts, maximums: ResourceAmounts): string[] {
  return [
    ...sorted(limits.min).flatMap((name) => minimum(limits, name, requests, maximums)),
    ...sorted(limits.max).flatMap((name) => maximum(limits, name, requests, maximums)),
    ...sorted(limits.ratio).flatMap((name) => ratio(limits, name, requests[name], maximums[name])),
  ];
}

function minimum(limits: Limits, name: string, requests: ResourceAmounts, maximums: ResourceAmounts): string[] {
  const bound = limits.min[name];
  const start = `minimum ${name} usage per ${limits.type} is ${shown(bound)}`;
  if (requests[name] === undefined) return [`${start}.  No request is specified`];
  if (compareQuantities(requests[name], bound) < 0) return [`${start}, but request is ${shown(requests[name])}`];
  if (maximums[name] !== undefined && compareQuantities(maximums[name], bound) < 0)
    return [`${start}, but limit is ${shown(maximums[name])}`];
  return [];
}

function maximum(limits: Limits, name: string, requests: ResourceAmounts, maximums: ResourceAmounts): string[] {
  const bound = limits.max[name];
  const start = `maximum ${name} usage per ${limits.type} is ${shown(bound)}`;
  if (maximums[name] === undefined) return [`${start}.  No limit is specified`];
  if (compareQuantities(maximums[name], bound) > 0) return [`${start}, but limit is ${shown(maximums[name])}`];
  if (requests[name] !== undefined && compareQuantities(requests[name], bound) > 0)
    return [`${start}, but request is ${shown(requests[name])}`];
  return [];
}

function ratio(limits: Limits, name: string, request: string | undefined, limit: string | undefined): string[] {
  const bound = limits.ratio[name];
  const start = `${name} max limit to request ratio per ${limits.type} is ${shown(bound)}`;
  const fine = [request, limit, bound].every((each) => wholeOf(each) <= MOST_MILLI);
  const [asked, most] = [request, limit].map((each) => Number(fine ? milliOf(each) : wholeOf(each))) as [
    number,
    number,
  ];
  if (asked === 0) return [`${start}, but no request is specified or request is 0`];
  if (most === 0) return [`${start}, but no limit is specified or limit is 0`];
  const found = most / asked;
  const more = wholeOf(bound) <= MOST_MILLI ? found * 1000 > Number(milliOf(bound)) : found > Number(wholeOf(bound));
  return more ? [`${start}, but provided ratio is ${found.toFixed(6)}`] : [];
}

function sorted(amounts: ResourceAmounts): string[] {
  return Object.keys(amounts).sort();
}

function shown(quantity: string | undefined): string {
  return canonicalQuantity(quantity ?? '0');
}
