/** OpenAPI schemas of custom resources: what the definition says, with the metadata every object has. */
import type { Json } from '#shared/kubernetes/types.ts';
import type { KindDefinition } from '../types.ts';
import { type Dialect, REF_PREFIX, type Schema } from './definitions.ts';

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const LIST_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta';

/** `com.example.stable.v1.CronTab`: the group in reverse, as the field names such definitions. */
export function customSchemaName(kind: KindDefinition): string {
  return `${kind.group.split('.').reverse().join('.')}.${kind.version}.${kind.kind}`;
}

export function customSchemas(kind: KindDefinition, dialect: Dialect): Record<string, Schema> {
  const name = customSchemaName(kind);
  const ref = (target: string): Schema =>
    dialect === 'v2' ? { $ref: REF_PREFIX.v2 + target } : { allOf: [{ $ref: REF_PREFIX.v3 + target }] };
  const gvk = { group: kind.group, version: kind.version, kind: kind.kind };
  const given = kind.custom?.structuralSchema as Json;
  const schema: Schema = dialect === 'v2' ? simplify(given ?? {}) : { ...(given ?? {}) };
  const typeMeta = { apiVersion: { type: 'string' }, kind: { type: 'string' } };
  const object: Schema = {
    ...schema,
    type: 'object',
    properties: { ...typeMeta, ...((schema.properties as Schema) ?? {}), metadata: ref(OBJECT_META) },
    'x-kubernetes-group-version-kind': [gvk],
  };
  if (dialect === 'v2' && kind.custom?.preserveUnknown) {
    delete object.properties;
    object['x-kubernetes-preserve-unknown-fields'] = true;
  }
  return {
    [name]: object,
    [`${name}List`]: {
      type: 'object',
      description: `${kind.listKind} is a list of ${kind.kind}`,
      required: ['items'],
      properties: {
        ...typeMeta,
        items: { type: 'array', items: ref(name) },
        metadata: ref(LIST_META),
      },
      'x-kubernetes-group-version-kind': [{ ...gvk, kind: kind.listKind }],
    },
  };
}

/** Version 2 knows less: what its readers would refuse is left out, with everything below it where fields stay open. */
function simplify(schema: Json): Schema {
  if (schema === null || typeof schema !== 'object') return {};
  const out: Schema = {};
  for (const [key, value] of Object.entries(schema as Record<string, Json>)) {
    if (['oneOf', 'anyOf', 'allOf', 'not', 'nullable', 'default', 'enum', 'pattern'].includes(key)) continue;
    if (key === 'properties') {
      out.properties = Object.fromEntries(
        Object.entries(value as Record<string, Json>).map(([name, each]) => [name, simplify(each)]),
      );
    } else if (key === 'items') out.items = simplify(value);
    else if (key === 'additionalProperties')
      out.additionalProperties = typeof value === 'object' ? simplify(value) : value;
    else out[key] = value;
  }
  if (out['x-kubernetes-preserve-unknown-fields'] === true) {
    delete out.items;
    delete out.properties;
    delete out.type;
  }
  if (out['x-kubernetes-int-or-string'] === true) delete out.type;
  return out;
}
