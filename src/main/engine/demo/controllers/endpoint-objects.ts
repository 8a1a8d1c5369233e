/** Endpoints and EndpointSlices of a Service over given pods: the objects alone. Pure. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { controllerReference, isDeleting, nameOf, namespaceOf, uidOf } from '../sim/objects.ts';
import { isReady } from '../sim/pods.ts';
import { wantsZoneHints } from './topology-hints.ts';

export const SERVICE_NAME = 'kubernetes.io/service-name';
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
export const SLICE_CONTROLLER = 'endpointslice-controller.k8s.io';
/** --max-endpoints-per-slice */
export const PER_SLICE = 100;
/** The minor version whose behaviour holds where none is said. */
const LATEST = 36;

/** Of which addresses the slices of a Service are: pods of these clusters have one each. */
export function familyOf({ spec }: KubeObject): 'IPv4' | 'IPv6' {
  const families: string[] = spec?.ipFamilies ?? ['IPv4'];
  return families.length > 0 && !families.includes('IPv4') ? 'IPv6' : 'IPv4';
}

export function hasFamily({ status }: KubeObject, family: 'IPv4' | 'IPv6'): boolean {
  return String(status?.podIP ?? '').includes(':') === (family === 'IPv6');
}

/** What goes into slices of its own: endpoints whose ports are the same. */
export interface SliceGroup {
  endpoints: Json[];
  ports: Json[];
}

/** Endpoints of all slices; pods that mean another number by the name of a port are apart. Without pods one empty group. */
export function sliceGroups(
  service: KubeObject,
  pods: readonly KubeObject[],
  zoneOf: (pod: KubeObject) => string | undefined,
  minor = LATEST,
): SliceGroup[] {
  const groups = new Map<string, SliceGroup>();
  for (const pod of pods) {
    const ports = portsOf(service, pod, true);
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { endpoints: [], ports };
    groups.set(key, group);
    const endpoint = endpointOf(service, pod, zoneOf(pod));
    group.endpoints.push({ ...endpoint, ...hintsFor(service, endpoint, minor) });
  }
  return groups.size === 0 ? [{ endpoints: [], ports: [] }] : [...groups.values()];
}

/** Subsets of the Endpoints object; pods that are going are left out. */
export function subsetsOf(service: KubeObject, pods: readonly KubeObject[]): Json[] {
  const published = service.spec?.publishNotReadyAddresses === true;
  const address = (pod: KubeObject): Json => ({
    ip: pod.status?.podIP,
    ...hostnameOf(service, pod),
    nodeName: pod.spec?.nodeName,
    targetRef: { kind: 'Pod', namespace: namespaceOf(pod), name: nameOf(pod), uid: uidOf(pod) },
  });
  // Who publishes what is not ready publishes what is on its way out as well.
  const living = pods.filter((pod) => published || !isDeleting(pod));
  const isUp = (pod: KubeObject) => published || isReady(pod);
  // Ports that the same pods have are one subset. Addresses nobody listens at on any of the asked ports are none; a service
  // without ports is known by them alone.
  const heard = new Map<string, { port: Json; pods: KubeObject[] }>();
  for (const pod of living)
    for (const port of portsOf(service, pod, false)) {
      const key = JSON.stringify(port);
      const found = heard.get(key) ?? { port, pods: [] };
      heard.set(key, found);
      found.pods.push(pod);
    }
  const subsets = new Map<string, { ports: Json[]; pods: KubeObject[] }>();
  for (const { port, pods: members } of heard.values()) {
    const key = members.map(nameOf).join();
    const subset = subsets.get(key) ?? { ports: [], pods: members };
    subsets.set(key, subset);
    subset.ports.push(port);
  }
  if ((service.spec?.ports ?? []).length === 0 && living.length > 0) subsets.set('', { ports: [], pods: living });
  return [...subsets.values()].map(({ ports, pods: members }) => {
    const ready = members.filter(isUp).map(address);
    const notReady = members.filter((pod) => !isUp(pod)).map(address);
    return {
      ...(ready.length > 0 ? { addresses: ready } : {}),
      ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
      ports,
    };
  });
}

/** As many addresses as Endpoints may have. */
const CAPACITY = 1000;
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';

/** No more addresses than there may be, ready ones first and each subset its share of them. */
export function withinCapacity(subsets: readonly Json[], capacity = CAPACITY): { subsets: Json[]; over: boolean } {
  const count = (field: string) => subsets.reduce((sum, subset) => sum + (subset[field]?.length ?? 0), 0);
  const ready = count('addresses');
  const notReady = count('notReadyAddresses');
  if (ready + notReady <= capacity) return { subsets: [...subsets], over: false };
  const field = ready > capacity ? 'addresses' : 'notReadyAddresses';
  const room = ready > capacity ? capacity : capacity - ready;
  const all = ready > capacity ? ready : notReady;
  let left = room;
  const out = subsets.map((subset) => {
    const own: Json[] = subset[field] ?? [];
    const kept = own.slice(0, Math.min(left, Math.ceil((own.length / all) * room)));
    left -= kept.length;
    const { addresses = [], notReadyAddresses: _none, ...rest } = subset;
    return {
      ...rest,
      ...(field === 'addresses' || addresses.length === 0 ? {} : { addresses }),
      ...(kept.length === 0 ? {} : { [field]: kept }),
    };
  });
  return { subsets: out, over: true };
}

/** The annotations with what says that not all addresses are there, or without it. */
export function withCapacity(annotations: Record<string, string> | undefined, over: boolean): Record<string, string> {
  const { [OVER_CAPACITY]: _old, ...rest } = annotations ?? {};
  return over ? { ...rest, [OVER_CAPACITY]: 'truncated' } : rest;
}

function endpointOf(service: KubeObject, pod: KubeObject, zone: string | undefined): Json {
  const serving = isReady(pod);
  const terminating = isDeleting(pod);
  return {
    addresses: [pod.status?.podIP],
    conditions: {
      ready: (serving && !terminating) || service.spec?.publishNotReadyAddresses === true,
      serving,
      terminating,
    },
    ...hostnameOf(service, pod),
    nodeName: pod.spec?.nodeName,
    targetRef: { kind: 'Pod', namespace: namespaceOf(pod), name: nameOf(pod), uid: uidOf(pod) },
    ...(zone === undefined ? {} : { zone }),
  };
}

const NEAR = new Set(['PreferClose', 'PreferSameZone', 'PreferSameNode']);

/** Whom a ready endpoint is meant for: trafficDistribution (KEP-4444), with the node since 1.34 (KEP-3015). */
function hintsFor(service: KubeObject, { conditions, nodeName, zone }: Json, minor: number): Json {
  const wanted: string = service.spec?.trafficDistribution ?? '';
  if (!NEAR.has(wanted) || conditions.ready !== true || wantsZoneHints(service)) return {};
  const forNodes = wanted === 'PreferSameNode' && minor >= 34 ? { forNodes: [{ name: nodeName }] } : {};
  const forZones = zone === undefined ? {} : { forZones: [{ name: zone }] };
  const hints = { ...forNodes, ...forZones };
  return Object.keys(hints).length === 0 ? {} : { hints };
}

/** A pod is known by its name where its subdomain is the service. */
function hostnameOf(service: KubeObject, pod: KubeObject): { hostname?: string } {
  const { hostname, subdomain } = pod.spec ?? {};
  return hostname && subdomain === nameOf(service) ? { hostname } : {};
}

/** Target ports by number, or by the name that one of the pod's containers gives a port. */
function portsOf(service: KubeObject, pod: KubeObject, named: boolean): Json[] {
  return (service.spec?.ports ?? []).flatMap((port: Json) => {
    const target = port.targetPort ?? port.port;
    const number = typeof target === 'number' ? target : namedPort(pod, target, port.protocol ?? 'TCP');
    if (number === undefined) return [];
    const name = port.name === undefined ? (named ? { name: '' } : {}) : { name: port.name };
    return [
      {
        ...name,
        port: number,
        protocol: port.protocol ?? 'TCP',
        ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
      },
    ];
  });
}

function namedPort({ spec }: KubeObject, name: string, protocol: string): number | undefined {
  const sidecars = ((spec?.initContainers ?? []) as Json[]).filter((one) => one.restartPolicy === 'Always');
  for (const container of [...(spec?.containers ?? []), ...sidecars] as Json[]) {
    const found = (container.ports ?? []).find(
      (port: Json) => port.name === name && (port.protocol ?? 'TCP') === protocol,
    );
    if (found !== undefined) return found.containerPort;
  }
  return undefined;
}

const HEADLESS = 'service.kubernetes.io/headless';

/** The service's own and what says whose they are. */
export function sliceLabels(service: KubeObject): Record<string, string> {
  return {
    ...service.metadata.labels,
    [SERVICE_NAME]: nameOf(service),
    [MANAGED_BY]: SLICE_CONTROLLER,
    ...headless(service),
  };
}

export function endpointsLabels(service: KubeObject): Record<string, string> {
  return {
    ...service.metadata.labels,
    ...headless(service),
    'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
  };
}

function headless(service: KubeObject): Record<string, string> {
  return service.spec?.clusterIP === 'None' ? { [HEADLESS]: '' } : {};
}

/** Without a name: the server makes it. */
export function newSlice(service: KubeObject, endpoints: Json[], ports: Json[]): KubeObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${nameOf(service)}-`,
      namespace: namespaceOf(service),
      labels: sliceLabels(service),
      ownerReferences: [controllerReference(service, 'v1', 'Service')],
    },
    addressType: familyOf(service),
    ...(endpoints.length === 0 ? {} : { endpoints }),
    ...(ports.length === 0 ? {} : { ports }),
  };
}
