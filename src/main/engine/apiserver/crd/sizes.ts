/**
 * How large values of a schema can be in a request, and how small they are at least: what estimates of costs go by.
 * Source: "Resource use by validation functions" in the documentation; the API server's type declarations.
 */
import type { CustomSchema } from './structural.ts';

/** A request is no larger than this. */
export const MAX_REQUEST_BYTES = 3 * 1024 * 1024;
const MAX_DATE = 12;
const MAX_TIME = 32;

/** Bytes of the shortest value, written as JSON. */
export function shortest(schema: CustomSchema): number {
  if (schema['x-kubernetes-int-or-string'] === true) return 1;
  switch (schema.type) {
    case 'object': {
      if (typeof schema.additionalProperties === 'object') return 2;
      let size = 2;
      for (const [name, property] of Object.entries(schema.properties ?? {}))
        if (schema.required?.includes(name) === true && property.default === undefined)
          size += name.length + shortest(property) + 4;
      return size;
    }
    case 'boolean':
      return 4;
    case 'integer':
    case 'number':
      return 1;
    case 'string':
      return { duration: 3, date: MAX_DATE, 'date-time': 21 }[schema.format ?? ''] ?? 2;
    default:
      return 2;
  }
}

/** Characters, items or entries of the longest value. */
export function longest(schema: CustomSchema): number {
  const given = (limit: number | undefined) => (limit === undefined ? undefined : Math.max(0, limit));
  if (schema['x-kubernetes-int-or-string'] === true) return (given(schema.maxLength) ?? 0) * 4 || MAX_REQUEST_BYTES - 2;
  switch (schema.type) {
    case 'array':
      return given(schema.maxItems) ?? Math.floor((MAX_REQUEST_BYTES - 2) / (shortest(schema.items ?? {}) + 1));
    case 'object': {
      const values = schema.additionalProperties;
      if (typeof values !== 'object') return 0;
      return given(schema.maxProperties) ?? Math.floor((MAX_REQUEST_BYTES - 2) / (shortest(values) + 6));
    }
    case 'string':
      return longestText(schema, given(schema.maxLength));
    default:
      return 0;
  }
}

function longestText({ format, enum: values }: CustomSchema, limit: number | undefined): number {
  if (format === 'duration' || format === 'date-time') return MAX_TIME;
  if (format === 'date') return MAX_DATE;
  if (limit !== undefined) return format === 'byte' ? limit : limit * 4;
  if (values !== undefined && values.length > 0)
    return Math.max(...values.map((value) => (typeof value === 'string' ? value.length : 0)));
  return MAX_REQUEST_BYTES - 2;
}
