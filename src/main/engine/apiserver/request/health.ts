/** /healthz, /livez, /readyz, with `?verbose` and single checks below them. Source: API reference, "API health endpoints". */
import type { ApiAnswer, ApiRequest } from './types.ts';

export const HEALTH_PATHS = ['/healthz', '/livez', '/readyz'];
const CHECKS = ['ping', 'log', 'etcd', 'poststarthook/start-apiserver-admission-initializer'];

/** The server answers only when it is ready, so every check that exists passes. Null: no such check. */
export function serveHealth(path: string, request: ApiRequest): ApiAnswer | null {
  const [, endpoint = '', ...rest] = path.split('/');
  const check = rest.join('/');
  if (check !== '') return CHECKS.includes(check) ? text('ok') : null;
  if (!request.query.has('verbose')) return text('ok');
  const excluded = new Set(request.query.getAll('exclude'));
  const lines = CHECKS.map((name) => (excluded.has(name) ? `[+]${name} excluded: ok` : `[+]${name} ok`));
  return text(`${lines.join('\n')}\n${endpoint} check passed\n`);
}

function text(data: string): ApiAnswer {
  return { status: 200, body: { kind: 'raw', data, contentType: 'text/plain; charset=utf-8' } };
}
