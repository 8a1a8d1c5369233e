/** Endpoints and EndpointSlices of Services with a selector: which pods answer, and whether they are ready. */

import { isConflict, isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { minorOf } from '../profiles/node-object.ts';
import { runController } from '../sim/controller.ts';
import { podsInNamespace } from '../sim/indexes.ts';
import { findCondition, isDeleting, nameOf, namespaceOf, sameValue } from '../sim/objects.ts';
import { isFinished, isReady } from '../sim/pods.ts';
import { ENDPOINT_SLICES, ENDPOINTS } from '../sim/refs.ts';
import { matchesMap } from '../sim/selectors.ts';
import type { Controller, World } from '../sim/world.ts';
import { deleteObject, isTerminating } from './common.ts';
import {
  endpointsLabels,
  familyOf,
  hasFamily,
  MANAGED_BY,
  newSlice,
  PER_SLICE,
  SERVICE_NAME,
  SLICE_CONTROLLER,
  type SliceGroup,
  sliceGroups,
  sliceLabels,
  subsetsOf,
  withCapacity,
  withinCapacity,
} from './endpoint-objects.ts';

import { TriggerTimes, withTrigger } from './endpoint-trigger.ts';
import { cpuRatios, wantsZoneHints, ZONE, zoneHints } from './topology-hints.ts';

export function runEndpoints(world: World): Controller {
  const { caches } = world;
  const client = world.clients.manager;
  /** Keys of the pods that a service may select; absent: not looked for since the service or its selector is new. */
  const members = new Map<string, Set<string>>();
  const triggers = new TriggerTimes();
  /** Why services that ask for zones have none; null: they have them. */
  const hints = new Map<string, string | null>();
  /** Generations of the slices as they were written here, by uid: what is later is somebody else's. */
  const written = new Map<string, number>();
  const wrote = (slice: KubeObject) => {
    caches.endpointSlices.wrote(slice);
    written.set(slice.metadata.uid ?? '', slice.metadata.generation ?? 0);
  };

  async function reconcile(key: string): Promise<undefined> {
    const service = caches.services.get(key);
    const selector: Record<string, string> | undefined = service?.spec?.selector;
    // Slices and endpoints of a deleted service go with it by their owner; without a selector they are somebody else's.
    if (service === undefined || isDeleting(service) || selector === undefined || Object.keys(selector).length === 0) {
      if (service === undefined) await removeOrphans(key);
      return undefined;
    }
    if (service.spec?.type === 'ExternalName') return undefined;
    const selected = selectedPods(service, selector);
    const trigger = triggers.next(service, selected);
    const pods = selected
      .filter((pod) => !isFinished(pod) && pod.status?.podIP && pod.spec?.nodeName)
      .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    const reachable = pods.filter((pod) => hasFamily(pod, familyOf(service)));
    await keepSlices(service, reachable, trigger).catch((error: unknown) => {
      tellSlices(service, error);
      throw error;
    });
    await keepEndpoints(service, reachable, trigger);
    return undefined;
  }

  /** Found once in the whole namespace, then from what has changed. */
  function selectedPods(service: KubeObject, selector: Record<string, string>): KubeObject[] {
    const key = objectKey(service);
    let keys = members.get(key);
    if (keys === undefined) {
      keys = new Set(podsInNamespace(caches, namespaceOf(service)).map(objectKey));
      members.set(key, keys);
    }
    const out: KubeObject[] = [];
    for (const podKey of keys) {
      const pod = caches.pods.get(podKey);
      if (pod !== undefined && matchesMap(selector, pod.metadata.labels)) out.push(pod);
      else keys.delete(podKey);
    }
    return out;
  }

  async function keepSlices(service: KubeObject, pods: KubeObject[], trigger: string | undefined): Promise<void> {
    const groups = hinted(service, sliceGroups(service, pods, zoneOf, minorOf(world.profile.version)));
    const free = slicesOf(objectKey(service));
    const made = groups.flatMap(({ endpoints, ports }) => {
      // A slice keeps its ports; what is left over is written anew before anything is created.
      const own = free.filter((slice) => sameValue(slice.ports ?? [], ports));
      const chunks: { slice: KubeObject | undefined; chunk: Json[]; ports: Json[] }[] = [];
      for (let i = 0; i < endpoints.length || i === 0; i += PER_SLICE) {
        const slice = own.shift();
        if (slice !== undefined) free.splice(free.indexOf(slice), 1);
        chunks.push({ slice, chunk: endpoints.slice(i, i + PER_SLICE), ports });
      }
      return chunks;
    });
    const labels = sliceLabels(service);
    for (const { slice: own, chunk, ports } of made) {
      const slice = own ?? free.shift();
      if (slice === undefined) {
        const created = await client.create(ENDPOINT_SLICES, annotated(newSlice(service, chunk, ports), trigger), {
          namespace: namespaceOf(service),
        });
        wrote(created);
        continue;
      }
      if (sameValue([slice.endpoints ?? [], slice.ports ?? [], slice.metadata.labels], [chunk, ports, labels]))
        continue;
      const metadata = { ...slice.metadata, labels };
      wrote(await client.update(ENDPOINT_SLICES, annotated({ ...slice, metadata, endpoints: chunk, ports }, trigger)));
    }
    for (const surplus of free) await deleteObject(world, ENDPOINT_SLICES, caches.endpointSlices, surplus);
  }

  /** With the zones that endpoints are meant for, where the service asks for them; what comes of it is told when it changes. */
  function hinted(service: KubeObject, groups: SliceGroup[]): SliceGroup[] {
    const key = objectKey(service);
    if (!wantsZoneHints(service)) {
      if (hints.get(key) === null) tellHints(service, 'Topology Aware Hints has been disabled');
      hints.delete(key);
      return groups;
    }
    const ratios = cpuRatios(caches.nodes.list());
    const found = zoneHints(
      groups.flatMap(({ endpoints }) => endpoints),
      ratios,
    );
    if (hints.get(key) !== found.problem) tellHints(service, found.problem);
    hints.set(key, found.problem);
    const zones = found.zones.values();
    return groups.map(({ endpoints, ports }) => ({
      endpoints: endpoints.map((endpoint) => {
        const zone = zones.next().value;
        return zone === undefined ? endpoint : { ...endpoint, hints: { forZones: [{ name: zone }] } };
      }),
      ports,
    }));
  }

  function tellHints(service: KubeObject, problem: string | null): void {
    const what = problem ?? 'Topology Aware Hints has been enabled';
    world.events.record(service, {
      component: 'endpoint-slice-controller',
      type: problem === null ? 'Normal' : 'Warning',
      reason: problem === null ? 'TopologyAwareHintsEnabled' : 'TopologyAwareHintsDisabled',
      message: `${what}, addressType: ${familyOf(service)}`,
    });
  }

  /** In the controller's own words; a namespace that goes away is not worth them. */
  function tellSlices(service: KubeObject, error: unknown): void {
    if (isNotFound(error) || isConflict(error) || isTerminating(error)) return;
    const name = `${namespaceOf(service)}/${nameOf(service)}`;
    const why = error instanceof Error ? error.message : String(error);
    const message = `Error updating Endpoint Slices for Service ${name}: failed to create EndpointSlice for Service ${name}: ${why}`;
    world.events.record(service, {
      component: 'endpoint-slice-controller',
      type: 'Warning',
      reason: 'FailedToUpdateEndpointSlices',
      message,
    });
  }

  async function keepEndpoints(service: KubeObject, pods: KubeObject[], trigger: string | undefined): Promise<void> {
    const { subsets, over } = withinCapacity(subsetsOf(service, pods));
    const labels = endpointsLabels(service);
    const current = caches.endpoints.get(objectKey(service));
    if (current === undefined) {
      const created = await client.create(
        ENDPOINTS,
        annotated(
          {
            apiVersion: 'v1',
            kind: 'Endpoints',
            metadata: {
              name: nameOf(service),
              namespace: namespaceOf(service),
              labels,
              annotations: withCapacity(undefined, over),
            },
            ...(subsets.length > 0 ? { subsets } : {}),
          } as KubeObject,
          trigger,
        ),
        { namespace: namespaceOf(service) },
      );
      caches.endpoints.wrote(created);
    } else if (
      !sameValue(
        [current.subsets ?? [], current.metadata.labels, current.metadata.annotations ?? {}],
        [subsets, labels, withCapacity(current.metadata.annotations, over)],
      )
    ) {
      const { subsets: _old, ...whole } = current;
      const annotations = withCapacity(current.metadata.annotations, over);
      const rest = annotated(
        { ...whole, metadata: { ...current.metadata, labels, annotations } } as KubeObject,
        trigger,
      );
      caches.endpoints.wrote(
        await client.update(ENDPOINTS, subsets.length > 0 ? ({ ...rest, subsets } as KubeObject) : rest),
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
        if (!matchesMap(service.spec?.selector, pod.metadata.labels)) continue;
        keys.add(objectKey(service));
        members.get(objectKey(service))?.add(objectKey(pod));
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
      {
        cache: caches.nodes,
        // Nobody asks for zones in most clusters, and heartbeats change none.
        on: (node, previous, deleted) =>
          hints.size > 0 && (deleted || previous === undefined || roomOf(node) !== roomOf(previous))
            ? [...hints.keys()]
            : undefined,
      },
      {
        cache: caches.services,
        on: (service, previous, deleted) => {
          if (deleted) {
            triggers.forget(objectKey(service));
            hints.delete(objectKey(service));
          }
          if (deleted || !sameValue(service.spec?.selector, previous?.spec?.selector))
            members.delete(objectKey(service));
          return objectKey(service);
        },
      },
      {
        // What somebody takes away comes back, what somebody changes is changed back.
        cache: caches.endpointSlices,
        on: ({ metadata }, _previous, deleted) => {
          const { labels = {}, uid = '', generation = 0, namespace = '' } = metadata;
          const known = written.get(uid) ?? Number.POSITIVE_INFINITY;
          if (deleted) written.delete(uid);
          const ours = labels[MANAGED_BY] === SLICE_CONTROLLER && labels[SERVICE_NAME] !== undefined;
          return ours && (deleted || generation > known) ? `${namespace}/${labels[SERVICE_NAME]}` : undefined;
        },
      },
      {
        cache: caches.endpoints,
        on: (endpoints, _previous, deleted) => (deleted ? objectKey(endpoints) : undefined),
      },
      {
        cache: caches.pods,
        on: (pod, previous, deleted) =>
          !deleted && previous !== undefined && sameForServices(pod, previous) ? undefined : servicesOf(pod, previous),
      },
    ],
  });
}

/** What a node counts for in its zone. */
function roomOf({ metadata, status }: KubeObject): string {
  const ready = findCondition(status?.conditions, 'Ready')?.status === 'True';
  return [ready, metadata.labels?.[ZONE], status?.allocatable?.cpu].join();
}

function annotated(object: KubeObject, trigger: string | undefined): KubeObject {
  const { annotations: old, ...metadata } = object.metadata;
  const annotations = withTrigger(old, trigger);
  return { ...object, metadata: annotations === undefined ? metadata : { ...metadata, annotations } };
}

function sameForServices(pod: KubeObject, previous: KubeObject): boolean {
  return (
    pod.status?.podIP === previous.status?.podIP &&
    isReady(pod) === isReady(previous) &&
    isDeleting(pod) === isDeleting(previous) &&
    isFinished(pod) === isFinished(previous) &&
    sameValue(pod.metadata.labels ?? {}, previous.metadata.labels ?? {})
  );
}
