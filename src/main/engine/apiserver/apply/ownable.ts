/** What of an object a write is answerable for. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { KindDefinition } from '../types.ts';

/** The part of an object that a write to the resource or to one of its subresources is answerable for. */
export function ownable(
  kind: KindDefinition,
  object: KubeObject | Record<string, unknown>,
  subresource: string,
): Record<string, unknown> {
  if (kind.group === 'certificates.k8s.io' && (subresource === 'status' || subresource === 'approval'))
    return certificatePart(object, subresource);
  if (subresource === 'status')
    return kind.custom === undefined && kind.schema !== undefined
      ? { metadata: object.metadata, ...('status' in object ? { status: object.status } : {}) }
      : 'status' in object
        ? { status: object.status }
        : {};
  if (!kind.hasStatus) return object;
  const { status: _status, ...rest } = object;
  for (const part of kind.unowned ?? []) delete (rest as Record<string, unknown>)[part];
  return rest;
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
