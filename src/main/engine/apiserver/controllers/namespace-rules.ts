/** What the life cycle of namespaces forbids at creation. Source: admission plugin NamespaceLifecycle. */
import type { ObjectMeta } from '#shared/kubernetes/types.ts';
import type { ApiError } from '../../kube/index.ts';
import type { Core } from '../core.ts';
import { namespaceTerminating, notFound } from '../status.ts';
import type { KindDefinition } from '../types.ts';

const NAMESPACE = { group: '', resource: 'namespaces', kind: 'Namespace' };

/** Null when an object of `kind` may be created in the namespace. What has no name yet goes by what it is called after. */
export function namespaceRefusal(
  core: Core,
  kind: KindDefinition,
  namespace: string,
  { name, generateName }: ObjectMeta,
): ApiError | null {
  if (!kind.namespaced) return null;
  const stored = core.store.collection('/namespaces').latest(namespace);
  if (stored === undefined) return notFound(NAMESPACE, namespace);
  const { metadata, status } = stored.object;
  if (metadata.deletionTimestamp === undefined && status?.phase !== 'Terminating') return null;
  return namespaceTerminating(kind, name || generateName || 'Unknown', namespace);
}
