/** Server-side apply (KEP-555): conflicts are an answer with the managers' names, not an exception. */
import type { ApplyConflict, ApplyOutcome } from '#shared/contract/resources.ts';
import type { KubeObject, ResourceInfo } from '#shared/kubernetes/types.ts';
import { type ApiError, isConflict, type KubeClient } from '../kube/index.ts';
import { hasMasked, presentable, unmasked } from './secrets.ts';

export async function applyObject(
  client: KubeClient,
  info: ResourceInfo,
  object: KubeObject,
  options: { dryRun: boolean; force: boolean; fieldManager: string },
): Promise<ApplyOutcome> {
  const name = object.metadata.name ?? '';
  const where = info.namespaced ? { namespace: object.metadata.namespace ?? 'default' } : {};
  const whole = hasMasked(object) ? unmasked(object, await client.find(info, name, where)) : object;
  // An applied object may not name managed fields, and its status belongs to controllers.
  const { managedFields: _managed, ...metadata } = whole.metadata;
  const { status: _status, ...rest } = whole;
  const warnings: string[] = [];
  try {
    const result = await client.patch(
      info,
      name,
      'apply',
      { ...rest, metadata },
      { ...where, ...options, onWarning: (text) => warnings.push(text) },
    );
    return { object: presentable(result), warnings, conflicts: [] };
  } catch (error) {
    const conflicts = conflictsOf(error);
    if (conflicts.length === 0) throw error;
    return { object: null, warnings, conflicts };
  }
}

/** `conflict with "kubectl-client-side-apply" using apps/v1`, one cause per field. */
export function conflictsOf(error: unknown): ApplyConflict[] {
  if (!isConflict(error)) return [];
  const causes = (error as ApiError).body?.details?.causes ?? [];
  return causes
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ message = '', field = '' }) => ({
      manager: /conflict with "((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? message,
      field: field.replace(/^\./, ''),
    }));
}
