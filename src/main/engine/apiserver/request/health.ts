/** /healthz, /livez, /readyz, with `?verbose`, `?exclude` and single checks below them. Source: API reference, "API health endpoints". */
import type { ApiAnswer, ApiRequest } from './types.ts';

export const HEALTH_PATHS = ['/healthz', '/livez', '/readyz'];
/** Of the real server's checks those whose subject exists here. */
const CHECKS = [
  'ping',
  'log',
  'etcd',
  'poststarthook/start-apiserver-admission-initializer',
  'poststarthook/start-apiextensions-controllers',
  'poststarthook/crd-informer-synced',
  'poststarthook/start-system-namespaces-controller',
  'poststarthook/rbac/bootstrap-roles',
  'poststarthook/scheduling/bootstrap-system-priority-classes',
  'poststarthook/apiservice-registration-controller',
];
const READY_ONLY = ['informer-sync', 'shutdown'];

/** The server answers only when it is ready, so every check passes until it is asked to end. Null: no such check. */
export function serveHealth(path: string, request: ApiRequest, ending: boolean): ApiAnswer | null {
  const [, endpoint = '', ...rest] = path.split('/');
  const checks = endpoint === 'readyz' ? [...CHECKS, ...READY_ONLY] : CHECKS;
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

function text(data: string, status = 200): ApiAnswer {
  return {
    status,
    headers: { 'X-Content-Type-Options': 'nosniff' },
    body: { kind: 'raw', data, contentType: 'text/plain; charset=utf-8' },
  };
}
