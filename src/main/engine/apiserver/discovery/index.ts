/**
 * Discovery: which groups, versions and resources there are, plain and aggregated (apidiscovery.k8s.io/v2).
 * Source: "Kubernetes API Concepts", API discovery; KEP-3352.
 */
import { createHash } from 'node:crypto';
import { groupPriority } from '../bootstrap/api-services.ts';
import { type Document, documentOf, keptDocument } from '../documents.ts';
import type { KindDefinition, KindRegistry } from '../types.ts';
import { subresourcesOf } from './subresources.ts';

export interface DiscoveryAnswer {
  contentType: string;
  body: unknown;
  /** Of aggregated discovery. */
  etag?: string;
}

export { subresourcesOf };

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const PLAIN = 'application/json';

/** The answer of `discovery` as the document that is sent, kept with the others where it is the same for everybody. */
export function discoveryDocument(registry: KindRegistry, path: string, accept: string, host: string): Document | null {
  const build = (): Document | null => {
    const found = discovery(registry, path, accept, host);
    return found && documentOf(found.contentType, `${JSON.stringify(found.body)}\n`, found.etag);
  };
  const aggregated = wantsAggregated(accept) && path !== '/apis/';
  // It names the host that was asked.
  if (path === '/api' && !aggregated) return build();
  return keptDocument(registry, aggregated ? `${path} aggregated` : path, build);
}

/** Answers /api, /apis, /api/v1, /apis/G and /apis/G/V; null when the path is none of them or names nothing. */
export function discovery(registry: KindRegistry, path: string, accept: string, host: string): DiscoveryAnswer | null {
  const parts = path.split('/').filter((part) => part !== '');
  // Behind a slash there is the plain list alone.
  const aggregated = wantsAggregated(accept) && path !== '/apis/';
  if (parts[0] === 'api' && parts.length === 1) {
    return aggregated ? aggregatedList(registry, true) : { contentType: PLAIN, body: apiVersions(host) };
  }
  if (parts[0] === 'api' && parts.length === 2) return resourceList(registry, '', parts[1] ?? '');
  if (parts[0] !== 'apis') return null;
  if (parts.length === 1)
    return aggregated
      ? aggregatedList(registry, false)
      : {
          contentType: PLAIN,
          body: {
            kind: 'APIGroupList',
            apiVersion: 'v1',
            groups: [...groups(registry)].map(([name, versions]) => apiGroup(name, versions)),
          },
        };
  const group = parts[1] ?? '';
  if (parts.length === 2) {
    const versions = groups(registry).get(group);
    if (versions === undefined) return null;
    return { contentType: PLAIN, body: { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group, versions) } };
  }
  return parts.length === 3 ? resourceList(registry, group, parts[2] ?? '') : null;
}

/** True when the first media type we can serve is aggregated discovery v2. */
function wantsAggregated(accept: string): boolean {
  for (const part of accept.split(',')) {
    const [type = '', ...params] = part.split(';').map((piece) => piece.trim());
    if (params.some((param) => param.startsWith('as='))) {
      const has = (wanted: string): boolean => params.includes(wanted);
      if (type === PLAIN && has('g=apidiscovery.k8s.io') && has('v=v2') && has('as=APIGroupDiscoveryList')) return true;
    } else if (type === PLAIN || type === '*/*' || type === 'application/*') return false;
  }
  return false;
}

function apiVersions(host: string): unknown {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: host }],
  };
}

/**
 * Groups by their priority, for clients take the first that has what they look for; versions in order of preference: stable
 * before beta before alpha, newer first.
 */
function groups(registry: KindRegistry): Map<string, string[]> {
  const found = new Map<string, { priority: number; versions: Set<string> }>();
  for (const kind of registry.all()) {
    if (kind.group === '') continue;
    const known = found.get(kind.group) ?? { priority: groupPriority(kind), versions: new Set() };
    known.versions.add(kind.version);
    found.set(kind.group, known);
  }
  const inOrder = [...found].sort(([a, of], [b, than]) => than.priority - of.priority || (a < b ? -1 : 1));
  return new Map(inOrder.map(([name, { versions }]) => [name, [...versions].sort(compareVersions)]));
}

/** Kubernetes version priority: `v2 > v1 > v1beta2 > v1beta1 > v1alpha1 > others in alphabetical order`. */
export function compareVersions(a: string, b: string): number {
  const [rankA, rankB] = [versionRank(a), versionRank(b)];
  if (rankA === null || rankB === null) {
    if (rankA !== null) return -1;
    return rankB !== null ? 1 : a < b ? -1 : 1;
  }
  for (let index = 0; index < rankA.length; index += 1) {
    const difference = (rankB[index] ?? 0) - (rankA[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function versionRank(version: string): number[] | null {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (match === null) return null;
  const stage = match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0;
  return [stage, Number(match[1]), Number(match[3] ?? 0)];
}

function apiGroup(name: string, versions: readonly string[]): Record<string, unknown> {
  const list = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: list, preferredVersion: list[0] };
}

function kindsOf(registry: KindRegistry, group: string, version: string): KindDefinition[] {
  const found = registry.all().filter((kind) => kind.group === group && kind.version === version);
  // Custom kinds come as they were defined.
  return found.sort((a, b) =>
    a.custom !== undefined || b.custom !== undefined ? 0 : a.resource < b.resource ? -1 : 1,
  );
}

function resourceList(registry: KindRegistry, group: string, version: string): DiscoveryAnswer | null {
  const kinds = kindsOf(registry, group, version);
  if (kinds.length === 0) return null;
  const resources = kinds.flatMap((kind) => [
    {
      name: kind.resource,
      singularName: kind.singular,
      namespaced: kind.namespaced,
      kind: kind.kind,
      verbs: kind.verbs,
      ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
      ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
      ...(kind.verbs.includes('watch') ? { storageVersionHash: storageHash(kind) } : {}),
    },
    ...subresourcesOf(kind).map((sub) => ({
      name: `${kind.resource}/${sub.name}`,
      singularName: '',
      namespaced: kind.namespaced,
      ...(sub.version === '' ? {} : { group: sub.group, version: sub.version }),
      kind: sub.kind,
      verbs: sub.verbs,
    })),
  ]);
  const groupVersion = group === '' ? version : `${group}/${version}`;
  // The core group's list is older than apiVersion in this place and has none.
  const head = group === '' ? { kind: 'APIResourceList' } : { kind: 'APIResourceList', apiVersion: 'v1' };
  return { contentType: PLAIN, body: { ...head, groupVersion, resources } };
}

/** Built-in kinds that the real server stores in another version than the one they are asked in. */
const STORED_AS: Readonly<Record<string, string>> = {
  'events.k8s.io/v1/Event': '/v1/Event',
  'autoscaling/v1/HorizontalPodAutoscaler': 'autoscaling/v2/HorizontalPodAutoscaler',
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy':
    'admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBinding':
    'admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicyBinding',
  'apiextensions.k8s.io/v1/CustomResourceDefinition': 'apiextensions.k8s.io/v1beta1/CustomResourceDefinition',
};

function storageHash(kind: KindDefinition): string {
  const asked = `${kind.group}/${kind.version}/${kind.kind}`;
  const digest = createHash('sha256')
    .update(STORED_AS[asked] ?? asked)
    .digest();
  return digest.subarray(0, 8).toString('base64');
}

function aggregatedList(registry: KindRegistry, core: boolean): DiscoveryAnswer {
  const list: [string, string[]][] = core ? [['', ['v1']]] : [...groups(registry)];
  const body = {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: list.map(([name, versions]) => ({
      metadata: name === '' ? {} : { name },
      versions: versions.map((version) => ({
        version,
        resources: kindsOf(registry, name, version).map(aggregatedResource),
        freshness: 'Current',
      })),
    })),
  };
  const etag = createHash('sha256').update(JSON.stringify(body)).digest('hex').toUpperCase();
  return { contentType: AGGREGATED, body, etag: `"${etag}"` };
}

function aggregatedResource(kind: KindDefinition): Record<string, unknown> {
  // Custom kinds name their group version; built-in ones leave it to the surrounding entry.
  const responseKind =
    kind.custom === undefined
      ? { group: '', version: '', kind: kind.kind }
      : { group: kind.group, version: kind.version, kind: kind.kind };
  const subresources = subresourcesOf(kind).map((sub) => ({
    subresource: sub.name,
    responseKind:
      sub.version === ''
        ? { ...responseKind, kind: sub.kind }
        : { group: sub.group, version: sub.version, kind: sub.kind },
    verbs: sub.verbs,
  }));
  return {
    resource: kind.resource,
    responseKind,
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}
