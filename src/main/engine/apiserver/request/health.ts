/** /healthz, /livez, /readyz, with `?verbose`, `?exclude` and single checks below them. Source: API reference, "API health endpoints". */
import type { ApiAnswer, ApiRequest } from './types.ts';

export const HEALTH_PATHS = ['/healthz', '/livez', '/readyz'];
/** The real server's checks, in its order. What there is none of here has nothing to wait for. */
const BEFORE_HOOKS: Readonly<Record<string, readonly string[]>> = {
  readyz: ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync'],
  livez: ['ping', 'log', 'loopback-serving-certificate', 'etcd'],
  healthz: ['ping', 'log', 'loopback-serving-certificate', 'etcd'],
};
const HOOKS = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'peer-endpoint-reconciler-controller',
  'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'storage-readiness',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'aggregator-reload-proxy-client-cert',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-wait-for-first-sync',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
].map((name) => `poststarthook/${name}`);
const AFTER_HOOKS = [
  'autoregister-completion',
  'poststarthook/apiservice-openapi-controller',
  'poststarthook/apiservice-openapiv3-controller',
];

function checksOf(endpoint: string): string[] {
  const before = BEFORE_HOOKS[endpoint] ?? [];
  return [...before, ...HOOKS, ...AFTER_HOOKS, ...(endpoint === 'readyz' ? ['shutdown'] : [])];
}

/** The server answers only when it is ready, so every check passes until it is asked to end. Null: no such check. */
export function serveHealth(path: string, request: ApiRequest, ending: boolean): ApiAnswer | null {
  const [, endpoint = '', ...rest] = path.split('/');
  const checks = checksOf(endpoint);
  const single = rest.join('/');
  const verbose = request.query.has('verbose');
  const failed = (name: string) => ending && name === 'shutdown';
  if (single !== '') {
    if (!checks.includes(single)) return null;
    if (failed(single)) return text('internal server error: process is shutting down\n', 500);
    return text(verbose ? `[+]${single} ok\n${endpoint} check passed\n` : 'ok');
  }
  const excluded = new Set(request.query.getAll('exclude').flatMap((names) => names.split(',')));
  const failing = checks.filter((name) => failed(name) && !excluded.has(name));
  if (!verbose && failing.length === 0) return text('ok');
  const lines = checks.map((name) => {
    if (excluded.has(name)) return `[+]${name} excluded: ok`;
    return failed(name) ? `[-]${name} failed: reason withheld` : `[+]${name} ok`;
  });
  const unknown = [...excluded].filter((name) => !checks.includes(name)).map((name) => `"${name}"`);
  if (unknown.length > 0)
    lines.push(`warn: some health checks cannot be excluded: no matches for ${unknown.join(', ')}`);
  return text(
    `${lines.join('\n')}\n${endpoint} check ${failing.length > 0 ? 'failed' : 'passed'}\n`,
    failing.length > 0 ? 500 : 200,
  );
}

/** `/metrics/slis`: how the checks went, as the component health SLIs have it (KEP-3466). */
export function healthSlis(ending: boolean): string {
  const each = (line: (name: string, type: string, well: boolean) => string): string =>
    HEALTH_PATHS.map((path) => path.slice(1))
      .flatMap((type) => checksOf(type).map((name) => line(name, type, !(ending && name === 'shutdown'))))
      .sort()
      .join('');
  const gauges = each((name, type, well) => `kubernetes_healthcheck{name="${name}",type="${type}"} ${well ? 1 : 0}\n`);
  const counts = each(
    (name, type, well) =>
      `kubernetes_healthchecks_total{name="${name}",status="${well ? 'success' : 'error'}",type="${type}"} 1\n`,
  );
  return `# HELP kubernetes_healthcheck [STABLE] This metric records the result of a single healthcheck.\n# TYPE kubernetes_healthcheck gauge\n${gauges}# HELP kubernetes_healthchecks_total [STABLE] This metric records the results of all healthcheck.\n# TYPE kubernetes_healthchecks_total counter\n${counts}`;
}

function text(data: string, status = 200): ApiAnswer {
  return {
    status,
    headers: { 'X-Content-Type-Options': 'nosniff' },
    body: { kind: 'raw', data, contentType: 'text/plain; charset=utf-8' },
  };
}
