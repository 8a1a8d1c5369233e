/**
 * Claims to devices: made from the templates that pods name, given up when their pod has ended. Nothing allocates them here,
 * as no driver runs in these clusters. Source: kube-controller-manager's resource-claim-controller, KEP-4381.
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { minorOf } from '../profiles/node-object.ts';
import { runController } from '../sim/controller.ts';
import { podsInNamespace } from '../sim/indexes.ts';
import { controllerOf, isDeleting, nameOf, namespaceOf, splitKey, uidOf } from '../sim/objects.ts';
import { isFinished } from '../sim/pods.ts';
import { PODS, RESOURCE_CLAIMS } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';

/** Dynamic resource allocation is on by default from this version on. */
export const CLAIMS_SINCE_MINOR = 34;
const POD_CLAIM = 'resource.kubernetes.io/pod-claim-name';
/** Of those who allocate. */
const ALLOCATED = 'resource.kubernetes.io/delete-protection';
const MANAGER = 'ResourceClaimController';
const LONGEST_NAME = 57;
const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 1_000_000;

/** The name that a pod's claim has; undefined: it is not made yet; null: there is none to be made. */
export function claimName(pod: KubeObject, { name, resourceClaimName }: Json): string | null | undefined {
  if (resourceClaimName !== undefined) return resourceClaimName;
  const made = ((pod.status?.resourceClaimStatuses ?? []) as Json[]).find((one) => one.name === name);
  return made === undefined ? undefined : (made.resourceClaimName ?? null);
}

/** What the name of a made claim begins with: so much of both names that it stays a name. */
export function claimPrefix(pod: string, claim: string): string {
  const whole = `${pod}-${claim}-`;
  if (whole.length <= LONGEST_NAME) return whole;
  const part = (name: string, of: string) => name.slice(0, Math.floor((name.length * LONGEST_NAME) / of.length));
  return `${part(pod, whole)}-${part(claim, whole)}`;
}

export function runResourceClaims(world: World): Controller {
  if (minorOf(world.profile.version) < CLAIMS_SINCE_MINOR)
    return { name: 'resource-claims', stop: async () => undefined };
  const { caches } = world;
  const client = world.clients.manager;
  /** Tries in a row that failed, by pod. */
  const failures = new Map<string, number>();

  async function keepPod(key: string): Promise<number | undefined> {
    const pod = caches.pods.get(key);
    if (pod === undefined || isDeleting(pod)) {
      failures.delete(key);
      return undefined;
    }
    const made = new Map<string, string>();
    for (const wanted of pod.spec?.resourceClaims ?? []) {
      if (wanted.resourceClaimTemplateName === undefined || claimName(pod, wanted) === null) continue;
      const known = claimName(pod, wanted);
      const there = known === undefined ? undefined : caches.resourceClaims.get(`${namespaceOf(pod)}/${known}`);
      if (there !== undefined && controllerOf(there)?.uid === uidOf(pod)) continue;
      try {
        const claim = ownClaim(pod, wanted.name) ?? (await makeClaim(pod, wanted));
        made.set(wanted.name, nameOf(claim));
      } catch (error) {
        return refused(pod, wanted.name, error);
      }
    }
    failures.delete(key);
    if (made.size > 0) await tellPod(pod, made);
    return undefined;
  }

  /** One that was made before the pod could be told of it. */
  function ownClaim(pod: KubeObject, name: string): KubeObject | undefined {
    return caches.resourceClaims
      .byIndex('owner', uidOf(pod))
      .find((claim) => claim.metadata.annotations?.[POD_CLAIM] === name);
  }

  async function makeClaim(pod: KubeObject, { name, resourceClaimTemplateName }: Json): Promise<KubeObject> {
    const namespace = namespaceOf(pod);
    const template = caches.resourceClaimTemplates.get(`${namespace}/${resourceClaimTemplateName}`);
    if (template === undefined) {
      const missing = `resourceclaimtemplate.resource.k8s.io "${resourceClaimTemplateName}" not found`;
      throw new Error(`resource claim template "${resourceClaimTemplateName}": ${missing}`);
    }
    const { metadata, spec } = template.spec ?? {};
    const owner = { apiVersion: 'v1', kind: 'Pod', name: nameOf(pod), uid: uidOf(pod), controller: true };
    const claim: KubeObject = {
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceClaim',
      metadata: {
        generateName: claimPrefix(nameOf(pod), name),
        namespace,
        ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
        annotations: { ...metadata?.annotations, [POD_CLAIM]: name },
        ownerReferences: [owner],
      },
      spec,
    };
    const created = await client.create(RESOURCE_CLAIMS, claim, { namespace });
    caches.resourceClaims.wrote(created);
    return created;
  }

  function refused(pod: KubeObject, name: string, error: unknown): number {
    const message = `PodResourceClaim ${name}: ${error instanceof Error ? error.message : String(error)}`;
    const what = { component: 'resource_claim', reason: 'FailedResourceClaimCreation', message };
    world.events.record(pod, { type: 'Warning', ...what });
    const tries = failures.get(objectKey(pod)) ?? 0;
    failures.set(objectKey(pod), tries + 1);
    return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** tries);
  }

  async function tellPod(pod: KubeObject, made: ReadonlyMap<string, string>): Promise<void> {
    const names = new Map<string, string>();
    for (const wanted of pod.spec?.resourceClaims ?? []) {
      const name = made.get(wanted.name) ?? (wanted.resourceClaimName === undefined ? claimName(pod, wanted) : null);
      if (name) names.set(wanted.name, name);
    }
    const resourceClaimStatuses = [...names].map(([name, resourceClaimName]) => ({ name, resourceClaimName }));
    const namespace = namespaceOf(pod);
    const config = { apiVersion: 'v1', kind: 'Pod', metadata: { name: nameOf(pod), namespace } };
    const options = { namespace, subresource: 'status', fieldManager: MANAGER, force: true };
    const change = { ...config, status: { resourceClaimStatuses } };
    caches.pods.wrote(await client.patch(PODS, nameOf(pod), 'apply', change, options));
  }

  /** Takes pods that have gone out of the list of those it is for; one made for a pod that has ended goes. */
  async function keepClaim(key: string): Promise<undefined> {
    const claim = caches.resourceClaims.get(key);
    if (claim === undefined) return;
    const reserved: Json[] = claim.status?.reservedFor ?? [];
    const left = reserved.filter((one) => {
      if ((one.apiGroup ?? '') !== '' || one.resource !== 'pods') return true;
      const pod = caches.pods.get(`${namespaceOf(claim)}/${one.name}`);
      return pod !== undefined && uidOf(pod) === one.uid && !isDone(pod);
    });
    if (left.length < reserved.length) return await release(claim, left);
    if (left.length > 0) return;
    if (isDeleting(claim) && protectedBy(claim)) return await release(claim, left);
    const owner = controllerOf(claim);
    const pod = owner?.kind === 'Pod' ? caches.pods.get(`${namespaceOf(claim)}/${owner.name}`) : undefined;
    // What belongs to a pod that is gone is collected like anything else.
    if (pod === undefined || isDeleting(claim) || (uidOf(pod) === owner?.uid && !isDone(pod))) return;
    await client.delete(RESOURCE_CLAIMS, nameOf(claim), {
      namespace: namespaceOf(claim),
      preconditions: { uid: uidOf(claim) },
    });
  }

  /** Nobody has the devices any more, so that others may. */
  async function release(claim: KubeObject, left: Json[]): Promise<undefined> {
    const { reservedFor: _reserved, allocation, ...rest } = claim.status ?? {};
    const kept = left.length === 0 && protectedBy(claim) ? {} : { allocation };
    const status = { ...rest, ...kept, ...(left.length > 0 ? { reservedFor: left } : {}) };
    const updated = await updateStatus(client, RESOURCE_CLAIMS, caches.resourceClaims, claim, status);
    if (!protectedBy(updated) || updated.status?.allocation !== undefined) return;
    const finalizers = (updated.metadata.finalizers ?? []).filter((one) => one !== ALLOCATED);
    const free = { ...updated, metadata: { ...updated.metadata, finalizers } };
    caches.resourceClaims.wrote(await client.update(RESOURCE_CLAIMS, free, { namespace: namespaceOf(claim) }));
  }

  async function reconcile(key: string): Promise<number | undefined> {
    const [what, object = ''] = key.split(' ');
    try {
      return await (what === 'pod' ? keepPod(object) : keepClaim(object));
    } catch (error) {
      // It went meanwhile.
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  return runController(world, {
    name: 'resource-claims',
    reconcile,
    watch: [
      {
        cache: caches.pods,
        on: (pod, _previous, deleted) => {
          const wanted: Json[] = pod.spec?.resourceClaims ?? [];
          if (wanted.length === 0) return undefined;
          const names = deleted || isDone(pod) ? wanted.map((one) => claimName(pod, one)) : [];
          const claims = names.flatMap((name) => (name ? [`claim ${namespaceOf(pod)}/${name}`] : []));
          return [`pod ${objectKey(pod)}`, ...claims];
        },
      },
      {
        cache: caches.resourceClaims,
        on: (claim, _previous, deleted) => {
          const owner = controllerOf(claim);
          const pods = owner?.kind === 'Pod' ? [`pod ${namespaceOf(claim)}/${owner.name}`] : [];
          return deleted ? pods : [`claim ${objectKey(claim)}`, ...pods];
        },
      },
      {
        cache: caches.resourceClaimTemplates,
        on: (template, _previous, deleted) => {
          const { namespace, name } = splitKey(objectKey(template));
          const asks = ({ spec }: KubeObject) =>
            ((spec?.resourceClaims ?? []) as Json[]).some((one) => one.resourceClaimTemplateName === name);
          return deleted
            ? undefined
            : podsInNamespace(caches, namespace)
                .filter(asks)
                .map((pod) => `pod ${objectKey(pod)}`);
        },
      },
    ],
  });
}

function protectedBy({ metadata }: KubeObject): boolean {
  return metadata.finalizers?.includes(ALLOCATED) === true;
}

/** It will not run, or not any more. */
function isDone(pod: KubeObject): boolean {
  return isFinished(pod) || (isDeleting(pod) && !pod.spec?.nodeName);
}
