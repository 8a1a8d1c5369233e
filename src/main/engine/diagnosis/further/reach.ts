/**
 * Asks Services and pods through the proxy of the API server, once for each port: what comes back tells whether anybody
 * listens. Source: Kubernetes API reference, `services/proxy` and `pods/proxy`.
 */
import { type Json, type KubeObject, resourcePath } from '#shared/kubernetes/types.ts';
import { redactText } from '../../audit/index.ts';
import { ApiError, type KubeClient } from '../../kube/index.ts';
import { isOver, podsOf } from '../pods.ts';
import { clip, type World } from '../world.ts';

const MOST_PODS = 3;
const MOST_PORTS = 4;
const MOST_SERVICES = 5;
const ANSWER_MS = 6000;

/** `empty`: the Service has no endpoint; `unclear`: the API server said something that tells neither. */
export type Outcome = 'answered' | 'refused' | 'silent' | 'empty' | 'unclear';

interface Door {
  kind: 'Service' | 'Pod';
  namespace: string;
  name: string;
  port: number;
  tls: boolean;
  path: string;
}

export async function reach(
  about: KubeObject,
  world: World,
  { client, signal }: { client: KubeClient; signal?: AbortSignal | undefined },
): Promise<KubeObject[]> {
  const objects: KubeObject[] = [];
  // One after the other: this is a look, not a load.
  for (const door of doorsOf(about, world)) {
    signal?.throwIfAborted();
    objects.push(await knock(door, client, signal));
  }
  return objects;
}

/** Everything that is asked: ports of Services first, then those of their pods. */
export function doorsOf(about: KubeObject, world: World): Door[] {
  if (about.kind === 'Service') return [...ofService(about), ...ofPods(podsBehind(about, world))];
  if (about.kind === 'Ingress')
    return [...backendNames(about)]
      .flatMap((name) => world.get('Service', about.metadata.namespace ?? '', name) ?? [])
      .slice(0, MOST_SERVICES)
      .flatMap(ofService);
  return ofPods(about.kind === 'Pod' ? [about] : podsOf(world, about));
}

function backendNames({ spec }: KubeObject): Set<string> {
  const backends: Json[] = [
    spec?.defaultBackend,
    ...((spec?.rules ?? []) as Json[]).flatMap((rule) =>
      ((rule?.http?.paths ?? []) as Json[]).map((path) => path?.backend),
    ),
  ];
  return new Set(backends.flatMap((backend) => backend?.service?.name ?? []));
}

function podsBehind({ metadata, spec }: KubeObject, world: World): KubeObject[] {
  const wanted = Object.entries((spec?.selector ?? {}) as Record<string, string>);
  if (wanted.length === 0) return [];
  return world
    .within('Pod', metadata.namespace ?? '')
    .filter((pod) => wanted.every(([key, value]) => pod.metadata.labels?.[key] === value));
}

function ofService({ metadata, spec }: KubeObject): Door[] {
  if (spec?.type === 'ExternalName') return [];
  return ((spec?.ports ?? []) as Json[])
    .filter((port) => (port?.protocol ?? 'TCP') === 'TCP')
    .slice(0, MOST_PORTS)
    .map((port) => ({
      ...{ kind: 'Service', namespace: metadata.namespace ?? '', name: metadata.name ?? '', path: '/' },
      port: Number(port.port),
      tls: speaksTls(port, Number(port.port)),
    }));
}

function ofPods(pods: readonly KubeObject[]): Door[] {
  return pods
    .filter((pod) => !isOver(pod) && pod.status?.phase === 'Running')
    .slice(0, MOST_PODS)
    .flatMap((pod) =>
      ((pod.spec?.containers ?? []) as Json[])
        .flatMap((container) =>
          ((container?.ports ?? []) as Json[])
            .filter((port) => (port?.protocol ?? 'TCP') === 'TCP')
            .map((port): Door => {
              const { name = '', namespace = '' } = pod.metadata;
              const { httpGet } = container.readinessProbe ?? {};
              const probed = httpGet !== undefined && [port.containerPort, port.name].includes(httpGet.port);
              return {
                ...{ kind: 'Pod', namespace, name, port: Number(port.containerPort) },
                tls: probed ? httpGet.scheme === 'HTTPS' : speaksTls(port, Number(port.containerPort)),
                path: probed && String(httpGet.path ?? '').startsWith('/') ? String(httpGet.path) : '/',
              };
            }),
        )
        .slice(0, MOST_PORTS),
    );
}

function speaksTls({ name, appProtocol }: Json, port: number): boolean {
  return port === 443 || port === 8443 || /^https/.test(String(name ?? '')) || /https/i.test(String(appProtocol ?? ''));
}

/** @throws ApiError when there is no right to ask. */
async function knock(door: Door, client: KubeClient, signal: AbortSignal | undefined): Promise<KubeObject> {
  const { kind, namespace, name, port, tls } = door;
  const ref = { group: '', version: 'v1', resource: kind === 'Service' ? 'services' : 'pods' };
  const asked = `${tls ? 'https:' : ''}${name}:${port}`;
  const path = `${resourcePath(ref, { namespace, name: asked, subresource: 'proxy' }).replaceAll('%3A', ':')}${door.path}`;
  let outcome: Outcome;
  let status: number | null = null;
  let text: string;
  let waited: number | null = null;
  try {
    const response = await client.transport.request({ method: 'GET', path, timeoutMs: ANSWER_MS, signal });
    const said = wordsOfServer(response.body);
    if (response.status === 403 && said !== null && /\/proxy"/.test(said)) throw new ApiError(403, said, path);
    status = said === null ? response.status : null;
    text = said ?? `HTTP ${response.status}`;
    outcome = said === null ? 'answered' : judge(said);
  } catch (error) {
    if (signal?.aborted || error instanceof ApiError) throw error;
    if ((error as { code?: string }).code !== 'CLUSTER_TIMEOUT') throw error;
    outcome = 'silent';
    waited = ANSWER_MS / 1000;
    text = `no answer within ${waited} s`;
  }
  return {
    apiVersion: 'v1',
    kind: 'Reached',
    metadata: { namespace, name: `${kind}/${name}:${port}` },
    door: { kind, name, port },
    outcome,
    status,
    /** Seconds, where the time ran out here and not at the API server. */
    waited,
    text: clip(redactText(text), 300),
  };
}

/** What the API server itself says in place of an answer; null where somebody answered. */
function wordsOfServer(body: unknown): string | null {
  const text =
    typeof body === 'string'
      ? body
      : (body as Json)?.kind === 'Status' && typeof (body as Json).message === 'string'
        ? String((body as Json).message)
        : '';
  return /^(error trying to reach service|no endpoints available for|no service port|address not allowed|dial tcp|(services|pods) ".*" (is forbidden|not found))/i.test(
    text.trim(),
  )
    ? text.trim()
    : null;
}

function judge(said: string): Outcome {
  if (/no endpoints available/.test(said)) return 'empty';
  if (/connection refused|connection reset/.test(said)) return 'refused';
  if (/i\/o timeout|deadline exceeded|Client\.Timeout|no route to host|unreachable|handshake timeout/.test(said))
    return 'silent';
  // Somebody is there who speaks something else.
  if (/malformed HTTP|HTTP response to HTTPS|does not look like a TLS|EOF|tls:/.test(said)) return 'answered';
  return 'unclear';
}
