/**
 * pods/proxy, services/proxy, nodes/proxy: an HTTP request passed on to what the object stands for.
 * Source: Kubernetes documentation, "Access Services Running on Clusters", manually constructing apiserver proxy URLs.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { ObjectProxy, ProxyRequest, ProxyResponse } from '../backend.ts';
import { type Core, collectionOf, keyOf } from '../core.ts';
import type { ApiAnswer, ApiRequest } from '../request/types.ts';
import { badRequest, notFound, refuse } from '../status.ts';
import type { KindDefinition } from '../types.ts';
import type { VerbContext } from './context.ts';
import { unreachableNode } from './nodes.ts';
import { rewriteLinks } from './proxied-links.ts';

/** What belongs to one connection, or to the caller's standing with this server. */
const KEPT_BACK = new Set([
  'authorization',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export async function proxy(context: VerbContext): Promise<ApiAnswer> {
  const { core, kind, route, request, user } = context;
  const resource = kind.resource as ProxyRequest['resource'];
  const target = splitName(route.name);
  if (target === null) throw badRequest(`invalid ${kind.singular} request "${route.name}"`);
  const object = collectionOf(core, kind).items.get(keyOf(kind, route.namespace, target.name))?.object;
  if (object === undefined) throw notFound(kind, target.name);
  if (resource === 'pods' && (object.status?.podIP ?? '') === '') throw badRequest('address not allowed');
  const path = restOf(request.path, kind.namespaced);
  const query = request.query.size === 0 ? '' : `?${request.query}`;
  // Pages of such a service refer to each other relative to its root.
  if (path === '' && (request.method === 'GET' || request.method === 'HEAD'))
    return {
      status: 301,
      headers: { Location: `${request.path}/${query}` },
      body: { kind: 'raw', data: '', contentType: 'text/plain; charset=utf-8' },
    };
  if (core.pods === null) throw unreachable(core, kind, object, target.port);
  const body = request.body !== null && 'bytes' in request.body ? request.body.bytes : new Uint8Array();
  const { name: _name, ...where } = target;
  const answer = await core.pods.proxy(
    {
      resource,
      object,
      ...where,
      method: request.method,
      path: path + query,
      headers: { ...passedOn(request), 'x-forwarded-uri': request.path },
      body,
      user,
    },
    request.signal?.() ?? new AbortController().signal,
  );
  const base = request.path.slice(0, request.path.length - path.length);
  return toAnswer({ ...answer, body: linked(answer, base, request.headers['host'] ?? '') }, base);
}

/** A page that is there as a whole, and in the clear, leads on through the proxy. */
function linked({ headers, body }: ProxyResponse, base: string, host: string): ProxyResponse['body'] {
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return body;
  const own = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const type = own.get('content-type')?.split(';')[0]?.trim();
  if (type !== 'text/html' || own.has('location') || own.has('content-encoding')) return body;
  return rewriteLinks(typeof body === 'string' ? body : Buffer.from(body).toString('utf8'), base, host);
}

/** Behind an object of a custom kind: what the host makes of it. */
export async function proxyObject(context: VerbContext, passing: ObjectProxy): Promise<ApiAnswer> {
  const { core, kind, route, request, user } = context;
  const object = collectionOf(core, kind).items.get(keyOf(kind, route.namespace, route.name))?.object;
  if (object === undefined) throw notFound(kind, route.name);
  const path = restOf(request.path, kind.namespaced, kind.group === '' ? 0 : 1);
  const query = request.query.size === 0 ? '' : `?${request.query}`;
  const body = request.body !== null && 'bytes' in request.body ? request.body.bytes : new Uint8Array();
  const passed = {
    object,
    method: request.method,
    path: (path === '' ? '/' : path) + query,
    headers: passedOn(request),
    body,
    user,
  };
  const signal = request.signal?.() ?? new AbortController().signal;
  const asked = request.upgrade === true ? passing.upgrade : undefined;
  const answer =
    asked === undefined
      ? await passing.proxy(passed, signal)
      : await asked({ ...passed, headers: { ...passed.headers, ...handshakeOf(request) } }, signal);
  if ('connection' in answer)
    return {
      status: 101,
      body: { kind: 'upgrade', target: { kind: 'tunnel', headers: answer.headers, connection: answer.connection } },
    };
  return toAnswer(answer, request.path.slice(0, request.path.length - path.length));
}

/** `name`, `name:port`, `scheme:name:port`. */
function splitName(text: string): { scheme: 'http' | 'https'; name: string; port: string } | null {
  const parts = text.split(':');
  const [scheme, name, port] =
    parts.length === 3 ? parts : parts.length === 2 ? ['', ...parts] : parts.length === 1 ? ['', text, ''] : [];
  if (name === undefined || name === '' || !['', 'http', 'https'].includes(scheme ?? '')) return null;
  return { scheme: scheme === 'https' ? 'https' : 'http', name, port: port ?? '' };
}

/** What follows `/proxy` in the path as it was sent. */
export function restOf(path: string, namespaced: boolean, groups = 0): string {
  const segments = path.split('/');
  // Names may be `proxy` too, so the search starts behind them.
  const at = segments.indexOf('proxy', (namespaced ? 7 : 5) + groups);
  return at < 0 || at === segments.length - 1 ? '' : `/${segments.slice(at + 1).join('/')}`;
}

function passedOn(request: ApiRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined && !name.startsWith(':') && !name.startsWith('impersonate-') && !KEPT_BACK.has(name))
      headers[name] = value;
  return headers;
}

/** What a client and the one behind agree on the protocol with. */
function handshakeOf({ headers }: ApiRequest): Record<string, string> {
  const { upgrade = '', connection = 'Upgrade' } = headers;
  return { upgrade, connection };
}

function toAnswer(
  answer: Awaited<ReturnType<NonNullable<VerbContext['core']['pods']>['proxy']>>,
  base: string,
): ApiAnswer {
  const headers: Record<string, string> = {};
  let contentType = '';
  for (const [name, value] of Object.entries(answer.headers)) {
    const lower = name.toLowerCase();
    if (lower === 'content-type') contentType = value;
    else if (lower === 'location' && value.startsWith('/')) headers[name] = base + value;
    else if (!KEPT_BACK.has(lower)) headers[name] = value;
  }
  const { body } = answer;
  if (typeof body === 'string' || body instanceof Uint8Array)
    return { status: answer.status, headers, body: { kind: 'raw', data: body, contentType } };
  return { status: answer.status, headers, body: { kind: 'stream', data: body, contentType } };
}

/** Nothing stands behind this server. */
function unreachable(core: Core, kind: KindDefinition, object: KubeObject, port: string): Error {
  const { name = '', namespace = '' } = object.metadata;
  const unavailable = (text: string) => refuse(503, 'ServiceUnavailable', text);
  if (kind.resource === 'services') {
    const ports = (object.spec?.ports ?? []) as { port: number }[];
    if (/^\d+$/.test(port) && !ports.some((each) => each.port === Number(port)))
      return unavailable(`no service port ${port} found for service "${name}"`);
    // Nobody has looked for any yet.
    if (core.store.collection('/endpoints').latest(`${namespace}/${name}`) === undefined) return notFound(kind, name);
    return unavailable(`no endpoints available for service "${name}"`);
  }
  const addresses = (object.status?.addresses ?? []) as { address: string }[];
  if (kind.resource === 'nodes' && addresses.length === 0) return unreachableNode(core, kind, name);
  const address = kind.resource === 'pods' ? (object.status?.podIP ?? '') : addresses[0]!.address;
  const at = `${address}:${port === '' ? (kind.resource === 'pods' ? 80 : 10250) : port}`;
  return unavailable(`error trying to reach service: dial tcp ${at}: connect: connection refused`);
}
