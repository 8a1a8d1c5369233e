/**
 * What an API server serves. Aggregated discovery (KEP-3352: two requests) where the server offers it, else one request
 * per group version. A group whose extension server is down is left out, not an error for all. Whoever asks again and
 * again pays little: a server that gives its answer an ETag sends it once.
 */
import { AppError } from '#shared/errors.ts';
import type { ResourceInfo } from '#shared/kubernetes/types.ts';
import { splitApiVersion } from '#shared/kubernetes/types.ts';
import { apiErrorOf } from './api-error.ts';
import type { KubeTransport, TransportResponse } from './types.ts';

const CACHE_MS = 60_000;
const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

type Dict = Record<string, unknown>;

export interface Discovery {
  resources(options: { refresh?: boolean; signal?: AbortSignal }): Promise<ResourceInfo[]>;
}

export function createDiscovery(transport: KubeTransport): Discovery {
  let cached: { at: number; value: Promise<ResourceInfo[]> } | null = null;
  const known: KnownRoots = new Map();
  return {
    resources({ refresh, signal }) {
      if (!refresh && cached !== null && Date.now() - cached.at < CACHE_MS) return cached.value;
      const entry = { at: Date.now(), value: discover(transport, known, signal) };
      cached = entry;
      // A failed discovery is not remembered.
      entry.value.catch(() => {
        if (cached === entry) cached = null;
      });
      return entry.value;
    },
  };
}

/** Last answers that had an ETag, by path. */
type KnownRoots = Map<string, { etag: string; resources: ResourceInfo[] }>;

async function discover(
  transport: KubeTransport,
  known: KnownRoots,
  signal: AbortSignal | undefined,
): Promise<ResourceInfo[]> {
  const perRoot = await Promise.all(['/api', '/apis'].map((path) => root(transport, path, known, signal)));
  return perRoot.flat();
}

async function root(
  transport: KubeTransport,
  path: string,
  known: KnownRoots,
  signal: AbortSignal | undefined,
): Promise<ResourceInfo[]> {
  const before = known.get(path);
  const headers = { accept: AGGREGATED, ...(before === undefined ? {} : { 'if-none-match': before.etag }) };
  const response = await transport.request({ method: 'GET', path, headers, signal });
  if (response.status === 304 && before !== undefined) return before.resources;
  const body = bodyOf(response, path);
  if (body.kind === 'APIGroupDiscoveryList') {
    const resources = list(body.items).flatMap(fromAggregatedGroup);
    const { etag } = response.headers;
    if (etag === undefined) known.delete(path);
    else known.set(path, { etag, resources });
    return resources;
  }
  const versions =
    path === '/api'
      ? strings(body.versions).map((version) => ({ path: `/api/${version}`, apiVersion: version }))
      : list(body.groups).flatMap((group) =>
          list(group.versions).map(({ groupVersion }) => ({
            path: `/apis/${String(groupVersion)}`,
            apiVersion: String(groupVersion),
          })),
        );
  const found = await Promise.allSettled(
    versions.map(async (v) => fromResourceList(v.apiVersion, await getJson(transport, v.path, signal))),
  );
  return found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}

async function getJson(transport: KubeTransport, path: string, signal: AbortSignal | undefined): Promise<Dict> {
  const headers = { accept: 'application/json' };
  return bodyOf(await transport.request({ method: 'GET', path, headers, signal }), path);
}

function bodyOf(response: TransportResponse, path: string): Dict {
  if (response.status >= 400) throw apiErrorOf(response, `GET ${path}`);
  if (typeof response.body === 'object' && response.body !== null) return response.body as Dict;
  throw new AppError('CLUSTER_ERROR', `GET ${path}: the answer is not JSON`, {
    retryable: true,
    params: { path },
    hint: 'hints.notApiServer',
  });
}

/** apidiscovery.k8s.io/v2 APIGroupDiscovery. */
function fromAggregatedGroup(group: Dict): ResourceInfo[] {
  const name = text((group.metadata as Dict | undefined)?.name);
  return list(group.versions).flatMap((version) =>
    list(version.resources).map((resource) => ({
      group: name,
      version: text(version.version),
      resource: text(resource.resource),
      kind: text((resource.responseKind as Dict | undefined)?.kind),
      singular: text(resource.singularResource),
      namespaced: resource.scope === 'Namespaced',
      verbs: strings(resource.verbs),
      shortNames: strings(resource.shortNames),
      categories: strings(resource.categories),
      subresources: list(resource.subresources).map((sub) => text(sub.subresource)),
    })),
  );
}

/** meta/v1 APIResourceList: subresources are entries of their own, named `deployments/scale`. */
function fromResourceList(apiVersion: string, body: Dict): ResourceInfo[] {
  const { group, version } = splitApiVersion(apiVersion);
  const byName = new Map<string, ResourceInfo>();
  const entries = list(body.resources);
  for (const entry of entries) {
    const name = text(entry.name);
    if (name === '' || name.includes('/')) continue;
    byName.set(name, {
      group,
      version,
      resource: name,
      kind: text(entry.kind),
      singular: text(entry.singularName) || text(entry.kind).toLowerCase(),
      namespaced: entry.namespaced === true,
      verbs: strings(entry.verbs),
      shortNames: strings(entry.shortNames),
      categories: strings(entry.categories),
      subresources: [],
    });
  }
  for (const entry of entries) {
    const [parent, ...rest] = text(entry.name).split('/');
    if (rest.length > 0) byName.get(parent ?? '')?.subresources.push(rest.join('/'));
  }
  return [...byName.values()];
}

function list(value: unknown): Dict[] {
  return Array.isArray(value) ? value.filter((v): v is Dict => typeof v === 'object' && v !== null) : [];
}
function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : [];
}
function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
