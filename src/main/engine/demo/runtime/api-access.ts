/**
 * The cluster's own API server as programs in a pod reach it: by its Service, with a service account's token or without
 * one. Answered in-process, past the port: what disturbs that (faults of the API server) does not reach pods.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { namespaceOf } from '../sim/objects.ts';
import { TOKEN_REVIEWS } from '../sim/refs.ts';
import type { PodUser, World } from '../sim/world.ts';
import { lookup } from './names.ts';
import type { WebResponse } from './web.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const ANONYMOUS: PodUser = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Whether the URL leads to the API server. */
export function isApiServer(world: World, pod: KubeObject, url: URL): boolean {
  const service = world.caches.services.get('default/kubernetes');
  const address: string | undefined = service?.spec?.clusterIP;
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  if (address === undefined || port !== 443) return false;
  return lookup(world, url.hostname, { namespace: namespaceOf(pod), pod })?.addresses[0] === address;
}

export async function askApiServer(
  world: World,
  url: URL,
  method: string,
  headers: Record<string, string>,
  body: string,
): Promise<WebResponse> {
  if (url.protocol === 'http:')
    return { status: 400, headers: {}, body: 'Client sent an HTTP request to an HTTPS server.\n' };
  const token = /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1];
  const user = token === undefined ? ANONYMOUS : await userOf(world, token);
  if (user === null) return json(401, status(401, 'Unauthorized', 'Unauthorized'));
  if (url.searchParams.get('watch') === 'true' || url.searchParams.get('follow') === 'true')
    return json(400, status(400, 'BadRequest', 'what does not end is not answered here'));
  const verb = METHODS.find((one) => one === method);
  if (verb === undefined)
    return json(
      405,
      status(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource'),
    );
  const { authorization: _authorization, host: _host, ...rest } = headers;
  const answer = await world.api(user).request({
    method: verb,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    // Addresses in answers are those that lead here from inside.
    headers: { 'content-type': 'application/json', ...rest, host: url.host },
    ...(body === '' ? {} : { body: Buffer.from(body) }),
  });
  return typeof answer.body === 'string'
    ? { status: answer.status, headers: answer.headers, body: answer.body }
    : json(answer.status, answer.body, answer.headers);
}

/** Indented, as the server does it for curl. */
function json(code: number, body: unknown, headers: Record<string, string> = {}): WebResponse {
  return {
    status: code,
    headers: { 'content-type': 'application/json', ...headers },
    body: body === undefined || body === null ? '' : JSON.stringify(body, null, 2),
  };
}

function status(code: number, reason: string, message: string): Json {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}

async function userOf(world: World, token: string): Promise<PodUser | null> {
  const review = await world.clients.kubelet.create(TOKEN_REVIEWS, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    metadata: {},
    spec: { token },
  });
  const { authenticated, user } = (review.status ?? {}) as Json;
  return authenticated === true ? { username: user.username, uid: user.uid, groups: user.groups ?? [] } : null;
}
