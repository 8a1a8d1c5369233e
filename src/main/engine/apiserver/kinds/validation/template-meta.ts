/** Metadata of templates of claims, which have labels and annotations alone. Source: texts of the server's validation. */
import type { Json } from '#shared/kubernetes/types.ts';
import { asSent } from '../../openapi/sent-empty.ts';
import type { FieldError } from '../../types.ts';
import { forbiddenField } from './field.ts';
import { validateAnnotations, validateLabels } from './meta.ts';

const FIELDS = new Set(['annotations', 'labels']);
/** Sent without items they are not nothing. */
const LISTS = ['ownerReferences', 'finalizers', 'managedFields'];

export function validateTemplateMeta(metadata: Json, at: string): FieldError[] {
  const empty = LISTS.filter((field) => !(field in metadata) && asSent(metadata, field) !== null);
  return [
    ...validateAnnotations(metadata.annotations, `${at}.annotations`),
    ...validateLabels(metadata.labels, `${at}.labels`),
    ...[...Object.keys(metadata), ...empty]
      .filter((field) => !FIELDS.has(field))
      .map((field) => forbiddenField(`${at}.${field === 'uid' ? 'uID' : field}`, 'cannot be set')),
  ];
}
