/** Everything that is no resource: discovery, OpenAPI, version, health, the list of paths. */
import type { Core } from '../core.ts';
import { discoveryDocument } from '../discovery/index.ts';
import type { Document } from '../documents.ts';
import { openApiV2, openApiV3 } from '../schemas.ts';
import { methodNotAllowed, noSuchResource, refuse } from '../status.ts';
import { toYaml } from '../yaml.ts';
import { discoveryFormat, refuseUnproduced, wantsIndented } from './accept.ts';
import { HEALTH_PATHS, healthSlis, serveHealth } from './health.ts';
import type { PlainRoute } from './route.ts';
import { type ApiAnswer, type ApiRequest, jsonAnswer } from './types.ts';

/** What discovery reads; what is asked with a body of another kind is refused, though nobody looks at the body. */
const DISCOVERED = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const KEY_SET_TYPE = 'application/jwk-set+json';
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';

export function servePlain(core: Core, route: PlainRoute, request: ApiRequest): ApiAnswer {
  const { path } = route;
  if (/^\/(api|apis\/[^/]+)\/[^/]+\/(watch|proxy)\/?$/.test(path)) return noKind(request.uri ?? path);
  return (/^\/\/|^\/apis\/(.*\/)?\//.test(path) ? null : serve(core, path, request)) ?? pageNotFound();
}

/** A watch of nothing is an address that is not understood. */
function noKind(uri: string): ApiAnswer {
  const shown = uri.replaceAll('&', '&amp;');
  const text = `Internal Server Error: "${shown}": failed to create RequestInfo: unable to determine kind and namespace from url, ${shown}\n`;
  return {
    status: 500,
    headers: { 'X-Content-Type-Options': 'nosniff' },
    body: { kind: 'raw', data: text, contentType: 'text/plain; charset=utf-8' },
  };
}

/** Documents behind a router are read by GET alone, and in the form they have. Throws 405, 415 and 406. */
function routed(request: ApiRequest, consumed: readonly string[], produced: readonly string[] | null): void {
  const { accept = '', 'content-type': type = '' } = request.headers;
  if (request.method !== 'GET') throw methodNotAllowed();
  if (type !== '' && !consumed.includes(type.split(';', 1)[0]!.trim()))
    throw refuse(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  if (produced !== null) refuseUnproduced(accept, produced);
}

function serve(core: Core, given: string, request: ApiRequest): ApiAnswer | null {
  if (given === '/' || given === '/index.html') return indentedAnswer({ paths: pathsOf(core) });
  if (given === '/metrics')
    return {
      status: 200,
      body: { kind: 'raw', data: core.metrics.render(core.store, core.version), contentType: METRICS_TYPE },
    };
  if (given === '/metrics/slis')
    return { status: 200, body: { kind: 'raw', data: healthSlis(core.ending), contentType: METRICS_TYPE } };
  if (!given.endsWith('/') && HEALTH_PATHS.some((known) => given === known || given.startsWith(`${known}/`)))
    return serveHealth(given, request, core.ending);
  if (given.startsWith('/openapi/v3/')) {
    const found = given.endsWith('/') ? null : openApiV3(core.registry, given);
    if (found !== null && !takesJson(request.headers.accept))
      return { status: 406, headers: { Vary: 'Accept' }, body: { kind: 'raw', data: '', contentType: '' } };
    return found === null
      ? { status: 404, body: { kind: 'raw', data: '', contentType: '' } }
      : answerOf(found, request);
  }
  if (given === '/openapi/v3') return answerOf(openApiV3(core.registry, given)!, request);
  if (given === '/openapi/v2') return answerOf(openApiV2(core.registry, request.headers.accept ?? ''), request);
  const path = given.replace(/\/+$/, '');
  if (path === '/version') {
    routed(request, ['application/json'], ['application/json']);
    return indentedAnswer(versionInfo(core.version));
  }
  if (/^\/(version|openid\/v1\/jwks)\/|^\/api\/(.*\/)?\//.test(path)) throw noSuchResource();
  if (path === '/openid/v1/jwks') {
    routed(request, ['application/json'], [KEY_SET_TYPE]);
    const answer = jsonAnswer(core.tokens.keySet());
    return { ...answer, body: { ...answer.body, contentType: KEY_SET_TYPE } as ApiAnswer['body'] };
  }
  if (path === '/.well-known/openid-configuration') {
    routed(request, ['application/json'], ['application/json']);
    return jsonAnswer(core.tokens.configuration(`https://${request.host ?? '127.0.0.1'}`));
  }
  const accept = request.headers.accept ?? '';
  const found = discoveryDocument(core.registry, given === '/apis/' ? given : path, accept, request.host ?? '');
  if (found !== null) {
    // The roots of groups, and what custom resources alone are in, are served by handlers of their own.
    const [, , group, version] = path.split('/');
    const isRouted =
      path.startsWith('/api/') ||
      path === '/api' ||
      (version !== undefined && core.registry.all().some((kind) => kind.group === group && kind.custom === undefined));
    if (isRouted) routed(request, DISCOVERED, null);
    const isJson = discoveryFormat(request.headers.accept, given === '/apis/' ? given : path, isRouted) === 'json';
    if (isJson && !wantsIndented(request.uri, request.headers['user-agent'])) return answerOf(found, request);
    const value: unknown = JSON.parse(Buffer.from(found.data).toString('utf8'));
    const known = answerOf(found, request);
    if (known.status === 304) return known;
    if (isJson) return { ...known, body: { kind: 'json', value, contentType: found.contentType } };
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

/** Or what is not said here: the documents in protobuf, and what is no media type at all. */
function takesJson(accept = ''): boolean {
  const types = accept.split(',').map((part) => part.split(';', 1)[0]!.trim());
  const known = types.filter((type) => type.includes('/'));
  return known.length === 0 || known.some((type) => TAKEN_AS_JSON.includes(type));
}
const TAKEN_AS_JSON = [
  '*/*',
  'application/*',
  'application/json',
  'application/com.github.proto-openapi.spec.v3.v1.0+protobuf',
  'application/com.github.proto-openapi.spec.v3@v1.0+protobuf',
];

function indentedAnswer(value: unknown): ApiAnswer {
  return { status: 200, body: { kind: 'json', value, indented: true } };
}

/** One that clients keep is answered with 304 when theirs is still the same. */
function answerOf(document: Document, request: ApiRequest): ApiAnswer {
  const { contentType, etag } = document;
  const body: ApiAnswer['body'] = {
    kind: 'raw',
    get data() {
      return document.data;
    },
    contentType,
    document,
  };
  if (etag === undefined) return { status: 200, body };
  const headers = { ETag: etag, Vary: 'Accept' };
  if (request.headers['if-none-match'] === etag)
    return { status: 304, headers, body: { kind: 'raw', data: '', contentType } };
  return { status: 200, headers, body };
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
