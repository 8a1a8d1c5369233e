/**
 * Addresses and node ports of services, given out on create and update and free again when the service goes.
 * Source: "Service ClusterIP allocation", service range 10.96.0.0/16 and node ports 30000-32767, single stack IPv4.
 *
 * What is taken is read from the stored services; what was just given out is remembered for a while, because the write
 * it belongs to may not have been stored yet.
 */
import { randomInt } from 'node:crypto';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { invalid } from '../../status.ts';
import type { AdmissionPlugin } from '../../types.ts';
import { invalidValue } from '../validation/field.ts';
import { ipv4Number, ipv4Text } from '../validation/net.ts';

const BASE = 10 * 2 ** 24 + 96 * 2 ** 16;
const SIZE = 2 ** 16;
const FIRST_PORT = 30000;
const LAST_PORT = 32767;
const REMEMBERED_MS = 10_000;

/** The plugin that does it; `services` lists what is stored now. */
export function serviceAllocator(services: () => Iterable<KubeObject>): AdmissionPlugin {
  const recent = new Map<string, number>();
  const remember = (value: string): void => {
    recent.set(value, Date.now());
  };
  const taken = (self: KubeObject): Set<string> => {
    const found = new Set<string>();
    const oldest = Date.now() - REMEMBERED_MS;
    for (const [value, at] of recent) {
      if (at < oldest) recent.delete(value);
      else found.add(value);
    }
    for (const service of services()) {
      if (service.metadata.uid === self.metadata.uid) continue;
      for (const value of claims(service)) found.add(value);
    }
    return found;
  };
  return {
    name: 'ServiceAllocator',
    matches: (kind, operation, subresource) =>
      kind.group === '' && kind.resource === 'services' && operation !== 'DELETE' && subresource === '',
    mutate: ({ object, old, dryRun, kind }) => {
      if (object?.spec === undefined) return;
      keepOld(object.spec, old?.spec);
      let used: Set<string> | null = null;
      const inUse = (): Set<string> => {
        used ??= taken(object);
        return used;
      };
      const keep = dryRun ? () => {} : remember;
      const name = object.metadata.name ?? '';
      const refuseAddress = (text: string): never => {
        throw invalid(kind, name, [invalidValue('spec.clusterIPs', object.spec.clusterIPs, text)]);
      };
      const refusePort = (index: number, port: number, text: string): never => {
        throw invalid(kind, name, [invalidValue(`spec.ports[${index}].nodePort`, port, text)]);
      };
      allocateAddress(object.spec, old, inUse, keep, refuseAddress);
      allocatePorts(object.spec, old, inUse, keep, refusePort);
    },
  };
}

/** Everything a service holds: addresses as they are, ports as `port/<number>`. */
function claims(service: KubeObject): string[] {
  const spec = service.spec ?? {};
  const ports = ((spec.ports ?? []) as Json[]).filter((port) => port.nodePort).map((port) => `port/${port.nodePort}`);
  if (spec.healthCheckNodePort) ports.push(`port/${spec.healthCheckNodePort}`);
  return [...((spec.clusterIPs ?? []) as string[]), ...ports];
}

/** An update that leaves addresses and ports out keeps them. */
function keepOld(spec: Json, old: Json): void {
  if (!old || spec.type === 'ExternalName') return;
  if (!spec.clusterIP && old.type !== 'ExternalName') {
    spec.clusterIP = old.clusterIP;
    spec.clusterIPs ??= old.clusterIPs;
  }
  if (spec.type === 'ClusterIP' || old.type === 'ClusterIP') return;
  for (const port of spec.ports ?? []) {
    if (port.nodePort) continue;
    const before = ((old.ports ?? []) as Json[]).find(
      (each) => each.port === port.port && each.protocol === port.protocol,
    );
    if (before?.nodePort) port.nodePort = before.nodePort;
  }
  if (spec.externalTrafficPolicy === 'Local') spec.healthCheckNodePort ??= old.healthCheckNodePort;
}

function allocateAddress(
  spec: Json,
  old: KubeObject | null,
  taken: () => Set<string>,
  keep: (value: string) => void,
  refuse: (text: string) => never,
): void {
  if (spec.type === 'ExternalName') {
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) delete spec[field];
    return;
  }
  spec.ipFamilies ??= ['IPv4'];
  spec.ipFamilyPolicy ??= 'SingleStack';
  const wanted: string = spec.clusterIP || spec.clusterIPs?.[0] || '';
  if (wanted === 'None' || (old !== null && wanted !== '' && wanted === old.spec?.clusterIP)) {
    spec.clusterIP = wanted;
    spec.clusterIPs = [wanted];
    return;
  }
  if (wanted !== '') {
    spec.clusterIP = wanted;
    spec.clusterIPs = [wanted];
    // A changed address is the validation's to refuse.
    if (old?.spec?.clusterIP) return;
    const offset = (ipv4Number(wanted) ?? -1) - BASE;
    if (offset <= 0 || offset >= SIZE - 1)
      refuse(
        `failed to allocate IP ${wanted}: the provided IP (${wanted}) is not in the valid range. The range of valid IPs is 10.96.0.0/16`,
      );
    if (taken().has(wanted)) refuse(`failed to allocate IP ${wanted}: provided IP is already allocated`);
    keep(wanted);
    return;
  }
  const used = taken();
  // The lower part of the range is left to addresses that people choose themselves.
  const start = 256 + randomInt(SIZE - 257);
  for (let step = 0; step < SIZE; step += 1) {
    const address = ipv4Text(BASE + 1 + ((start + step) % (SIZE - 2)));
    if (used.has(address)) continue;
    spec.clusterIP = address;
    spec.clusterIPs = [address];
    keep(address);
    return;
  }
  refuse('failed to allocate a serviceIP: range is full');
}

function allocatePorts(
  spec: Json,
  old: KubeObject | null,
  taken: () => Set<string>,
  keep: (value: string) => void,
  refuse: (index: number, port: number, text: string) => never,
): void {
  const wants =
    spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
  const held = new Set(old === null ? [] : claims(old));
  const own = new Set<string>();
  const next = (): number => {
    const used = taken();
    const count = LAST_PORT - FIRST_PORT + 1;
    const start = randomInt(count);
    for (let step = 0; step < count; step += 1) {
      const port = FIRST_PORT + ((start + step) % count);
      if (used.has(`port/${port}`) || own.has(`port/${port}`)) continue;
      own.add(`port/${port}`);
      keep(`port/${port}`);
      return port;
    }
    return 0;
  };
  ((spec.ports ?? []) as Json[]).forEach((port, index) => {
    if (!wants) {
      if (spec.type === 'ClusterIP' || spec.type === 'ExternalName') delete port.nodePort;
      return;
    }
    if (!port.nodePort) {
      port.nodePort = next();
      return;
    }
    const key = `port/${port.nodePort}`;
    if (port.nodePort < FIRST_PORT || port.nodePort > LAST_PORT)
      refuse(
        index,
        port.nodePort,
        `provided port is not in the valid range. The range of valid ports is ${FIRST_PORT}-${LAST_PORT}`,
      );
    // The same number may serve several protocols of one service.
    if (!held.has(key) && !own.has(key) && taken().has(key))
      refuse(index, port.nodePort, 'provided port is already allocated');
    own.add(key);
    keep(key);
  });
  const local = spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
  if (local) spec.healthCheckNodePort ||= next();
  else delete spec.healthCheckNodePort;
}
