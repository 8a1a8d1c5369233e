/** Addresses of the Resources page: which targets, which kind, which filter, which object is open. Pure. */
import type { Target } from '#shared/contract/views.ts';
import type { ResourceRef } from '#shared/kubernetes/types.ts';
import { formatTargets, parseTargets } from '../stores/targets.ts';
import { formatRoute, type Route } from './router.ts';

export interface OpenObject {
  target: Target;
  namespace: string;
  name: string;
}

export interface ResourcesPlace {
  targets: readonly Target[];
  resource: ResourceRef | null;
  namespaces: readonly string[];
  filter: string;
  sort: { column: string; descending: boolean } | null;
  /** Column whose values keep rows together; empty: none. */
  group: string;
  open: OpenObject | null;
}

/** `apps/v1/deployments`; the core group is written `-`, because an address has no empty parts. */
export function resourcePathOf(ref: ResourceRef): string[] {
  return [ref.group === '' ? '-' : ref.group, ref.version, ref.resource];
}

/** What the page shows where its address names no kind. */
export const FIRST_RESOURCE: ResourceRef = { group: 'apps', version: 'v1', resource: 'deployments' };

export function parseResourcesPlace({ path, query }: Route): ResourcesPlace {
  const [, group, version, resource] = path;
  const sort = query['sort'] ?? '';
  return {
    targets: parseTargets(query['on'] ?? ''),
    resource:
      group === undefined || version === undefined || resource === undefined
        ? null
        : { group: group === '-' ? '' : group, version, resource },
    namespaces: (query['ns'] ?? '').split(',').filter((name) => name !== ''),
    filter: query['q'] ?? '',
    sort: sort === '' ? null : { column: sort.replace(/^-/, ''), descending: sort.startsWith('-') },
    group: query['g'] ?? '',
    open: parseOpen(query['open'] ?? ''),
  };
}

/** The address of a place: `change` over what `from` says. */
export function resourcesRoute(change: Partial<ResourcesPlace>, from?: Route): string {
  const base = parseResourcesPlace(from ?? { path: [], query: {} });
  const place = { ...base, ...change };
  return formatRoute(['resources', ...(place.resource === null ? [] : resourcePathOf(place.resource))], {
    on: formatTargets(place.targets),
    ns: place.namespaces.join(','),
    q: place.filter,
    sort: place.sort === null ? '' : `${place.sort.descending ? '-' : ''}${place.sort.column}`,
    g: place.group,
    open: place.open === null ? '' : formatOpen(place.open),
  });
}

export function formatOpen({ target, namespace, name }: OpenObject): string {
  return `${target.kind}:${target.id}/${namespace}/${name}`;
}

export function parseOpen(text: string): OpenObject | null {
  const [where = '', namespace, name] = text.split('/');
  const target = parseTargets(where)[0];
  return target === undefined || namespace === undefined || name === undefined || name === ''
    ? null
    : { target, namespace, name };
}
