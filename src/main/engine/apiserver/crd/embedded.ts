/**
 * Resources inside custom resources (x-kubernetes-embedded-resource): what every resource has is read and judged in them
 * as it is in the object itself. Source: apiextensions-apiserver, pkg/apiserver/schema/objectmeta.
 */
import type { Json, KubeObject, ObjectMeta } from '#shared/kubernetes/types.ts';
import { ApiError } from '../../kube/index.ts';
import { goTypeOf, isRecord, sortedJson } from '../json.ts';
import { invalidAll, invalidValue, required } from '../kinds/validation/field.ts';
import { label1035Name, pathSegmentName, validateMeta } from '../kinds/validation/meta.ts';
import { message } from '../openapi/fields.ts';
import { canonicalValue } from '../openapi/typed.ts';
import { badRequest } from '../status.ts';
import type { FieldError } from '../types.ts';
import type { CustomSchema } from './structural.ts';

const embedding = new WeakMap<CustomSchema, boolean>();

/** Whether there can be one at all, which few definitions have. */
function hasEmbedded(schema: CustomSchema): boolean {
  let known = embedding.get(schema);
  if (known === undefined) {
    const { items, properties, additionalProperties: values } = schema;
    const inner = [items, ...Object.values(properties ?? {}), typeof values === 'object' ? values : undefined];
    known =
      schema['x-kubernetes-embedded-resource'] === true ||
      inner.some((each) => each !== undefined && hasEmbedded(each));
    embedding.set(schema, known);
  }
  return known;
}

type Visit = (resource: Record<string, unknown>, path: string) => void;

/** Visits every embedded resource of a value. `keyed`: how a key that the schema does not name stands in a path. */
function visitEmbedded(value: unknown, schema: CustomSchema, visit: Visit, keyed: (key: string) => string): void {
  if (!hasEmbedded(schema)) return;
  const look = (at: unknown, inner: CustomSchema, path: string): void => {
    if (Array.isArray(at)) {
      const { items } = inner;
      if (items !== undefined)
        at.forEach((item, index) => {
          look(item, items, `${path}[${index}]`);
        });
      return;
    }
    if (!isRecord(at)) return;
    if (inner['x-kubernetes-embedded-resource'] === true) visit(at, path);
    for (const [key, next] of Object.entries(at)) {
      const property = Object.hasOwn(inner.properties ?? {}, key) ? inner.properties?.[key] : undefined;
      const values = typeof inner.additionalProperties === 'object' ? inner.additionalProperties : undefined;
      const place = property === undefined ? keyed(key) : `.${key}`;
      const schemaOfKey = property ?? values;
      if (schemaOfKey !== undefined) look(next, schemaOfKey, path === '' ? place.replace(/^\./, '') : path + place);
    }
  };
  look(value, schema, '');
}

const dotted = (key: string): string => `.${key}`;
const bracketed = (key: string): string => `[${key}]`;

/** Fields of the metadata of embedded resources that are none, in alphabetical order. */
export function unknownEmbedded(value: unknown, schema: CustomSchema): string[] {
  const found: string[] = [];
  const known = message('meta.ObjectMeta')?.byName;
  const visit: Visit = ({ metadata }, path) => {
    if (!isRecord(metadata)) return;
    for (const key of Object.keys(metadata)) if (known?.has(key) === false) found.push(`${path}.metadata.${key}`);
  };
  visitEmbedded(value, schema, visit, dotted);
  return found.sort();
}

/** Brings the metadata of embedded resources into the form in which they are stored, in place. Throws 400. */
export function readEmbedded(object: KubeObject, schema: CustomSchema): void {
  const unfit = (path: string, value: unknown, problem: string): ApiError => {
    const { kind, apiVersion = '' } = object;
    const text = `${path}: Invalid value: ${sortedJson(value)}: ${problem}`;
    return badRequest(`${kind} in version "${apiVersion.split('/').at(-1)}" cannot be handled as a ${kind}: ${text}`);
  };
  const visit: Visit = (resource, path) => {
    for (const field of ['apiVersion', 'kind'])
      if (field in resource && typeof resource[field] !== 'string')
        throw unfit(`${path}.${field}`, resource[field], 'must be a string');
    if (!('metadata' in resource)) return;
    const metadata = resource.metadata ?? {};
    if (!isRecord(metadata)) {
      const problem = `json: cannot unmarshal ${goTypeOf(metadata)} into Go value of type v1.ObjectMeta`;
      throw unfit(`${path}.metadata`, metadata, problem);
    }
    try {
      resource.metadata = canonicalValue('meta.ObjectMeta', metadata);
    } catch (error) {
      if (error instanceof ApiError) throw unfit(`${path}.metadata`, resource.metadata, error.message);
      throw error;
    }
  };
  visitEmbedded(object, schema, visit, bracketed);
}

/** What is wrong with the names and the metadata of embedded resources, which are in their stored form. */
export function embeddedProblems(object: KubeObject, schema: CustomSchema): FieldError[] {
  const errors: FieldError[] = [];
  const visit: Visit = (resource, path) => {
    for (const field of ['apiVersion', 'kind'] as const) errors.push(...nameProblems(field, resource[field], path));
    if (isRecord(resource.metadata)) errors.push(...metaProblems(resource.metadata, path));
  };
  visitEmbedded(object, schema, visit, bracketed);
  return errors;
}

function nameProblems(field: 'apiVersion' | 'kind', value: unknown, path: string): FieldError[] {
  const at = `${path}.${field}`;
  if (value === undefined) return [required(at)];
  if (typeof value !== 'string' || value === '') return [invalidValue(at, value, 'must not be empty')];
  if (field === 'apiVersion')
    return value.split('/').length > 2 ? [invalidValue(at, value, `unexpected GroupVersion string: ${value}`)] : [];
  const problems = label1035Name(value.toLowerCase());
  if (problems.length === 0) return [];
  return invalidAll(at, value, [`may have mixed case, but should otherwise match: ${problems.join(',')}`]);
}

function metaProblems(metadata: ObjectMeta, path: string): FieldError[] {
  // They need no name, and any will do.
  const named = { metadata: { ...metadata, name: metadata.name || 'unnamed' } } as Json as KubeObject;
  const errors = validateMeta(named, null, (metadata.namespace ?? '') !== '', pathSegmentName, 'change', true);
  return errors.map((error) => ({ ...error, field: `${path}.${error.field}` }));
}
