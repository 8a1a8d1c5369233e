/** Addresses inside a simulated cluster: which container answers at one and its port. Errors are those of a client inside the cluster. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { namespaceOf, uidOf } from '../sim/objects.ts';
import { isFinished } from '../sim/pods.ts';
import type { World } from '../sim/world.ts';
import { runningContainers } from '../usage/meter.ts';
import { type Client, lookup } from './names.ts';
import { listensOn } from './programs.ts';
import { reaches } from './reach.ts';
import { endpointsOf, hasOtherProxy, type Place, type ServiceEndpoint, usableEndpoints } from './service-routes.ts';

export interface Endpoint {
  pod: KubeObject;
  container: Json;
  port: number;
}

export class DialError extends Error {
  /** `host:port` or address that was tried. */
  readonly address: string;
  constructor(address: string, message: string) {
    super(message);
    this.address = address;
  }
}

/**
 * Who answers at `host:port` for a client in the namespace.
 * @throws DialError also where a NetworkPolicy lets nothing through: `i/o timeout`
 */
export function dial(
  world: World,
  host: string,
  port: number,
  from: Client,
  protocol: 'TCP' | 'UDP' = 'TCP',
): Endpoint {
  const endpoint = route(world, host, port, from, protocol);
  if (!reaches(world, from.pod, endpoint, protocol)) throw new DialError(`${host}:${port}`, 'i/o timeout');
  return endpoint;
}

function route(world: World, host: string, port: number, from: Client, protocol: 'TCP' | 'UDP'): Endpoint {
  const found = lookup(world, host, from);
  if (found === undefined) throw new DialError(host, 'no such host');
  const [address = ''] = found.addresses;
  const { pod } = from;
  const loopback = address.startsWith('127.');
  if (loopback && pod !== undefined && pod.spec?.hostNetwork !== true) return atPod(pod, port);
  const machine = loopback ? String(pod?.status?.hostIP) : address;
  const services = world.caches.services.list();
  const client: string = pod?.status?.podIP ?? '';
  const place = placeOf(world, pod?.spec?.nodeName ?? '');
  const service = services.find(({ spec, status }) =>
    [
      spec?.clusterIP,
      ...(spec?.externalIPs ?? []),
      ...((status?.loadBalancer?.ingress ?? []) as Json[]).map(({ ip }) => ip),
    ].includes(address),
  );
  if (service !== undefined && !hasOtherProxy(service)) {
    // From inside, what is meant for the outside is as it were sent around through the load balancer.
    const internal = service.spec?.clusterIP === address;
    const policy = internal ? (service.spec?.internalTrafficPolicy ?? 'Cluster') : 'Cluster';
    return atService(world, service, String(port), { client, place, policy }, protocol);
  }
  const node = world.machines.list().find(({ ip }) => ip === machine);
  if (node !== undefined) {
    const exposed = exposedAt(world, machine, address, port, protocol);
    if (exposed !== undefined) return exposed;
    const opened = services
      .flatMap((one) => ((one.spec?.ports ?? []) as Json[]).map((entry) => ({ one, entry })))
      .find(
        ({ one, entry }) => entry.nodePort === port && (entry.protocol ?? 'TCP') === protocol && !hasOtherProxy(one),
      );
    if (opened !== undefined) {
      const policy = place.node === node.name ? 'Cluster' : (opened.one.spec?.externalTrafficPolicy ?? 'Cluster');
      const way = { client, place: placeOf(world, node.name), policy };
      return atService(world, opened.one, String(opened.entry.port), way, protocol);
    }
  }
  const other = podAt(world, machine, port);
  if (other === undefined)
    throw new DialError(`${address}:${port}`, node === undefined ? 'no route to host' : 'connection refused');
  return atPod(other, port);
}

function placeOf({ caches }: World, node: string): Place {
  return { node, zone: caches.nodes.get(node)?.metadata.labels?.['topology.kubernetes.io/zone'] };
}

/** Who has the address: of those that share their node's whoever listens there. */
function podAt(world: World, address: string, port: number): KubeObject | undefined {
  const there = world.caches.pods.list().filter((one) => one.status?.podIP === address && !isFinished(one));
  return there.find((one) => runningContainers(one).some(({ spec }) => listensOn(spec, port))) ?? there[0];
}

/** The container that has the port of the machine (`hostPort`) at one of its addresses. */
function exposedAt(
  world: World,
  machine: string,
  address: string,
  hostPort: number,
  protocol: 'TCP' | 'UDP',
): Endpoint | undefined {
  const open = [undefined, '', '0.0.0.0', address];
  for (const pod of world.caches.pods.list()) {
    if (pod.status?.hostIP !== machine || isFinished(pod)) continue;
    for (const { spec } of runningContainers(pod))
      for (const port of (spec.ports ?? []) as Json[])
        if (port.hostPort === hostPort && (port.protocol ?? 'TCP') === protocol && open.includes(port.hostIP))
          return { pod, container: spec, port: port.containerPort };
  }
  return undefined;
}

/** How a connection comes to a Service. */
export interface Way {
  /** Whose address affinity goes by. */
  client: string;
  place: Place;
  policy: 'Cluster' | 'Local';
}

/** A service's port by number or name; the first one for an empty text. Without a way: of the API server, which asks any ready pod. */
export function atService(
  world: World,
  service: KubeObject,
  port: string,
  way?: Way,
  protocol: 'TCP' | 'UDP' = 'TCP',
): Endpoint {
  const ports: Json[] = service.spec?.ports ?? [];
  const ofProtocol = ports.filter((one) => (one.protocol ?? 'TCP') === protocol);
  const wanted = port === '' ? ports[0] : ofProtocol.find((one) => String(one.port) === port || one.name === port);
  const shown = `${service.spec?.clusterIP ?? ''}:${port}`;
  if (wanted === undefined) throw new DialError(shown, 'connection refused');
  const known = endpointsOf(world.caches, service).filter(({ ports: own }) =>
    own.some((one) => (one.name ?? '') === (wanted.name ?? '')),
  );
  // kube-proxy leaves some slices to others.
  const proxied = known.filter((one) => one.proxied);
  const usable =
    way === undefined ? known.filter(({ ready }) => ready) : usableEndpoints(proxied, way.policy, way.place);
  const endpoints = usable.flatMap((one) => {
    const pod = podOf(world, service, one);
    return pod === undefined ? [] : [{ pod, ports: one.ports }];
  });
  const chosen =
    way !== undefined && service.spec?.sessionAffinity === 'ClientIP'
      ? kept(world, service, wanted, way.client, endpoints)
      : anyOf(world, endpoints);
  if (chosen === undefined) {
    // Where others could answer but this node's may not, nobody says so.
    const elsewhere = way?.policy === 'Local' && usableEndpoints(known, 'Cluster', way.place).length > 0;
    throw new DialError(shown, elsewhere ? 'i/o timeout' : 'no endpoints available');
  }
  const target = chosen.ports.find((one) => (one.name ?? '') === (wanted.name ?? ''))?.port;
  return atPod(chosen.pod, Number(target ?? wanted.targetPort ?? wanted.port));
}

/** Somebody who writes slices by hand names addresses alone. */
function podOf(world: World, service: KubeObject, { target, address, ports }: ServiceEndpoint): KubeObject | undefined {
  return target === undefined
    ? podAt(world, address, Number(ports[0]?.port ?? 0))
    : world.caches.pods.get(`${namespaceOf(service)}/${target}`);
}

function anyOf<T>(world: World, among: readonly T[]): T | undefined {
  return among[Math.floor(world.random.next() * among.length)];
}

/** Clients that a Service remembers: which pod each was led to, and until when that holds. */
const MEMORIES = new WeakMap<World, Map<string, { uid: string; until: number }>>();
/** So many are remembered; who came longest ago is forgotten first. */
const MOST_CLIENTS = 10_000;
/** As the API server has it where nothing is said. */
const AFFINITY_S = 10_800;

/** The endpoint that the client was led to before, if it came back in time and the pod is still there; another one otherwise. */
function kept<T extends { pod: KubeObject }>(
  world: World,
  service: KubeObject,
  { port }: Json,
  client: string,
  among: readonly T[],
): T | undefined {
  const memory = MEMORIES.get(world) ?? new Map<string, { uid: string; until: number }>();
  MEMORIES.set(world, memory);
  const key = `${uidOf(service)}/${port}/${client}`;
  const before = memory.get(key);
  const same = before !== undefined && before.until > world.now();
  const found = (same ? among.find(({ pod }) => uidOf(pod) === before.uid) : undefined) ?? anyOf(world, among);
  memory.delete(key);
  if (found === undefined) return undefined;
  const seconds = service.spec?.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_S;
  memory.set(key, { uid: uidOf(found.pod), until: world.now() + seconds * 1000 });
  const [oldest] = memory.keys();
  if (memory.size > MOST_CLIENTS && oldest !== undefined) memory.delete(oldest);
  return found;
}

export function atPod(pod: KubeObject, port: number): Endpoint {
  const listening = runningContainers(pod).filter(({ spec }) => listensOn(spec, port));
  // One that says nothing of its ports is only thought to have it.
  const container = (listening.find(({ spec }) => spec.ports !== undefined) ?? listening[0])?.spec;
  if (container === undefined) throw new DialError(`${pod.status?.podIP ?? ''}:${port}`, 'connection refused');
  return { pod, container, port };
}
