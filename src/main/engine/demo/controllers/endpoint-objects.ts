/** Endpoints and EndpointSlices of a Service over given pods: the objects alone. Pure. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { controllerReference, isDeleting, nameOf, namespaceOf, uidOf } from '../sim/objects.ts';
import { isReady } from '../sim/pods.ts';

export const SERVICE_NAME = 'kubernetes.io/service-name';
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
export const SLICE_CONTROLLER = 'endpointslice-controller.k8s.io';
/** --max-endpoints-per-slice */
export const PER_SLICE = 100;

/** Endpoints of all slices together, and their ports. */
export function sliceEndpoints(
  service: KubeObject,
  pods: readonly KubeObject[],
  zoneOf: (pod: KubeObject) => string | undefined,
): { endpoints: Json[]; ports: Json[] } {
  return {
    endpoints: pods.map((pod) => endpointOf(service, pod, zoneOf(pod))),
    ports: portsOf(service, pods, true),
  };
}

/** Subsets of the Endpoints object; pods that are going are left out. */
export function subsetsOf(service: KubeObject, pods: readonly KubeObject[]): Json[] {
  const published = service.spec?.publishNotReadyAddresses === true;
  const address = (pod: KubeObject): Json => ({
    ip: pod.status?.podIP,
    nodeName: pod.spec?.nodeName,
    targetRef: { kind: 'Pod', namespace: namespaceOf(pod), name: nameOf(pod), uid: uidOf(pod) },
  });
  const living = pods.filter((pod) => !isDeleting(pod));
  const ready = living.filter((pod) => published || isReady(pod)).map(address);
  const notReady = living.filter((pod) => !published && !isReady(pod)).map(address);
  const ports = portsOf(service, pods, false);
  return living.length === 0
    ? []
    : [
        {
          ...(ready.length > 0 ? { addresses: ready } : {}),
          ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
          ports,
        },
      ];
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
    ...(pod.spec?.hostname && pod.spec?.subdomain === nameOf(service) ? { hostname: pod.spec.hostname } : {}),
    nodeName: pod.spec?.nodeName,
    targetRef: { kind: 'Pod', namespace: namespaceOf(pod), name: nameOf(pod), uid: uidOf(pod) },
    ...(zone === undefined ? {} : { zone }),
  };
}

/** Target ports by number, or by the name of a container port of the first pod that has it. */
function portsOf(service: KubeObject, pods: readonly KubeObject[], named: boolean): Json[] {
  return (service.spec?.ports ?? []).flatMap((port: Json) => {
    const target = port.targetPort ?? port.port;
    const number = typeof target === 'number' ? target : namedPort(pods, target);
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

function namedPort(pods: readonly KubeObject[], name: string): number | undefined {
  for (const pod of pods) {
    for (const container of pod.spec?.containers ?? []) {
      const found = (container.ports ?? []).find((port: Json) => port.name === name);
      if (found !== undefined) return found.containerPort;
    }
  }
  return undefined;
}

/** Without a name: the server makes it. */
export function newSlice(service: KubeObject, endpoints: Json[], ports: Json[]): KubeObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${nameOf(service)}-`,
      namespace: namespaceOf(service),
      labels: {
        ...service.metadata.labels,
        [SERVICE_NAME]: nameOf(service),
        [MANAGED_BY]: SLICE_CONTROLLER,
        ...(service.spec?.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}),
      },
      ownerReferences: [controllerReference(service, 'v1', 'Service')],
    },
    addressType: 'IPv4',
    endpoints,
    ports,
  };
}
