/**
 * Removes from a cluster what this Fleetdeck put there, and nothing else: objects are found by the label that all of ours
 * carry, and told from those of another installation by the issues of the ledger. What issues share goes with the last of
 * them. A namespace of ours that holds something that is not ours stays, with the reason.
 */
import { isDeepStrictEqual } from 'node:util';
import type { CleanUp } from '#shared/contract/access.ts';
import { AppError, toErrorShape } from '#shared/errors.ts';
import { type KubeObject, objectKey, type ResourceRef } from '#shared/kubernetes/types.ts';
import { ApiError, isNotFound, type KubeClient } from '../kube/index.ts';
import {
  ACCOUNTS,
  BINDINGS,
  CLUSTER_BINDINGS,
  CLUSTER_ROLES,
  ISSUE_LABEL,
  NAMESPACES,
  OWN,
  SECRETS,
} from './manifests.ts';

/** In the order in which rights end: bindings first. */
const KINDS: [string, ResourceRef][] = [
  ['ClusterRoleBinding', CLUSTER_BINDINGS],
  ['RoleBinding', BINDINGS],
  ['Secret', SECRETS],
  ['ServiceAccount', ACCOUNTS],
];
/** Made by the cluster in every namespace; the last two by OpenShift. */
const CLUSTERS_OWN = new Set([
  'ConfigMap/kube-root-ca.crt',
  'ServiceAccount/default',
  'ServiceAccount/builder',
  'ServiceAccount/deployer',
]);
/** Credentials that the cluster makes for service accounts and takes away with them. */
const OF_ACCOUNTS = new Set(['kubernetes.io/service-account-token', 'kubernetes.io/dockercfg']);
const CONFIG_MAPS: ResourceRef = { group: '', version: 'v1', resource: 'configmaps' };
const PODS: ResourceRef = { group: '', version: 'v1', resource: 'pods' };

export async function cleanUp(client: KubeClient, issues: ReadonlySet<string>): Promise<CleanUp> {
  const result: CleanUp = { removed: [], left: [] };
  let others = false;
  for (const [kind, ref] of KINDS) {
    await attempt(kind, result, async () => {
      const { items } = await client.list(ref, { labelSelector: OWN });
      for (const item of items) {
        if (!issues.has(item.metadata.labels?.[ISSUE_LABEL] ?? '')) {
          others = true;
          continue;
        }
        const what = `${kind} ${objectKey(item)}`;
        await attempt(what, result, async () => {
          const { name = '', namespace, uid } = item.metadata;
          await client.delete(ref, name, {
            ...(namespace === undefined ? {} : { namespace }),
            ...(uid === undefined ? {} : { preconditions: { uid } }),
          });
          result.removed.push(what);
        });
      }
    });
  }
  if (others) return result;
  await attempt('ClusterRole', result, async () => {
    for (const { metadata } of (await client.list(CLUSTER_ROLES, { labelSelector: OWN })).items) {
      await attempt(`ClusterRole ${metadata.name}`, result, async () => {
        await client.delete(CLUSTER_ROLES, metadata.name ?? '');
        result.removed.push(`ClusterRole ${metadata.name}`);
      });
    }
  });
  await attempt('Namespace', result, async () => {
    const { items } = await client.list(NAMESPACES, { labelSelector: OWN });
    for (const { metadata } of items) {
      const name = metadata.name ?? '';
      await attempt(`Namespace ${name}`, result, async () => {
        const strangers = await strangersIn(client, name);
        if (strangers.length > 0) {
          const text = `namespace ${name} holds what is not Fleetdeck's: ${strangers.slice(0, 5).join(', ')}`;
          throw new AppError('REFUSED', text, { params: { name, others: strangers.join(', ').slice(0, 300) } });
        }
        await client.delete(NAMESPACES, name);
        result.removed.push(`Namespace ${name}`);
      });
    }
  });
  return result;
}

async function strangersIn(client: KubeClient, namespace: string): Promise<string[]> {
  const found: string[] = [];
  const kinds: [string, ResourceRef][] = [
    ['Pod', PODS],
    ['ConfigMap', CONFIG_MAPS],
    ['Secret', SECRETS],
    ['ServiceAccount', ACCOUNTS],
  ];
  for (const [kind, ref] of kinds) {
    const { items } = await client.list(ref, { namespace, limit: 50 });
    for (const item of items) {
      const { metadata, type } = item;
      const name = `${kind}/${metadata.name}`;
      const ours = metadata.labels?.['app.kubernetes.io/managed-by'] === 'fleetdeck';
      const clustersOwn = CLUSTERS_OWN.has(name) || OF_ACCOUNTS.has(String(type));
      if (ours || clustersOwn || metadata.deletionTimestamp !== undefined) continue;
      if (ref !== CONFIG_MAPS || !(await isEverywhere(client, item))) found.push(name);
    }
  }
  return found;
}

/** Bundles of authorities (of service meshes, of OpenShift) are written into every namespace: a copy is nobody's loss. */
async function isEverywhere(client: KubeClient, item: KubeObject): Promise<boolean> {
  try {
    const elsewhere = await client.get(CONFIG_MAPS, item.metadata.name ?? '', { namespace: 'default' });
    return isDeepStrictEqual([elsewhere.data, elsewhere.binaryData], [item.data, item.binaryData]);
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/** A person without the right to look has put nothing there: what may not be listed is not counted as left. */
async function attempt(what: string, result: CleanUp, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isNotFound(error)) return;
    const mayNotLook = error instanceof ApiError && error.status === 403 && !what.includes(' ');
    if (!mayNotLook) result.left.push({ what, error: toErrorShape(error) });
  }
}
