/** Endpoints and EndpointSlices of Services with a selector: which pods answer, and whether they are ready. */

import { isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { runController } from '../sim/controller.ts';
import { podsInNamespace } from '../sim/indexes.ts';
import { canonical, controllerReference, isDeleting, nameOf, namespaceOf, uidOf } from '../sim/objects.ts';
import { isFinished, isReady } from '../sim/pods.ts';
import { ENDPOINT_SLICES, ENDPOINTS } from '../sim/refs.ts';
import { matchesMap } from '../sim/selectors.ts';
import type { Controller, World } from '../sim/world.ts';
import { deleteObject } from './common.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const SLICE_CONTROLLER = 'endpointslice-controller.k8s.io';
/** --max-endpoints-per-slice */
const PER_SLICE = 100;

export function runEndpoints(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;

  async function reconcile(key: string): Promise<undefined> {
    const service = caches.services.get(key);
    const selector: Record<string, string> | undefined = service?.spec?.selector;
    // Slices and endpoints of a deleted service go with it by their owner; without a selector they are somebody else's.
    if (service === undefined || isDeleting(service) || selector === undefined || Object.keys(selector).length === 0) {
      if (service === undefined) await removeOrphans(key);
      return undefined;
    }
    if (service.spec?.type === 'ExternalName') return undefined;
    const pods = podsInNamespace(caches, namespaceOf(service))
      .filter(
        (pod) =>
          matchesMap(selector, pod.metadata.labels) && !isFinished(pod) && pod.status?.podIP && pod.spec?.nodeName,
      )
      .sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
    await keepSlices(service, pods);
    await keepEndpoints(service, pods);
    return undefined;
  }

  async function keepSlices(service: KubeObject, pods: KubeObject[]): Promise<void> {
    const existing = slicesOf(objectKey(service));
    const endpoints = pods.map((pod) => endpointOf(service, pod, zoneOf(pod)));
    const chunks: Json[][] = [];
    for (let i = 0; i < endpoints.length || i === 0; i += PER_SLICE) chunks.push(endpoints.slice(i, i + PER_SLICE));
    const ports = portsOf(service, pods, true);
    for (const [index, chunk] of chunks.entries()) {
      const slice = existing[index];
      if (slice === undefined) {
        const created = await client.create(ENDPOINT_SLICES, newSlice(service, chunk, ports), {
          namespace: namespaceOf(service),
        });
        caches.endpointSlices.wrote(created);
      } else if (canonical([slice.endpoints ?? [], slice.ports ?? []]) !== canonical([chunk, ports])) {
        caches.endpointSlices.wrote(await client.update(ENDPOINT_SLICES, { ...slice, endpoints: chunk, ports }));
      }
    }
    for (const surplus of existing.slice(chunks.length)) {
      await deleteObject(world, ENDPOINT_SLICES, caches.endpointSlices, surplus);
    }
  }

  async function keepEndpoints(service: KubeObject, pods: KubeObject[]): Promise<void> {
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
    const subsets: Json[] =
      living.length === 0
        ? []
        : [
            {
              ...(ready.length > 0 ? { addresses: ready } : {}),
              ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
              ports,
            },
          ];
    const current = caches.endpoints.get(objectKey(service));
    if (current === undefined) {
      const created = await client.create(
        ENDPOINTS,
        {
          apiVersion: 'v1',
          kind: 'Endpoints',
          metadata: {
            name: nameOf(service),
            namespace: namespaceOf(service),
            labels: { ...service.metadata.labels, 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
          },
          ...(subsets.length > 0 ? { subsets } : {}),
        },
        { namespace: namespaceOf(service) },
      );
      caches.endpoints.wrote(created);
    } else if (canonical(current.subsets ?? []) !== canonical(subsets)) {
      const { subsets: _old, ...rest } = current;
      caches.endpoints.wrote(
        await client.update(
          ENDPOINTS,
          subsets.length > 0 ? ({ ...rest, subsets } as KubeObject) : (rest as KubeObject),
        ),
      );
    }
  }

  async function removeOrphans(key: string): Promise<void> {
    for (const slice of slicesOf(key)) await deleteObject(world, ENDPOINT_SLICES, caches.endpointSlices, slice);
    const endpoints = caches.endpoints.get(key);
    const ours = endpoints?.metadata.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller';
    if (endpoints !== undefined && ours) await deleteObject(world, ENDPOINTS, caches.endpoints, endpoints);
  }

  function slicesOf(key: string): KubeObject[] {
    return caches.endpointSlices
      .byIndex('service', key)
      .filter((slice) => slice.metadata.labels?.[MANAGED_BY] === SLICE_CONTROLLER && !isDeleting(slice))
      .sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  }

  function zoneOf(pod: KubeObject): string | undefined {
    return caches.nodes.get(pod.spec?.nodeName ?? '')?.metadata.labels?.['topology.kubernetes.io/zone'];
  }

  function servicesOf(...pods: (KubeObject | undefined)[]): string[] {
    const keys = new Set<string>();
    for (const pod of pods) {
      if (pod === undefined) continue;
      for (const service of caches.services.byIndex('namespace', namespaceOf(pod))) {
        if (matchesMap(service.spec?.selector, pod.metadata.labels)) {
          keys.add(objectKey(service));
        }
      }
    }
    return [...keys];
  }

  return runController(world, {
    name: 'endpoint-controller',
    reconcile: (key) =>
      reconcile(key).catch((error: unknown) => {
        // The namespace is on its way out.
        if (isNotFound(error)) return undefined;
        throw error;
      }),
    watch: [
      { cache: caches.services, on: (service) => objectKey(service) },
      {
        cache: caches.pods,
        on: (pod, previous, deleted) =>
          !deleted && previous !== undefined && sameForServices(pod, previous) ? undefined : servicesOf(pod, previous),
      },
    ],
  });
}

function sameForServices(pod: KubeObject, previous: KubeObject): boolean {
  return (
    pod.status?.podIP === previous.status?.podIP &&
    isReady(pod) === isReady(previous) &&
    isDeleting(pod) === isDeleting(previous) &&
    isFinished(pod) === isFinished(previous) &&
    canonical(pod.metadata.labels ?? {}) === canonical(previous.metadata.labels ?? {})
  );
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

function newSlice(service: KubeObject, endpoints: Json[], ports: Json[]): KubeObject {
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
