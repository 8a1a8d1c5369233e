/**
 * What a cluster says of its own health when somebody looks: the checks behind /readyz (API reference, "Kubernetes API
 * health endpoints"), and which deprecated APIs are asked for (metric apiserver_requested_deprecated_apis, since 1.19).
 * Never asks for a deprecated API itself: that would count as a use of it.
 */
import type { ClusterHealthChecks, DeprecatedApi } from '#shared/contract/cluster-health.ts';
import { toErrorShape } from '#shared/errors.ts';
import { removalOf } from '#shared/kubernetes/removed-apis.ts';
import { apiVersionOf, type ResourceInfo } from '#shared/kubernetes/types.ts';
import { apiErrorOf, type KubeClient } from '../kube/index.ts';

type Ready = NonNullable<ClusterHealthChecks['ready']>;

const REQUESTED = 'apiserver_requested_deprecated_apis{';
/** The metrics of a large API server are some ten megabytes. */
const METRICS_TIMEOUT_MS = 60_000;
/** Deprecated for good, with no release that removes them. */
const INSTEAD: Readonly<Record<string, string>> = {
  'v1 endpoints': 'discovery.k8s.io/v1',
  'v1 componentstatuses': '/readyz',
};
const MOST_CHECKS = 200;
const MOST_APIS = 200;

export async function healthChecks(client: KubeClient): Promise<ClusterHealthChecks> {
  const [ready, deprecated] = await Promise.allSettled([readyChecks(client), deprecatedApis(client)]);
  return {
    at: new Date().toISOString(),
    ready: ready.status === 'fulfilled' ? ready.value : null,
    readyError: ready.status === 'fulfilled' ? null : toErrorShape(ready.reason),
    deprecated: deprecated.status === 'fulfilled' ? deprecated.value : null,
    deprecatedError: deprecated.status === 'fulfilled' ? null : toErrorShape(deprecated.reason),
  };
}

async function readyChecks({ transport }: KubeClient): Promise<Ready> {
  const response = await transport.request({ method: 'GET', path: '/readyz', query: { verbose: true } });
  // A server that is not ready answers 500 with the same lines.
  const checks = parseReadyChecks(response.body);
  if (checks.length === 0 && response.status >= 400) throw apiErrorOf(response, 'GET /readyz?verbose');
  return checks;
}

/** Lines as `[+]etcd ok` and `[-]informer-sync failed: reason withheld`. */
export function parseReadyChecks(body: unknown): Ready {
  if (typeof body !== 'string') return [];
  const checks: Ready = [];
  for (const line of body.split('\n')) {
    const match = /^\[([+-])\](\S+) ?(.*)$/.exec(line.trim());
    if (match === null) continue;
    const [, sign, name = '', detail = ''] = match;
    checks.push({ name: name.slice(0, 120), ok: sign === '+', detail: sign === '+' ? '' : detail.slice(0, 300) });
    if (checks.length === MOST_CHECKS) break;
  }
  // What is wrong first; otherwise as the server orders them.
  return [...checks.filter(({ ok }) => !ok), ...checks.filter(({ ok }) => ok)];
}

async function deprecatedApis(client: KubeClient): Promise<ClusterHealthChecks['deprecated']> {
  const response = await client.transport.request({
    method: 'GET',
    path: '/metrics',
    headers: { accept: 'text/plain' },
    timeoutMs: METRICS_TIMEOUT_MS,
    priority: 'background',
  });
  if (response.status < 300 && typeof response.body === 'string' && response.body.includes('apiserver_request')) {
    return { source: 'metrics', apis: requestedApis(response.body, await client.resources()) };
  }
  return { source: 'discovery', apis: servedApis(await client.resources()) };
}

/** `apiserver_requested_deprecated_apis{group="policy",removed_release="1.25",resource="...",version="v1beta1"} 1` */
export function requestedApis(metrics: string, resources: readonly ResourceInfo[]): DeprecatedApi[] {
  const found = new Map<string, DeprecatedApi>();
  // A search for a text, not for a pattern: among tens of megabytes of other metrics it costs nothing.
  for (let at = metrics.indexOf(REQUESTED); at >= 0; at = metrics.indexOf(REQUESTED, at + 1)) {
    const line = metrics.slice(at + REQUESTED.length, at + 2_000).split('\n', 1)[0] ?? '';
    const [, inBraces = ''] = /^(.*)\} [1-9]/.exec(line) ?? [];
    if (inBraces === '') continue;
    const labels = new Map(
      [...inBraces.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
    );
    const label = (name: string) => (labels.get(name) ?? '').slice(0, 253);
    const apiVersion = label('group') === '' ? label('version') : `${label('group')}/${label('version')}`;
    const resource = label('resource');
    const kind = resources.find((each) => apiVersionOf(each) === apiVersion && each.resource === resource)?.kind ?? '';
    const known = removalOf(apiVersion, kind);
    const removedIn = label('removed_release') || (known === undefined ? '' : `1.${known.in}`);
    const name = `${apiVersion} ${resource}`;
    found.set(name, { apiVersion, resource, removedIn, use: known?.use ?? INSTEAD[name] ?? '', requested: true });
    if (found.size === MOST_APIS) break;
  }
  return inOrder([...found.values()]);
}

/** What is served and will not be for ever; whether anybody uses it is not known. */
export function servedApis(resources: readonly ResourceInfo[]): DeprecatedApi[] {
  return inOrder(
    resources.flatMap((info) => {
      const apiVersion = apiVersionOf(info);
      const known = removalOf(apiVersion, info.kind);
      if (known === undefined) return [];
      return [{ apiVersion, resource: info.resource, removedIn: `1.${known.in}`, use: known.use, requested: null }];
    }),
  );
}

/** The earliest removal first. */
function inOrder(apis: DeprecatedApi[]): DeprecatedApi[] {
  const minor = ({ removedIn }: DeprecatedApi) => Number(/^1\.(\d+)/.exec(removedIn)?.[1] ?? Number.MAX_SAFE_INTEGER);
  return apis.sort((a, b) => minor(a) - minor(b) || a.apiVersion.localeCompare(b.apiVersion));
}
