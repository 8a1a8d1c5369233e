/** Everything that is no resource: discovery, OpenAPI, version, health, the list of paths. */
import type { Core } from '../core.ts';
import { discoveryDocument } from '../discovery/index.ts';
import type { Document } from '../documents.ts';
import { openApiV2, openApiV3 } from '../schemas.ts';
import { methodNotAllowed, noSuchResource } from '../status.ts';
import { toYaml } from '../yaml.ts';
import { discoveryFormat } from './accept.ts';
import { HEALTH_PATHS, serveHealth } from './health.ts';
import type { PlainRoute } from './route.ts';
import { type ApiAnswer, type ApiRequest, jsonAnswer } from './types.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
/** Answered by handlers of their own, which do not ask for the method. */
const ANY_METHOD = /^(\/|\/index\.html|\/apis|\/apis\/[^/]+|\/openapi\/.*|\/(healthz|livez|readyz)(\/.*)?)$/;
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';

export function servePlain(core: Core, route: PlainRoute, request: ApiRequest): ApiAnswer {
  const path = route.path.length > 1 ? route.path.replace(/\/+$/, '') : route.path;
  // A path of the API under a method the API does not have.
  if (!METHODS.has(request.method) && /^\/(api|apis)(\/|$)/.test(path)) throw methodNotAllowed();
  const known = serve(core, path, request);
  if (known === null) return pageNotFound();
  if (request.method !== 'GET' && request.method !== 'HEAD' && !ANY_METHOD.test(path)) throw methodNotAllowed();
  return known;
}

function serve(core: Core, path: string, request: ApiRequest): ApiAnswer | null {
  if (path === '/' || path === '/index.html') return jsonAnswer({ paths: pathsOf(core) });
  if (path === '/version') return jsonAnswer(versionInfo(core.version));
  if (HEALTH_PATHS.some((known) => path === known || path.startsWith(`${known}/`)))
    return serveHealth(path, request, core.ending);
  if (path === '/metrics')
    return {
      status: 200,
      body: { kind: 'raw', data: core.metrics.render(core.store, core.version), contentType: METRICS_TYPE },
    };
  if (path === '/openid/v1/jwks') return jsonAnswer(core.tokens.keySet());
  if (path === '/.well-known/openid-configuration')
    return jsonAnswer(core.tokens.configuration(`https://${request.host ?? '127.0.0.1'}`));
  const accept = request.headers.accept ?? '';
  if (path === '/openapi/v2') return answerOf(openApiV2(core.registry, accept), request);
  if (path === '/openapi/v3' || path.startsWith('/openapi/v3/')) {
    const found = openApiV3(core.registry, path);
    return found === null ? null : answerOf(found, request);
  }
  const found = discoveryDocument(core.registry, path, accept, request.host ?? '');
  if (found !== null) {
    if (discoveryFormat(request.headers.accept, path) === 'json') return answerOf(found, request);
    const value: unknown = JSON.parse(Buffer.from(found.data).toString('utf8'));
    return { status: 200, body: { kind: 'raw', data: toYaml(value), contentType: 'application/yaml' } };
  }
  const [, root, group] = path.split('/');
  // A version that a known group does not have.
  if (
    root === 'api' ||
    (root === 'apis' &&
      group !== '' &&
      core.registry.all().some((kind) => kind.group === group && kind.custom === undefined))
  )
    throw noSuchResource();
  return null;
}

/** One that clients keep is answered with 304 when theirs is still the same. */
function answerOf(document: Document, request: ApiRequest): ApiAnswer {
  const { contentType, data, etag } = document;
  if (etag === undefined) return { status: 200, body: { kind: 'raw', data, contentType, packed: document.packed } };
  const headers = { ETag: etag, Vary: 'Accept' };
  if (request.headers['if-none-match'] === etag)
    return { status: 304, headers, body: { kind: 'raw', data: '', contentType } };
  return { status: 200, headers, body: { kind: 'raw', data, contentType, packed: document.packed } };
}

/** The paths that lead on, as the root lists them. */
function pathsOf(core: Core): string[] {
  const paths = new Set([
    '/.well-known/openid-configuration',
    '/api',
    '/apis',
    '/apis/',
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/',
  ]);
  for (const path of ['/openid/v1/jwks', '/version', ...HEALTH_PATHS]) paths.add(path);
  for (const { group, version } of core.registry.all()) {
    if (group !== '') paths.add(`/apis/${group}`);
    paths.add(group === '' ? `/api/${version}` : `/apis/${group}/${version}`);
  }
  return [...paths].sort();
}

export function pageNotFound(): ApiAnswer {
  return {
    status: 404,
    headers: { 'X-Content-Type-Options': 'nosniff' },
    body: { kind: 'raw', data: '404 page not found\n', contentType: 'text/plain; charset=utf-8' },
  };
}

function versionInfo(gitVersion: string): Record<string, string> {
  const [, major = '1', minor = '36'] = /^v?(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Math.max(0, Number(minor) - 1)),
    gitVersion,
    gitCommit: '0000000000000000000000000000000000000000',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: 'go1.24',
    compiler: 'gc',
    platform: 'linux/amd64',
  };
}
