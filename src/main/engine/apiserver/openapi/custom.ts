/**
 * OpenAPI schemas of custom resources: what the definition says, with the metadata every object has. Version 2 knows less,
 * and kubectl cannot cope with some of what it knows. Source: apiextensions-apiserver, publishing of schemas.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import { isRecord } from '../json.ts';
import type { KindDefinition } from '../types.ts';
import { type Dialect, REF_PREFIX, type Schema } from './definitions.ts';
import { textsOf } from './texts.ts';

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const LIST_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta';

/** Where the conventions are explained that every kind follows. */
const CONVENTIONS = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions';
const METADATA = `Standard object's metadata. More info: ${CONVENTIONS}.md#metadata`;
const LIST_METADATA = `Standard list metadata. More info: ${CONVENTIONS}.md#types-kinds`;
const EMBEDDED = {
  apiVersion: `apiVersion defines the versioned schema of this representation of an object. More info: ${CONVENTIONS}.md#resources`,
  kind: `kind is a string value representing the type of this object. In CamelCase. More info: ${CONVENTIONS}.md#types-kinds`,
};

/** `com.example.stable.v1.CronTab`: the group in reverse, as the field names such definitions. */
export function customSchemaName(kind: KindDefinition): string {
  return `${kind.group.split('.').reverse().join('.')}.${kind.version}.${kind.kind}`;
}

export function customSchemas(kind: KindDefinition, dialect: Dialect): Record<string, Schema> {
  const name = customSchemaName(kind);
  const gvk = { group: kind.group, version: kind.version, kind: kind.kind };
  const selectable = Object.keys(kind.selectableFields ?? {}).map((fieldPath) => ({ fieldPath }));
  const extensions = (shown: Json): Schema => ({
    'x-kubernetes-group-version-kind': [{ ...gvk, kind: shown }],
    ...(selectable.length === 0 ? {} : { 'x-kubernetes-selectable-fields': selectable }),
  });
  return {
    [name]: { ...objectSchema(kind, dialect), ...extensions(kind.kind) },
    [`${name}List`]: {
      type: 'object',
      description: `${kind.listKind} is a list of ${kind.kind}`,
      required: ['items'],
      properties: {
        ...typeMeta(),
        items: {
          description: `List of ${kind.resource}. More info: ${CONVENTIONS}.md`,
          type: 'array',
          items: { $ref: REF_PREFIX[dialect] + name },
        },
        metadata: described(LIST_METADATA, LIST_META, dialect),
      },
      ...extensions(kind.listKind),
    },
  };
}

/** Version 2 has nothing of what stays open at the top: kubectl would take what is named for all there may be. */
function objectSchema(kind: KindDefinition, dialect: Dialect): Schema {
  const given = kind.custom?.structuralSchema as Json;
  if (!isRecord(given) || Object.keys(given).length === 0) return { type: 'object' };
  if (dialect === 'v2' && (kind.custom?.preserveUnknown || kind.custom?.crd.spec.preserveUnknownFields === true))
    return { type: 'object' };
  const schema = published(given, dialect);
  schema.properties = {
    ...(schema.properties as Schema),
    ...typeMeta(),
    metadata: described(METADATA, OBJECT_META, dialect),
  };
  return schema;
}

function typeMeta(): Schema {
  const texts = textsOf('meta.TypeMeta');
  return Object.fromEntries(
    ['apiVersion', 'kind'].map((field) => [field, { description: texts[field], type: 'string' }]),
  );
}

/** Beside a reference version 3 says nothing. */
function described(description: string, target: string, dialect: Dialect): Schema {
  const ref = { $ref: REF_PREFIX[dialect] + target };
  return { description, ...(dialect === 'v2' ? ref : { allOf: [ref] }) };
}

/** One schema with all below it, as the dialect can say it. */
function published(given: Json, dialect: Dialect): Schema {
  const out: Schema = dialect === 'v2' ? simplified(given) : unfolded(given);
  const each = (schema: Json): Json => (isRecord(schema) ? published(schema, dialect) : schema);
  if (isRecord(out.properties))
    out.properties = Object.fromEntries(Object.entries(out.properties).map(([name, schema]) => [name, each(schema)]));
  if (out.items !== undefined) out.items = each(out.items);
  if (out.additionalProperties !== undefined) out.additionalProperties = each(out.additionalProperties);
  const open = dialect === 'v2' && out['x-kubernetes-preserve-unknown-fields'] === true;
  if (out['x-kubernetes-embedded-resource'] === true && !open) embed(out, dialect);
  return out;
}

/** What version 2 lacks goes; where kubectl cannot cope with fields, what is below a schema goes with its type. */
function simplified(given: Json): Schema {
  const { oneOf: _one, anyOf: _any, allOf: _all, not: _not, default: _default, nullable, ...out } = given;
  const open = out['x-kubernetes-preserve-unknown-fields'] === true;
  if (nullable === true || open) {
    delete out.items;
    delete out.properties;
  }
  if (nullable === true || (open && out.type === 'object') || (out.items === undefined && out.type === 'array'))
    delete out.type;
  const optional = ([name, schema]: [string, Json]) => (schema?.nullable === true ? [name] : []);
  const nulls = new Set(Object.entries((out.properties ?? {}) as Record<string, Json>).flatMap(optional));
  const required: Json[] = ((out.required ?? []) as Json[]).filter((name) => !nulls.has(name));
  if (required.length === 0 || out.additionalProperties?.nullable === true) delete out.required;
  else out.required = required;
  return out;
}

const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];
const isIntOrString = (any: Json): boolean => JSON.stringify(any) === JSON.stringify(INT_OR_STRING);

/** That a value is a number or a text is spelled out for readers who do not know the extension. */
function unfolded(given: Json): Schema {
  if (given['x-kubernetes-int-or-string'] !== true) return { ...given };
  if (isIntOrString(given.anyOf) || isIntOrString(given.allOf?.[0]?.anyOf)) return { ...given };
  if (given.anyOf === undefined) return { ...given, anyOf: INT_OR_STRING };
  return { ...given, allOf: [{ anyOf: INT_OR_STRING }, ...((given.allOf ?? []) as Json[])] };
}

/** An object inside of another has what every object has. */
function embed(schema: Schema, dialect: Dialect): void {
  schema.properties = {
    ...(schema.properties as Schema),
    apiVersion: { description: EMBEDDED.apiVersion, type: 'string' },
    kind: { description: EMBEDDED.kind, type: 'string' },
    metadata: described(METADATA, OBJECT_META, dialect),
  };
  const required = (schema.required ?? []) as string[];
  schema.required = [...required, ...['kind', 'apiVersion'].filter((field) => !required.includes(field))];
}
