/**
 * Structural schemas at work: pruning of unknown fields and defaults. Source: "Specifying a structural schema",
 * "Field pruning", "Defaulting" in the documentation of custom resource definitions.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';

export type CustomSchema = {
  type?: string;
  format?: string;
  properties?: Record<string, CustomSchema>;
  additionalProperties?: CustomSchema | boolean;
  items?: CustomSchema;
  default?: Json;
  nullable?: boolean;
  required?: string[];
  enum?: Json[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  minProperties?: number;
  maxProperties?: number;
  allOf?: CustomSchema[];
  anyOf?: CustomSchema[];
  oneOf?: CustomSchema[];
  not?: CustomSchema;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-embedded-resource'?: boolean;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-map-type'?: string;
  'x-kubernetes-validations'?: ValidationRule[];
};

/** Source: API reference of apiextensions.k8s.io/v1, ValidationRule. */
export interface ValidationRule {
  rule: string;
  message?: string;
  messageExpression?: string;
  reason?: string;
  fieldPath?: string;
  optionalOldSelf?: boolean;
}

const TYPE_META = new Set(['apiVersion', 'kind', 'metadata']);

/** Removes what the schema does not know, in place; returns the paths removed, in alphabetical order. */
export function prune(object: KubeObject, schema: CustomSchema): string[] {
  const removed: string[] = [];
  pruneValue(object, schema, '', true, removed, true);
  return removed.sort();
}

/** What `prune` would remove. */
export function unknownPaths(object: unknown, schema: CustomSchema): string[] {
  const removed: string[] = [];
  pruneValue(object, schema, '', true, removed, false);
  return removed.sort();
}

function pruneValue(
  value: unknown,
  schema: CustomSchema,
  path: string,
  resource: boolean,
  removed: string[],
  apply: boolean,
): void {
  if (value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return;
    value.forEach((item, index) => {
      pruneValue(item, items, `${path}[${index}]`, items['x-kubernetes-embedded-resource'] === true, removed, apply);
    });
    return;
  }
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const record = value as Record<string, unknown>;
  for (const key of Object.keys(record)) {
    if (resource && TYPE_META.has(key)) continue;
    const at = path === '' ? key : `${path}.${key}`;
    const known = Object.hasOwn(schema.properties ?? {}, key) ? schema.properties?.[key] : undefined;
    const inner = known ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
    if (inner !== undefined)
      pruneValue(record[key], inner, at, inner['x-kubernetes-embedded-resource'] === true, removed, apply);
    else if (!open && schema.additionalProperties !== true) {
      removed.push(at);
      if (apply) delete record[key];
    }
  }
}

/** Fills defaults, in place. A null where null is not allowed counts as absent. */
export function applyDefaults(value: unknown, schema: CustomSchema): void {
  if (value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items !== undefined) for (const item of value) applyDefaults(item, items);
    return;
  }
  const record = value as Record<string, unknown>;
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined) continue;
    if (record[key] === undefined || (record[key] === null && property.nullable !== true))
      record[key] = structuredClone(property.default);
  }
  for (const [key, inner] of Object.entries(record)) {
    const known = Object.hasOwn(schema.properties ?? {}, key) ? schema.properties?.[key] : undefined;
    const next = known ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
    if (next === undefined) continue;
    if (inner === null && next.nullable !== true) delete record[key];
    else applyDefaults(inner, next);
  }
}
