/**
 * `clusters/NAME/proxy` of the federation's API: requests for a member, passed on with the identity the member is
 * registered with. Whoever is not an administrator of the federation is impersonated there, as Karmada does it, so that
 * nobody is allowed more in a member than that member allows them. Answers stream as they come (watches, followed logs);
 * connections that change their protocol (exec, attach, port-forward) are passed on byte by byte.
 */
import { AppError } from '#shared/errors.ts';
import {
  type ObjectProxy,
  type ObjectProxyRequest,
  type ProxiedConnection,
  type ProxyResponse,
  refuse,
} from '../../apiserver/index.ts';
import { ApiError, type KubeClient, type KubeTransport, type RawRequest } from '../../kube/index.ts';

const ADMINISTRATORS = 'system:masters';
/** Groups that every server gives by itself. */
const ALWAYS = new Set(['system:authenticated', 'system:unauthenticated']);
/** They belong to one connection; the member's own connection has its own. */
const OF_ONE_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'content-encoding'];

export function memberProxy(client: (cluster: string) => KubeClient): ObjectProxy {
  const reached = async <T>(
    { object }: ObjectProxyRequest,
    ask: (transport: KubeTransport) => Promise<T>,
  ): Promise<T> => {
    const name = object.metadata.name ?? '';
    try {
      return await ask(client(name).transport);
    } catch (error) {
      if (error instanceof ApiError || !(error instanceof AppError)) throw error;
      throw refuse(503, 'ServiceUnavailable', `cluster ${name} cannot be reached: ${error.message}`);
    }
  };
  return {
    group: 'cluster.karmada.io',
    resource: 'clusters',
    proxy: (request, signal) => reached(request, (transport) => passOn(transport, request, signal)),
    upgrade: (request, signal) => reached(request, (transport) => connect(transport, request, signal)),
  };
}

async function passOn(
  transport: KubeTransport,
  request: ObjectProxyRequest,
  signal: AbortSignal,
): Promise<ProxyResponse> {
  if (transport.raw === undefined) return await passOnWhole(transport, request, signal);
  const answer = await transport.raw(rawOf(request, signal));
  return { status: answer.status, headers: without(answer.headers, OF_ONE_CONNECTION), body: answer.body };
}

/** A member in this very process: there is no connection whose bytes could be passed on. */
async function passOnWhole(
  transport: KubeTransport,
  request: ObjectProxyRequest,
  signal: AbortSignal,
): Promise<ProxyResponse> {
  const { headers = {}, ...rest } = rawOf(request, signal);
  const single = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  const answer = await transport.request({ ...rest, headers: { ...single, accept: 'application/json' } });
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? '');
  const type = answer.headers['content-type'] ?? 'application/json';
  return { status: answer.status, headers: { 'content-type': type }, body: text };
}

async function connect(
  transport: KubeTransport,
  request: ObjectProxyRequest,
  signal: AbortSignal,
): Promise<ProxiedConnection | ProxyResponse> {
  const raw = rawOf(request, signal);
  const { upgrade: protocol = '', connection: _, ...headers } = raw.headers ?? {};
  const upgraded = await transport.upgrade?.({ ...raw, headers, protocol: String(protocol) });
  if (upgraded != null) return upgraded;
  // The member refuses: it says why when it is asked in plain words.
  const plain = await passOn(transport, { ...request, headers: request.headers }, signal);
  if (plain.status >= 400) return plain;
  throw refuse(502, 'BadGateway', `cluster ${request.object.metadata.name} does not change to ${protocol}`);
}

function rawOf(request: ObjectProxyRequest, signal: AbortSignal): RawRequest {
  const [path = '/', search = ''] = request.path.split(/\?(.*)/s);
  const { body } = request;
  return {
    method: (request.method === 'HEAD' ? 'GET' : request.method) as RawRequest['method'],
    // The query as it came: a name may occur more than once (the words of a command).
    path: search === '' ? path : `${path}?${search}`,
    headers: { ...without(request.headers, ['accept-encoding']), ...impersonation(request) },
    signal,
    ...(body.length === 0 ? {} : { body }),
  };
}

/** Nothing for administrators: they are who the member is registered with. */
function impersonation({ user }: ObjectProxyRequest): Record<string, string | string[]> {
  if (user.groups.includes(ADMINISTRATORS)) return {};
  const groups = user.groups.filter((group) => !ALWAYS.has(group));
  return { 'impersonate-user': user.username, ...(groups.length === 0 ? {} : { 'impersonate-group': groups }) };
}

function without(headers: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}
