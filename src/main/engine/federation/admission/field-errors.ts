/** Causes of a refusal, worded as the API words them (field.Error). */
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../apiserver/index.ts';

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
