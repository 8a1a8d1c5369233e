/** Puts a case into a cluster and takes it out again. Safe to repeat: what is there stays, what is gone is gone. */
import { setTimeout as wait } from 'node:timers/promises';
import { isAlreadyExists, isNotFound, type KubeClient } from '#engine/kube/index.ts';
import type { Json, KubeObject, ResourceInfo, ResourceRef } from '#shared/kubernetes/types.ts';
import { splitApiVersion } from '#shared/kubernetes/types.ts';
import { nameOf } from '../../sim/objects.ts';
import { isReady } from '../../sim/pods.ts';
import { CONFIG_MAPS, CSI_NODES, EVENTS, NAMESPACES, NODES, PODS } from '../../sim/refs.ts';
import type { Stage } from '../types.ts';
import { type Case, type CaseObject, type CasePlace, namespaceOfCase } from './index.ts';
import { CASE_LABEL } from './label.ts';

const READY_MS = 60_000;
const LOOK_MS = 50;

export async function startCase(
  { client, as }: Pick<Stage, 'client' | 'as'>,
  one: Case,
  { node, driver }: { node: string; driver: string },
): Promise<void> {
  const namespace = namespaceOfCase(one.id);
  const place: CasePlace = {
    namespace,
    node,
    driver,
    caseNode: namespace,
  };
  const objects = one.objects(place);
  // Begun before, it is only made whole: what it waited for may be over.
  const fresh = (await client.find(NAMESPACES, namespace)) === null;
  const kinds = await client.resources();
  if (!objects.some(({ object }) => object.kind === 'Namespace'))
    await put(
      client,
      kinds,
      { object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } } },
      one.id,
    );
  if (one.takesNodes === true) await takeNodes(client, namespace);
  for (const object of objects) {
    if (fresh && object.after !== undefined) await untilReady(client, namespace, object.after);
    await put(object.as === undefined ? client : as(object.as), kinds, object, one.id);
  }
  if (one.change === undefined) return;
  if (fresh && one.change.after !== undefined) await untilReady(client, namespace, one.change.after);
  await change(client, one.change, one.change.to);
}

/** @throws Error when it does not become ready within a minute. */
async function untilReady(client: KubeClient, namespace: string, name: string): Promise<void> {
  for (let tries = 0; tries < READY_MS / LOOK_MS; tries++) {
    const pod = await client.find(PODS, name, { namespace });
    if (pod !== null && isReady(pod)) return;
    await wait(LOOK_MS);
  }
  throw new Error(`pod ${namespace}/${name} does not become ready`);
}

async function put(client: KubeClient, kinds: readonly ResourceInfo[], staged: CaseObject, id: string): Promise<void> {
  const { group, version } = splitApiVersion(staged.object.apiVersion);
  const info = kinds.find((one) => one.group === group && one.version === version && one.kind === staged.object.kind);
  if (info === undefined) throw new RangeError(`${staged.object.kind} is not served`);
  const { metadata } = staged.object;
  const where = metadata.namespace === undefined ? {} : { namespace: metadata.namespace };
  const labels = { ...metadata.labels, [CASE_LABEL]: id };
  let made: KubeObject;
  try {
    made = await client.create(info, { ...staged.object, metadata: { ...metadata, labels } }, where);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    // A case may put into it what has to be there before it is to go.
    if (staged.deleted === true) await remove(client, info, nameOf(staged.object), metadata.namespace);
    return;
  }
  if (staged.deleted === true) await client.delete(info, nameOf(made), { ...where, gracePeriodSeconds: 0 });
  if (staged.forgets !== undefined) await forget(client, made, staged.forgets);
}

/** @throws Error when nothing of the kind is told within a minute. */
async function forget(client: KubeClient, about: KubeObject, reason: string): Promise<void> {
  const { namespace = '' } = about.metadata;
  const fieldSelector = `involvedObject.uid=${about.metadata.uid}`;
  for (let tries = 0; tries < READY_MS / LOOK_MS; tries++) {
    const { items } = await client.list(EVENTS, { namespace, fieldSelector });
    if (items.some((event) => event.reason === reason)) {
      for (const event of items) await remove(client, EVENTS, nameOf(event), namespace);
      return;
    }
    await wait(LOOK_MS);
  }
  throw new Error(`no event ${reason} of ${namespace}/${nameOf(about)}`);
}

export async function stopCase(client: KubeClient, one: Case): Promise<void> {
  if (one.change !== undefined) await change(client, one.change, one.change.back).catch(unlessGone);
  const namespace = namespaceOfCase(one.id);
  if (one.takesNodes === true) await returnNodes(client, namespace);
  const labelSelector = `${CASE_LABEL}=${one.id}`;
  // What a finalizer keeps would keep the namespace as well.
  // A pod that takes its time to end does not keep the case.
  for (const kind of [PODS, CONFIG_MAPS])
    for (const { metadata } of (await client.list(kind, { labelSelector })).items)
      if (metadata.finalizers !== undefined)
        await client.patch(
          kind,
          metadata.name ?? '',
          'merge',
          { metadata: { finalizers: null } },
          { namespace: metadata.namespace ?? '' },
        );
  for (const kind of CLUSTER_SCOPED)
    for (const object of (await client.list(kind, { labelSelector })).items) await remove(client, kind, nameOf(object));
  for (const pod of (await client.list(PODS, { labelSelector })).items)
    if (pod.metadata.namespace !== namespace || pod.metadata.deletionTimestamp !== undefined)
      await remove(client, PODS, nameOf(pod), pod.metadata.namespace);
  for (const { metadata } of (await client.list(NAMESPACES, { labelSelector })).items)
    await remove(client, NAMESPACES, metadata.name ?? '');
  await remove(client, NAMESPACES, namespace);
}

/** Where nodes that were taken are written down, as many in one as fit. */
const TAKEN = 'taken-nodes';
const TAKEN_AT_ONCE = 200;

async function takeNodes(client: KubeClient, namespace: string): Promise<void> {
  const { items } = await client.list(NODES);
  const kept = (await client.list(CONFIG_MAPS, { namespace })).items.filter(isTaken).length;
  for (let from = 0; from < items.length; from += TAKEN_AT_ONCE) {
    const some = items.slice(from, from + TAKEN_AT_ONCE);
    const data = Object.fromEntries(some.map((node) => [nameOf(node), JSON.stringify(rejoining(node))]));
    const name = `${TAKEN}-${kept + from / TAKEN_AT_ONCE}`;
    await client.create(
      CONFIG_MAPS,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data },
      { namespace },
    );
    for (const node of some) await remove(client, NODES, nameOf(node));
  }
}

/** What its kubelet would register it with again. */
function rejoining({ apiVersion, kind, metadata: { name, labels, annotations }, spec }: KubeObject): KubeObject {
  const { taints, podCIDR, podCIDRs, providerID, unschedulable }: Json = spec ?? {};
  return {
    apiVersion,
    kind,
    metadata: { ...(name === undefined ? {} : { name }), labels: labels ?? {}, annotations: annotations ?? {} },
    spec: { taints, podCIDR, podCIDRs, providerID, unschedulable },
  };
}

async function returnNodes(client: KubeClient, namespace: string): Promise<void> {
  for (const { data } of (await client.list(CONFIG_MAPS, { namespace })).items.filter(isTaken))
    for (const node of Object.values((data ?? {}) as Record<string, string>))
      try {
        await client.create(NODES, JSON.parse(node));
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
}

function isTaken({ metadata }: KubeObject): boolean {
  return metadata.name?.startsWith(`${TAKEN}-`) === true;
}

const CLUSTER_SCOPED: readonly ResourceRef[] = [
  { group: 'apiregistration.k8s.io', version: 'v1', resource: 'apiservices' },
  NODES,
  { group: '', version: 'v1', resource: 'persistentvolumes' },
  { group: 'networking.k8s.io', version: 'v1', resource: 'ingressclasses' },
  { group: 'scheduling.k8s.io', version: 'v1', resource: 'priorityclasses' },
  { group: 'certificates.k8s.io', version: 'v1', resource: 'certificatesigningrequests' },
  CSI_NODES,
  { group: 'admissionregistration.k8s.io', version: 'v1', resource: 'validatingwebhookconfigurations' },
];

async function change(client: KubeClient, where: NonNullable<Case['change']>, patch: Json): Promise<void> {
  await client.patch(where, where.name, 'merge', patch, where.namespace === '' ? {} : { namespace: where.namespace });
}

function unlessGone(error: unknown): void {
  if (!isNotFound(error)) throw error;
}

async function remove(client: KubeClient, ref: ResourceRef, name: string, namespace?: string): Promise<void> {
  try {
    await client.delete(ref, name, { gracePeriodSeconds: 0, ...(namespace === undefined ? {} : { namespace }) });
  } catch (error) {
    unlessGone(error);
  }
}
