/** What of an object a write is answerable for. */
import type { KubeObject, ObjectMeta } from '#shared/kubernetes/types.ts';
import { statusMetadata } from '../status-metadata.ts';
import type { KindDefinition } from '../types.ts';

/** The part of an object that a write to the resource or to one of its subresources is answerable for. */
export function ownable(
  kind: KindDefinition,
  object: KubeObject | Record<string, unknown>,
  subresource: string,
): Record<string, unknown> {
  if (kind.group === 'certificates.k8s.io' && (subresource === 'status' || subresource === 'approval'))
    return certificatePart(object, subresource);
  if (subresource === 'status') {
    const own = 'status' in object ? { status: object.status } : {};
    const metadata = kind.schema === undefined ? {} : writtenMetadata(kind, object.metadata as ObjectMeta | undefined);
    return Object.keys(metadata).length === 0 ? own : { metadata, ...own };
  }
  if (!kind.hasStatus) return object;
  const { status: _status, ...rest } = object;
  for (const part of kind.unowned ?? []) delete (rest as Record<string, unknown>)[part];
  return rest;
}

/** What of the metadata a write to the status can change. */
function writtenMetadata(kind: KindDefinition, metadata: ObjectMeta | undefined): Partial<ObjectMeta> {
  const result: Partial<ObjectMeta> = {};
  for (const field of statusMetadata(kind)) {
    const value = metadata?.[field];
    if (value !== undefined) (result as Record<string, unknown>)[field] = value;
  }
  return result;
}

/** Who approves decides on the conditions, who signs on all the rest of the status. */
function certificatePart({ metadata, status }: KubeObject | Record<string, unknown>, subresource: string) {
  if (status === undefined || status === null) return { metadata };
  const { [subresource === 'approval' ? 'certificate' : 'conditions']: _others, ...own } = status as Record<
    string,
    unknown
  >;
  // What is only about the others' part is about nothing.
  const emptied = Object.keys(own).length === 0 && Object.keys(status).length > 0;
  return emptied ? { metadata } : { metadata, status: own };
}
