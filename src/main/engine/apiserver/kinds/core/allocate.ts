/**
 * Addresses and node ports of services, given out on create and update and free again when the service goes.
 * Source: "Service ClusterIP allocation", KEP-1880 (ranges are objects), node ports 30000-32767, single stack IPv4.
 *
 * What is taken is read from the services that are stored or about to be. An address that was picked is left out of the next
 * picks until its service is written; one that a person chose is looked at once more in the turn of the write, so that of two
 * writers that wait for a webhook one gets it.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { anyChance, type Chance, drawInteger } from '../../chance.ts';
import { invalid, refuse as statusError } from '../../status.ts';
import type { AdmissionPlugin, FieldError } from '../../types.ts';
import { settleFamilies } from '../validation/families.ts';
import { invalidValue, sameJson } from '../validation/field.ts';
import { isIp } from '../validation/net.ts';
import { addressAt, holdsAddress, openRange, rangeText, type ServiceRange } from './service-ranges.ts';

const FIRST_PORT = 30000;
const LAST_PORT = 32767;
/** Longer than any webhook may think: what a refused write had picked is free again by then. */
const PICKED_MS = 40_000;

/** What the plugin reads: what is stored or about to be. */
export interface ServiceStock {
  services(): Iterable<KubeObject>;
  /** ServiceCIDRs. */
  ranges(): Iterable<KubeObject>;
  /** Whether somebody else than a service has the address. */
  reserved(address: string): boolean;
}

/** The plugin that does it. */
export function serviceAllocator(
  { services, ranges, reserved }: ServiceStock,
  chance: Chance = anyChance,
): AdmissionPlugin {
  const picked = new Map<string, number>();
  const taken = (self: KubeObject): Set<string> => {
    const found = new Set<string>();
    for (const service of services()) {
      if (service.metadata.uid === self.metadata.uid) continue;
      for (const value of claims(service)) found.add(value);
    }
    return found;
  };
  const isPicked = (value: string): boolean => {
    const at = picked.get(value);
    if (at === undefined || at >= Date.now() - PICKED_MS) return at !== undefined;
    return !picked.delete(value);
  };
  return {
    name: 'ServiceAllocator',
    matches: (kind, operation, subresource) =>
      kind.group === '' && kind.resource === 'services' && operation !== 'DELETE' && subresource === '',
    commit: ({ object, old, dryRun, kind }) => {
      if (object === null || object.spec === undefined) return;
      const held = new Set(old === null ? [] : claims(old));
      const added = claims(object).filter((value) => value !== 'None' && !held.has(value));
      if (added.length === 0) return;
      const inUse = taken(object);
      const lost = added.find((value) => inUse.has(value));
      // A dry run takes no ports, so it does not miss any.
      if (lost !== undefined && !(dryRun && lost.startsWith('port/')))
        throw invalid(kind, object.metadata.name ?? '', [alreadyTaken(object.spec, lost)]);
      if (!dryRun) for (const value of added) picked.delete(value);
    },
    mutate: ({ object, old, dryRun, kind }) => {
      if (object?.spec === undefined) return;
      if (old?.spec) {
        dropOutgrown(object.spec, old.spec);
        keepOld(object.spec, old.spec);
      }
      normaliseAddresses(object.spec, old?.spec);
      let used: Set<string> | null = null;
      const inUse = (): Set<string> => {
        used ??= taken(object);
        return used;
      };
      const keep = (value: string): void => {
        if (!dryRun) picked.set(value, Date.now());
      };
      const name = object.metadata.name ?? '';
      const unfit = settleFamilies(object.spec, old?.spec);
      if (unfit.length > 0) throw invalid(kind, name, unfit);
      if (object.spec.type === 'ExternalName') delete object.spec.internalTrafficPolicy;
      // What is wrong with the service itself is said first.
      const refuse = (error: FieldError): never => {
        const errors = kind.validate?.(object, old) ?? [];
        throw invalid(kind, name, errors.length > 0 ? errors : [error]);
      };
      const refuseAddress = (text: string): never =>
        refuse(invalidValue('spec.clusterIPs', object.spec.clusterIPs, text));
      // A dry run takes no ports, so it does not miss any.
      const refusePort = (index: number, port: number, text: string): void => {
        if (!dryRun) refuse(invalidValue(`spec.ports[${index}].nodePort`, port, text));
      };
      const about = `service ${object.metadata.namespace}/${name || object.metadata.generateName}`;
      const draw = (below: number): number => drawInteger(chance, about, below);
      const open = [...ranges()].flatMap((range) => openRange(range));
      const addresses: Addresses = { open, dryRun, inUse, isPicked, reserved, keep, draw };
      allocateAddress(object.spec, old, addresses, refuseAddress);
      allocatePorts(object.spec, old, addresses, refusePort);
    },
  };
}

interface Addresses {
  /** Where addresses may come from. */
  open: readonly ServiceRange[];
  dryRun: boolean;
  /** Whether somebody else than a service has it. */
  reserved(address: string): boolean;
  /** What services hold. */
  inUse(): Set<string>;
  /** Whether it was given to a service that is not written yet. */
  isPicked(value: string): boolean;
  keep(value: string): void;
  /** Where the search begins, in [0, below). */
  draw(below: number): number;
}

function alreadyTaken(spec: Json, value: string): FieldError {
  if (!value.startsWith('port/'))
    return invalidValue(
      'spec.clusterIPs',
      spec.clusterIPs,
      `failed to allocate IP ${value}: provided IP is already allocated`,
    );
  const port = Number(value.slice('port/'.length));
  const index = ((spec.ports ?? []) as Json[]).findIndex(({ nodePort }) => nodePort === port);
  const field = index < 0 ? 'spec.healthCheckNodePort' : `spec.ports[${index}].nodePort`;
  return invalidValue(field, port, 'provided port is already allocated');
}

/** Everything a service holds: addresses as they are, ports as `port/<number>`. */
function claims(service: KubeObject): string[] {
  const spec = service.spec ?? {};
  const ports = ((spec.ports ?? []) as Json[]).filter((port) => port.nodePort).map((port) => `port/${port.nodePort}`);
  if (spec.healthCheckNodePort) ports.push(`port/${spec.healthCheckNodePort}`);
  return [...((spec.clusterIPs ?? []) as string[]), ...ports];
}

/** Whether ports are given out to it; those that it names it may have in any case. */
const needsNodePort = (spec: Json): boolean =>
  spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
const mayHaveNodePorts = (spec: Json): boolean => spec.type === 'NodePort' || spec.type === 'LoadBalancer';
const needsHealthPort = (spec: Json): boolean => spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
const isReachable = (spec: Json): boolean =>
  ['NodePort', 'LoadBalancer'].includes(spec.type) ||
  (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);
const nodePorts = (spec: Json): number[] =>
  ((spec.ports ?? []) as Json[]).flatMap(({ nodePort }) => (nodePort ? [nodePort] : []));

/** What a service no longer needs since its type changed goes, unless the update changes it too. */
function dropOutgrown(spec: Json, old: Json): void {
  const drop = (...fields: string[]) => {
    for (const field of fields) if (sameJson(spec[field], old[field])) delete spec[field];
  };
  if (old.type !== 'ExternalName' && spec.type === 'ExternalName')
    drop('clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy');
  const known = nodePorts(old);
  if (mayHaveNodePorts(old) && !mayHaveNodePorts(spec) && nodePorts(spec).every((port) => known.includes(port)))
    for (const port of spec.ports ?? []) delete port.nodePort;
  if (needsHealthPort(old) && !needsHealthPort(spec)) drop('healthCheckNodePort');
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer')
    drop('allocateLoadBalancerNodePorts', 'loadBalancerClass');
  if (isReachable(old) && !isReachable(spec)) drop('externalTrafficPolicy');
}

/** An update that leaves addresses and ports out keeps them. */
function keepOld(spec: Json, old: Json): void {
  if (spec.type !== 'ExternalName' && old.type !== 'ExternalName') {
    if (!spec.clusterIP) spec.clusterIP = old.clusterIP;
    if ((spec.clusterIPs ?? []).length === 0 && spec.clusterIP === old.clusterIP) spec.clusterIPs = old.clusterIPs;
  }
  if (needsNodePort(old) && needsNodePort(spec)) {
    const asked = nodePorts(spec);
    // A port keeps its number by its name, whatever else of it has changed.
    const byName = new Map(((old.ports ?? []) as Json[]).map(({ name = '', nodePort }) => [name, nodePort]));
    for (const port of spec.ports ?? []) {
      const before = port.nodePort ? undefined : byName.get(port.name ?? '');
      if (before && !asked.includes(before)) port.nodePort = before;
    }
  }
  if (needsHealthPort(old) && needsHealthPort(spec)) spec.healthCheckNodePort ||= old.healthCheckNodePort;
}

/** Clients that know one address alone change that alone. */
function normaliseAddresses(spec: Json, old: Json): void {
  const listed = (spec.clusterIPs ?? []).length > 0;
  const changed = old && spec.clusterIP !== old.clusterIP && sameJson(spec.clusterIPs, old.clusterIPs);
  if (spec.clusterIP && (!listed || changed)) spec.clusterIPs = [spec.clusterIP];
}

/** Twice the same port of one protocol is no fault of a field to those who hand them out on an update. Throws 500. */
function refuseTwice(ports: readonly Json[]): void {
  const seen = new Set<string>();
  for (const { protocol, nodePort } of ports) {
    if (!nodePort) continue;
    const port = `{${protocol} ${nodePort}}`;
    if (seen.has(port)) throw statusError(500, '', `duplicate nodePort: ${port}`);
    seen.add(port);
  }
}

function allocateAddress(
  spec: Json,
  old: KubeObject | null,
  { open, dryRun, inUse, isPicked, reserved, keep, draw }: Addresses,
  refuse: (text: string) => never,
): void {
  if (spec.type === 'ExternalName') return;
  const wanted: string = spec.clusterIP || '';
  // What is no address, and a list without its first entry, is the validation's to refuse; so is a changed address.
  if (wanted === 'None' || (wanted === '' && (spec.clusterIPs ?? []).length > 0) || old?.spec?.clusterIP) return;
  const [first] = open;
  if (wanted !== '') {
    if (!isIp(wanted)) return;
    // A dry run looks at one range alone, and not at what is taken.
    if (dryRun) {
      const where = first === undefined ? '' : rangeText(first);
      if (first === undefined || !holdsAddress(first, wanted))
        refuse(
          `failed to allocate IP ${wanted}: the provided IP (${wanted}) is not in the valid range. The range of valid IPs is ${where}`,
        );
      return;
    }
    if (!open.some((range) => holdsAddress(range, wanted)))
      refuse(`failed to allocate IP ${wanted}: the provided network does not match the current range`);
    if (inUse().has(wanted) || reserved(wanted))
      refuse(`failed to allocate IP ${wanted}: provided IP is already allocated`);
    return;
  }
  if (dryRun && first !== undefined) {
    spec.clusterIP = addressAt(first, 0);
    spec.clusterIPs = [spec.clusterIP];
    return;
  }
  const used = inUse();
  for (const range of open) {
    const { size, kept } = range;
    // The lower part of a range is left to addresses that people choose themselves, until the rest is full.
    const start = kept + draw(size - kept - 1);
    for (let step = 0; step < size - 2; step += 1) {
      const address = addressAt(range, 1 + ((start + step) % (size - 2)));
      if (used.has(address) || isPicked(address) || reserved(address)) continue;
      spec.clusterIP = address;
      spec.clusterIPs = [address];
      keep(address);
      return;
    }
  }
  refuse('failed to allocate a serviceIP: range is full');
}

function allocatePorts(
  spec: Json,
  old: KubeObject | null,
  { inUse, isPicked, keep, draw }: Addresses,
  refuse: (index: number, port: number, text: string) => void,
): void {
  const held = new Set(old === null ? [] : claims(old));
  const own = new Set<string>();
  if (old !== null && needsNodePort(spec)) refuseTwice(spec.ports ?? []);
  const next = (): number => {
    const used = inUse();
    const count = LAST_PORT - FIRST_PORT + 1;
    const start = draw(count);
    for (let step = 0; step < count; step += 1) {
      const port = FIRST_PORT + ((start + step) % count);
      const key = `port/${port}`;
      if (used.has(key) || own.has(key) || isPicked(key)) continue;
      own.add(key);
      keep(key);
      return port;
    }
    return 0;
  };
  ((spec.ports ?? []) as Json[]).forEach((port, index) => {
    if (!port.nodePort) {
      if (needsNodePort(spec)) port.nodePort = next();
      return;
    }
    if (!mayHaveNodePorts(spec)) return;
    const key = `port/${port.nodePort}`;
    if (port.nodePort < FIRST_PORT || port.nodePort > LAST_PORT)
      refuse(
        index,
        port.nodePort,
        `provided port is not in the valid range. The range of valid ports is ${FIRST_PORT}-${LAST_PORT}`,
      );
    // The same number may serve several protocols of one service.
    if (!held.has(key) && !own.has(key) && inUse().has(key))
      refuse(index, port.nodePort, 'provided port is already allocated');
    own.add(key);
  });
  if (needsHealthPort(spec)) spec.healthCheckNodePort ||= next();
}
