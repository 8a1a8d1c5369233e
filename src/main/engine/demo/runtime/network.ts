/** Addresses inside a simulated cluster: which container answers at one and its port. Errors are those of a client inside the cluster. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { isDeleting, nameOf, namespaceOf } from '../sim/objects.ts';
import { isFinished, isReady } from '../sim/pods.ts';
import { fnv1a } from '../sim/random.ts';
import type { World } from '../sim/world.ts';
import { runningContainers } from '../usage/meter.ts';
import { type Client, lookup, readyEndpoints } from './names.ts';
import { listensOn } from './programs.ts';
import { reaches } from './reach.ts';

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

/** Ready endpoints of a service with the pods behind them. */
function endpointsOf(world: World, service: KubeObject): { pod: KubeObject | undefined; ports: Json[] }[] {
  return readyEndpoints(world, service).map(({ address, target, ports }) => ({
    // Somebody who writes slices by hand names addresses alone.
    pod:
      target === undefined
        ? podAt(world, address, Number(ports[0]?.port ?? 0))
        : world.caches.pods.get(`${namespaceOf(service)}/${target}`),
    ports,
  }));
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
  if (address === '127.0.0.1' && from.pod !== undefined) {
    const machine = from.pod.spec?.hostNetwork === true ? String(from.pod.status?.hostIP) : '';
    return exposedAt(world, machine, address, port, protocol) ?? atPod(from.pod, port);
  }
  const service = world.caches.services
    .list()
    .find((one) => one.spec?.clusterIP === address || one.status?.loadBalancer?.ingress?.[0]?.ip === address);
  const client: string | undefined = from.pod?.status?.podIP;
  if (service !== undefined) return atService(world, service, String(port), client, protocol);
  if (world.machines.list().some((node) => node.ip === address)) {
    const opened = world.caches.services
      .list()
      .flatMap((one) => ((one.spec?.ports ?? []) as Json[]).map((entry) => ({ one, entry })))
      .find(({ entry }) => entry.nodePort === port && (entry.protocol ?? 'TCP') === protocol);
    const exposed = exposedAt(world, address, address, port, protocol);
    if (exposed !== undefined) return exposed;
    if (opened !== undefined) return atService(world, opened.one, String(opened.entry.port), client, protocol);
  }
  const pod = podAt(world, address, port);
  if (pod === undefined) throw new DialError(`${address}:${port}`, 'no route to host');
  return atPod(pod, port);
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

/** A service's port by number or name; the first one for an empty text. `client`: whose address affinity goes by. */
export function atService(
  world: World,
  service: KubeObject,
  port: string,
  client?: string,
  protocol: 'TCP' | 'UDP' = 'TCP',
): Endpoint {
  const ports: Json[] = service.spec?.ports ?? [];
  const ofProtocol = ports.filter((one) => (one.protocol ?? 'TCP') === protocol);
  const wanted = port === '' ? ports[0] : ofProtocol.find((one) => String(one.port) === port || one.name === port);
  const shown = `${service.spec?.clusterIP ?? ''}:${port}`;
  if (wanted === undefined) throw new DialError(shown, 'connection refused');
  const endpoints = endpointsOf(world, service).filter(({ pod }) => pod !== undefined);
  const sticks = client !== undefined && service.spec?.sessionAffinity === 'ClientIP';
  const draw = sticks ? fnv1a(`${client} ${nameOf(service)}`) / 2 ** 32 : world.random.next();
  const chosen = endpoints[Math.floor(draw * endpoints.length)];
  if (chosen?.pod === undefined) throw new DialError(shown, 'no endpoints available');
  const target = chosen.ports.find((one) => (one.name ?? '') === (wanted.name ?? ''))?.port;
  return atPod(chosen.pod, Number(target ?? wanted.targetPort ?? wanted.port));
}

export function atPod(pod: KubeObject, port: number): Endpoint {
  const running = isDeleting(pod) && !isReady(pod) ? [] : runningContainers(pod);
  const listening = running.filter(({ spec }) => listensOn(spec, port));
  // One that says nothing of its ports is only thought to have it.
  const container = (listening.find(({ spec }) => spec.ports !== undefined) ?? listening[0])?.spec;
  if (container === undefined) throw new DialError(`${pod.status?.podIP ?? ''}:${port}`, 'connection refused');
  return { pod, container, port };
}
