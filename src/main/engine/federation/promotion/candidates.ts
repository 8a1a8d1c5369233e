/** What members run that their federation could take over: asked of every member, put together by name. */
import type { Candidate, Candidates } from '#shared/contract/federation-promotion.ts';
import { toErrorShape } from '#shared/errors.ts';
import type { FederatedCategory } from '#shared/federated-categories.ts';
import { apiVersionOf, type KubeObject, type ResourceInfo } from '#shared/kubernetes/types.ts';
import { isNotFound, type KubeClient } from '../../kube/index.ts';
import { KEYS } from '../api.ts';
import { isReady } from '../controllers/execution.ts';
import { isReservedNamespace } from '../controllers/templates.ts';
import { categoryOf } from '../service/categories.ts';
import type { Running } from '../service/running.ts';

/** Kinds that belong to no workload of their own, or that the system keeps itself. */
const LEFT_OUT = new Set([
  'ReplicaSet',
  'Pod',
  'ControllerRevision',
  'Endpoints',
  'EndpointSlice',
  'Namespace',
  'Event',
]);
/** What every namespace is given by its cluster. */
const GIVEN: Readonly<Record<string, readonly string[]>> = {
  ConfigMap: ['kube-root-ca.crt'],
  ServiceAccount: ['default'],
  Service: ['kubernetes'],
};

export async function candidatesOf(running: Running, category: FederatedCategory): Promise<Candidates> {
  const { plane } = running;
  const found = new Map<string, Candidate>();
  const failed: Candidates['failed'] = [];
  await Promise.all(
    [...plane.cache.clusters.items.values()].map(async (cluster) => {
      const name = cluster.metadata.name ?? '';
      if (!isReady(cluster)) {
        failed.push({
          cluster: name,
          error: { code: 'CLUSTER_UNREACHABLE', message: 'the member is not ready', retryable: true, cluster: name },
        });
        return;
      }
      try {
        for (const object of await objectsOf(running.member(name), category)) add(found, object, name, running);
      } catch (error) {
        failed.push({ cluster: name, error: toErrorShape(error, name) });
      }
    }),
  );
  const candidates = [...found.values()].sort((a, b) => (keyOf(a.object) < keyOf(b.object) ? -1 : 1));
  for (const { clusters } of candidates) clusters.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { candidates, failed: failed.sort((a, b) => (a.cluster < b.cluster ? -1 : 1)) };
}

async function objectsOf(member: KubeClient, category: FederatedCategory): Promise<KubeObject[]> {
  const kinds = (await member.resources()).filter((info) => isOffered(info, category));
  const lists = await Promise.all(
    kinds.map(async (info) => {
      try {
        const { items } = await member.list(info);
        return items.map((item) => ({ ...item, apiVersion: apiVersionOf(info), kind: info.kind }));
      } catch (error) {
        // A kind that vanished between discovery and list.
        if (isNotFound(error)) return [];
        throw error;
      }
    }),
  );
  return lists.flat().filter(isPersonal);
}

function isOffered(info: ResourceInfo, category: FederatedCategory): boolean {
  if (info.resource.includes('/') || !info.namespaced || LEFT_OUT.has(info.kind)) return false;
  if (!['list', 'get', 'update'].every((verb) => info.verbs.includes(verb))) return false;
  if (/(^|\.)karmada\.io$/.test(info.group) || info.group === 'events.k8s.io') return false;
  return categoryOf(apiVersionOf(info), info.kind) === category;
}

/** Made by a person or their tools: no controller owns it, and it is no part of the cluster itself. */
function isPersonal({ kind, metadata, type }: KubeObject): boolean {
  if (metadata.ownerReferences?.some(({ controller }) => controller)) return false;
  if (metadata.deletionTimestamp || isReservedNamespace(metadata.namespace ?? '')) return false;
  if (GIVEN[kind]?.includes(metadata.name ?? '')) return false;
  return !(kind === 'Secret' && type === 'kubernetes.io/service-account-token');
}

function add(found: Map<string, Candidate>, object: KubeObject, cluster: string, { plane }: Running): void {
  const { apiVersion, kind, metadata } = object;
  const { namespace = '', name = '' } = metadata;
  const reference = { apiVersion, kind, namespace, name };
  let candidate = found.get(keyOf(reference));
  if (candidate === undefined) {
    const templateExists = plane.templates.get(apiVersion, kind, namespace, name) !== undefined;
    candidate = { object: reference, clusters: [], templateExists };
    found.set(keyOf(reference), candidate);
  }
  const demand = plane.interpreter.getReplicas(object);
  candidate.clusters.push({
    name: cluster,
    replicas: demand?.replicas ?? null,
    ready: demand === null ? null : (object.status?.readyReplicas ?? object.status?.ready ?? 0),
    images: imagesOf(object),
    owner: ownerOf(object, cluster, plane),
  });
}

/** Whose mark an object in a member carries. */
export function ownerOf(object: KubeObject, cluster: string, plane: Running['plane']): 'free' | 'here' | 'other' {
  const { labels = {}, annotations = {} } = object.metadata;
  if (labels[KEYS.managed] !== 'true') return 'free';
  const work = plane.cache.works.get(`${annotations[KEYS.workNamespace]}/${annotations[KEYS.workName]}`);
  const ours = work !== undefined && work.metadata.namespace === `karmada-es-${cluster}`;
  return ours && work.metadata.labels?.[KEYS.workId] === labels[KEYS.workId] ? 'here' : 'other';
}

function imagesOf({ spec }: KubeObject): string[] {
  const pod = spec?.template?.spec ?? spec?.jobTemplate?.spec?.template?.spec;
  const containers: unknown = pod?.containers;
  return Array.isArray(containers) ? containers.map((container) => String(container?.image ?? '')) : [];
}

function keyOf({ apiVersion, kind, namespace, name }: Candidate['object']): string {
  return `${namespace}/${name} ${kind} ${apiVersion}`;
}
