/**
 * `clusters/NAME/proxy` of the federation's API: requests for a member, passed on with the identity the member is
 * registered with. Whoever is not an administrator of the federation is impersonated there, as Karmada does it, so that
 * nobody is allowed more in a member than that member allows them. Watches stream; upgrades (exec) are not passed on.
 */
import { AppError } from '#shared/errors.ts';
import { type ObjectProxy, type ObjectProxyRequest, type ProxyResponse, refuse } from '../../apiserver/index.ts';
import { ApiError, type KubeClient } from '../../kube/index.ts';

const ADMINISTRATORS = 'system:masters';
/** Groups that every server gives by itself. */
const ALWAYS = new Set(['system:authenticated', 'system:unauthenticated']);
const JSON_TYPE = 'application/json';

export function memberProxy(client: (cluster: string) => KubeClient): ObjectProxy {
  return {
    group: 'cluster.karmada.io',
    resource: 'clusters',
    async proxy(request, signal) {
      const name = request.object.metadata.name ?? '';
      try {
        return await passOn(client(name), request, signal);
      } catch (error) {
        if (error instanceof ApiError || !(error instanceof AppError)) throw error;
        throw refuse(503, 'ServiceUnavailable', `cluster ${name} cannot be reached: ${error.message}`);
      }
    },
  };
}

async function passOn(client: KubeClient, request: ObjectProxyRequest, signal: AbortSignal): Promise<ProxyResponse> {
  const { body } = request;
  const [path = '/', search = ''] = request.path.split(/\?(.*)/s);
  const query = Object.fromEntries(new URLSearchParams(search));
  const method = request.method === 'HEAD' ? 'GET' : (request.method as 'GET');
  const wanted = { method, path, query, headers: headersOf(request), signal, ...(body.length === 0 ? {} : { body }) };
  if (isTrue(query['watch'])) {
    let opened: () => void = () => {};
    const open = new Promise<void>((resolve) => {
      opened = resolve;
    });
    const lines = client.transport.stream({ ...wanted, onOpen: opened })[Symbol.asyncIterator]();
    const first = lines.next();
    // A refusal comes as a failure of the first line, and has to be answered as one.
    await Promise.race([open, first]);
    return { status: 200, headers: { 'content-type': JSON_TYPE }, body: frames(first, lines) };
  }
  if (isTrue(query['follow']))
    throw refuse(
      501,
      'NotImplemented',
      "logs are not followed through the federation: use the member's own kubeconfig",
    );
  const answer = await client.transport.request(wanted);
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? '');
  const type = answer.headers['content-type'] ?? JSON_TYPE;
  return { status: answer.status, headers: { 'content-type': type }, body: text };
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && value !== '0' && value !== 'false';
}

function headersOf({ headers, user }: ObjectProxyRequest): Record<string, string> {
  const accepted = (headers['accept'] ?? '').split(',').filter((type) => !type.includes('protobuf'));
  const passed: Record<string, string> = { accept: accepted.length === 0 ? JSON_TYPE : accepted.join(',') };
  if (headers['content-type'] !== undefined) passed['content-type'] = headers['content-type'];
  if (user.groups.includes(ADMINISTRATORS)) return passed;
  passed['impersonate-user'] = user.username;
  const groups = user.groups.filter((group) => !ALWAYS.has(group));
  // One header can carry one group only; a member would grant too little, never too much.
  if (groups[0] !== undefined) passed['impersonate-group'] = groups[0];
  return passed;
}

async function* frames(
  first: Promise<IteratorResult<unknown>>,
  rest: AsyncIterator<unknown>,
): AsyncIterable<Uint8Array> {
  const encoder = new TextEncoder();
  try {
    for (let next = await first; next.done !== true; next = await rest.next())
      yield encoder.encode(`${JSON.stringify(next.value)}\n`);
  } finally {
    await rest.return?.();
  }
}
