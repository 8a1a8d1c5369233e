/** Causes of a refusal, worded as the API words them (field.Error). */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { type FieldError, labelName } from '../../apiserver/index.ts';
import type { ResourceSelector } from '../api.ts';

export function bad(field: string, value: Json, text: string): FieldError {
  return { type: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(value ?? null)}: ${text}` };
}
export function required(field: string, text: string): FieldError {
  return { type: 'FieldValueRequired', field, message: `Required value: ${text}` };
}
export function unsupported(field: string, value: Json, allowed: string[]): FieldError {
  const list = allowed.map((entry) => JSON.stringify(entry)).join(', ');
  return {
    type: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${JSON.stringify(value ?? null)}: supported values: ${list}`,
  };
}
export function duplicate(field: string, value: Json): FieldError {
  return { type: 'FieldValueDuplicate', field, message: `Duplicate value: ${JSON.stringify(value)}` };
}
/** @param complaints what is wrong with the value, each of which is an error */
export function eachBad(field: string, value: Json, complaints: readonly string[]): FieldError[] {
  return complaints.map((text) => bad(field, value, text));
}

/** A policy that has a namespace selects in it alone; defaults have filled it in where nothing was said. */
export function ownNamespaceOnly(
  { metadata: { namespace } }: KubeObject,
  selectors: readonly ResourceSelector[] | undefined,
): FieldError[] {
  if (!namespace) return [];
  return (selectors ?? []).flatMap((selector, index) =>
    selector.namespace === namespace
      ? []
      : [bad(`spec.resourceSelectors[${index}].namespace`, selector.namespace, "must be the policy's own namespace")],
  );
}

const MAX_CLUSTER_NAME = 48;

export function validateClusterName(name: string, field: string): FieldError[] {
  if (name.length <= MAX_CLUSTER_NAME && labelName(name).length === 0) return [];
  return [bad(field, name, `must be a DNS label of at most ${MAX_CLUSTER_NAME} characters`)];
}
