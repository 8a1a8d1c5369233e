/**
 * EndpointSlices of Services without a selector, from the Endpoints that somebody wrote for them: proxies read slices
 * alone. Source: Kubernetes documentation "EndpointSlices", mirroring.
 */
import { isIPv6 } from 'node:net';
import { isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { runController } from '../sim/controller.ts';
import { controllerReference, isDeleting, nameOf, namespaceOf, sameValue } from '../sim/objects.ts';
import { ENDPOINT_SLICES } from '../sim/refs.ts';
import type { Controller, World } from '../sim/world.ts';
import { deleteObject, isTerminating } from './common.ts';
import { MANAGED_BY, SERVICE_NAME } from './endpoint-objects.ts';

const MIRROR_CONTROLLER = 'endpointslicemirroring-controller.k8s.io';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
const NOT_COPIED = new Set([
  'endpoints.kubernetes.io/last-change-trigger-time',
  'kubectl.kubernetes.io/last-applied-configuration',
]);

export function runEndpointMirroring(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;

  async function reconcile(key: string): Promise<undefined> {
    const endpoints = caches.endpoints.get(key);
    const service = caches.services.get(key);
    const mirrored = endpoints !== undefined && service !== undefined && isMirrored(endpoints, service);
    const wanted = mirrored ? mirrorSlices(endpoints) : [];
    if (mirrored) tellSkipped(endpoints);
    const existing = caches.endpointSlices
      .byIndex('service', key)
      .filter((slice) => slice.metadata.labels?.[MANAGED_BY] === MIRROR_CONTROLLER && !isDeleting(slice))
      .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    const { pairs, surplus: left } = pairUp(existing, wanted);
    for (const { old, slice } of pairs) await keep(old, slice);
    for (const surplus of left) await deleteObject(world, ENDPOINT_SLICES, caches.endpointSlices, surplus);
    return undefined;
  }

  async function keep(old: KubeObject | undefined, slice: KubeObject): Promise<void> {
    const namespace = namespaceOf(slice);
    if (old === undefined) {
      caches.endpointSlices.wrote(await client.create(ENDPOINT_SLICES, slice, { namespace }));
      return;
    }
    const { labels, annotations } = slice.metadata;
    const { annotations: _old, ...kept } = old.metadata;
    const metadata = { ...kept, labels, ...(annotations === undefined ? {} : { annotations }) };
    const next = { ...old, metadata, endpoints: slice.endpoints, ports: slice.ports };
    if (!sameValue(next, old)) caches.endpointSlices.wrote(await client.update(ENDPOINT_SLICES, next, { namespace }));
  }

  function tellSkipped(endpoints: KubeObject): void {
    const skipped = skippedAddresses(endpoints);
    if (skipped === 0) return;
    world.events.record(endpoints, {
      component: 'endpoint-slice-mirroring-controller',
      type: 'Warning',
      reason: 'TooManyAddressesToMirror',
      message: `A max of ${PER_SUBSET} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`,
    });
  }

  return runController(world, {
    name: 'endpoint-mirroring',
    reconcile: (key) =>
      reconcile(key).catch((error: unknown) => {
        // The namespace is on its way out.
        if (isNotFound(error) || isTerminating(error)) return undefined;
        throw error;
      }),
    watch: [
      { cache: caches.endpoints, on: (endpoints) => (isOurs(endpoints) ? undefined : objectKey(endpoints)) },
      { cache: caches.services, on: (service) => (hasSelector(service) ? undefined : objectKey(service)) },
    ],
  });
}

/** Endpoints made from the pods of a selector have slices of their own. */
function isOurs(endpoints: KubeObject): boolean {
  return endpoints.metadata.labels?.['endpoints.kubernetes.io/managed-by'] !== undefined;
}

function hasSelector(service: KubeObject): boolean {
  return Object.keys(service.spec?.selector ?? {}).length > 0;
}

function isMirrored(endpoints: KubeObject, service: KubeObject): boolean {
  const { labels, annotations } = endpoints.metadata;
  return !hasSelector(service) && labels?.[SKIP] !== 'true' && annotations?.[LEADER] === undefined;
}

/** Which slice is written anew for which: one of the same ports, then any other of the family, which never changes. */
export function pairUp(existing: readonly KubeObject[], wanted: readonly KubeObject[]) {
  const surplus = [...existing];
  const take = (fits: (one: KubeObject) => boolean): KubeObject | undefined => {
    const at = surplus.findIndex(fits);
    return at < 0 ? undefined : surplus.splice(at, 1)[0];
  };
  const sameFamily = (one: KubeObject, slice: KubeObject) => one.addressType === slice.addressType;
  const pairs = wanted.map((slice) => ({
    slice,
    old: take((one) => sameFamily(one, slice) && sameValue(one.ports ?? [], slice.ports ?? [])),
  }));
  for (const pair of pairs) pair.old ??= take((one) => sameFamily(one, pair.slice));
  return { pairs, surplus };
}

/** --mirroring-max-endpoints-per-subset */
const PER_SUBSET = 1000;

/** How many addresses of the subsets have no place in their slices. */
export function skippedAddresses(endpoints: KubeObject): number {
  return ((endpoints.subsets ?? []) as Json[])
    .map(({ addresses = [], notReadyAddresses = [] }) => addresses.length + notReadyAddresses.length)
    .reduce((sum, count) => sum + Math.max(0, count - PER_SUBSET), 0);
}

/** One slice for each family of addresses of each subset. */
export function mirrorSlices(endpoints: KubeObject): KubeObject[] {
  const annotations = Object.entries(endpoints.metadata.annotations ?? {}).filter(([key]) => !NOT_COPIED.has(key));
  const metadata = {
    generateName: `${nameOf(endpoints)}-`,
    namespace: namespaceOf(endpoints),
    labels: { ...endpoints.metadata.labels, [SERVICE_NAME]: nameOf(endpoints), [MANAGED_BY]: MIRROR_CONTROLLER },
    ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    ownerReferences: [controllerReference(endpoints, 'v1', 'Endpoints')],
  };
  return (endpoints.subsets ?? []).flatMap((subset: Json) => {
    const all = [
      ...(subset.addresses ?? []).map((address: Json) => endpointOf(address, true)),
      ...(subset.notReadyAddresses ?? []).map((address: Json) => endpointOf(address, false)),
    ].slice(0, PER_SUBSET);
    return (['IPv4', 'IPv6'] as const).flatMap((addressType) => {
      const ofFamily = all.filter(({ addresses }) => isIPv6(addresses[0]) === (addressType === 'IPv6'));
      if (ofFamily.length === 0) return [];
      const ports = (subset.ports ?? []).map((port: Json) => ({ protocol: 'TCP', ...port, name: port.name ?? '' }));
      return [
        {
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata,
          addressType,
          endpoints: ofFamily,
          ports,
        } as KubeObject,
      ];
    });
  });
}

function endpointOf({ ip, nodeName, hostname, targetRef }: Json, ready: boolean): Json {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(targetRef === undefined ? {} : { targetRef }),
  };
}
