/** What refusals of admission call the object, which may not have its name yet. Source: apiserver, admission.NewForbidden. */
import type { AdmissionRequest } from '../types.ts';

export function subjectOf({
  name,
  object,
  objectKind,
}: Pick<AdmissionRequest, 'name' | 'object' | 'objectKind'>): string {
  if (name !== '') return name;
  // What a connection is asked for with has no metadata.
  if (object?.metadata === undefined && objectKind !== undefined) return 'Unknown/errorGettingName';
  return object?.metadata.name || object?.metadata.generateName || 'Unknown';
}
