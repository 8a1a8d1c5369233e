/**
 * Parts of a definition the way the server's own messages print them: its internal types as JSON, with the names of
 * their fields in Go, and with everything that is empty. Source: apiextensions-apiserver, internal types.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import { isRecord } from '../json.ts';
import { asSent } from '../openapi/sent-empty.ts';

/** What is printed for a field that is not set: a text, a switch, nothing; or what is made of one that is. */
type Form = '' | false | null | ((value: Json) => Json);
type Fields = readonly [name: string, api: string, form: Form][];

function struct(fields: Fields, value: Json): Json {
  const entries = fields.map(([name, api, form]): [string, Json] => {
    const given = asSent(value, api);
    if (typeof form === 'function') return [name, given === null ? null : form(given)];
    return [name, given ?? form];
  });
  return Object.fromEntries(entries);
}

const schemas = (list: Json): Json => (Array.isArray(list) ? list.map(internalSchema) : list);
const named =
  (form: (value: Json) => Json) =>
  (map: Json): Json =>
    Object.fromEntries(
      Object.keys(map)
        .sort()
        .map((key) => [key, form(map[key])]),
    );
const orBool = (value: Json): Json =>
  typeof value === 'boolean' ? { Allows: value, Schema: null } : { Allows: true, Schema: internalSchema(value) };
const orArray = (value: Json): Json =>
  Array.isArray(value)
    ? { Schema: null, JSONSchemas: schemas(value) }
    : { Schema: internalSchema(value), JSONSchemas: null };
const orStrings = (value: Json): Json =>
  Array.isArray(value) ? { Schema: null, Property: value } : { Schema: internalSchema(value), Property: null };

const RULE: Fields = [
  ['Rule', 'rule', ''],
  ['Message', 'message', ''],
  ['MessageExpression', 'messageExpression', ''],
  ['Reason', 'reason', null],
  ['FieldPath', 'fieldPath', ''],
  ['OptionalOldSelf', 'optionalOldSelf', null],
];

const SCHEMA: Fields = [
  ['ID', 'id', ''],
  ['Schema', '$schema', ''],
  ['Ref', '$ref', null],
  ['Description', 'description', ''],
  ['Type', 'type', ''],
  ['Nullable', 'nullable', false],
  ['Format', 'format', ''],
  ['Title', 'title', ''],
  ['Default', 'default', null],
  ['Maximum', 'maximum', null],
  ['ExclusiveMaximum', 'exclusiveMaximum', false],
  ['Minimum', 'minimum', null],
  ['ExclusiveMinimum', 'exclusiveMinimum', false],
  ['MaxLength', 'maxLength', null],
  ['MinLength', 'minLength', null],
  ['Pattern', 'pattern', ''],
  ['MaxItems', 'maxItems', null],
  ['MinItems', 'minItems', null],
  ['UniqueItems', 'uniqueItems', false],
  ['MultipleOf', 'multipleOf', null],
  ['Enum', 'enum', null],
  ['MaxProperties', 'maxProperties', null],
  ['MinProperties', 'minProperties', null],
  ['Required', 'required', null],
  ['Items', 'items', orArray],
  ['AllOf', 'allOf', schemas],
  ['OneOf', 'oneOf', schemas],
  ['AnyOf', 'anyOf', schemas],
  ['Not', 'not', internalSchema],
  ['Properties', 'properties', named(internalSchema)],
  ['AdditionalProperties', 'additionalProperties', orBool],
  ['PatternProperties', 'patternProperties', named(internalSchema)],
  ['Dependencies', 'dependencies', named(orStrings)],
  ['AdditionalItems', 'additionalItems', orBool],
  ['Definitions', 'definitions', named(internalSchema)],
  ['ExternalDocs', 'externalDocs', (value) => ({ Description: value.description ?? '', URL: value.url ?? '' })],
  ['Example', 'example', null],
  ['XPreserveUnknownFields', 'x-kubernetes-preserve-unknown-fields', null],
  ['XEmbeddedResource', 'x-kubernetes-embedded-resource', false],
  ['XIntOrString', 'x-kubernetes-int-or-string', false],
  ['XListMapKeys', 'x-kubernetes-list-map-keys', null],
  ['XListType', 'x-kubernetes-list-type', null],
  ['XMapType', 'x-kubernetes-map-type', null],
  ['XValidations', 'x-kubernetes-validations', (rules) => (rules as Json[]).map((rule) => struct(RULE, rule))],
];

/** In declaration order: a function, so that forms above may refer to it. */
export function internalSchema(schema: Json): Json {
  return isRecord(schema) ? struct(SCHEMA, schema) : schema;
}

const SCALE: Fields = [
  ['SpecReplicasPath', 'specReplicasPath', ''],
  ['StatusReplicasPath', 'statusReplicasPath', ''],
  ['LabelSelectorPath', 'labelSelectorPath', null],
];

const COLUMN: Fields = [
  ['Name', 'name', ''],
  ['Type', 'type', ''],
  ['Format', 'format', ''],
  ['Description', 'description', ''],
  ['Priority', 'priority', (value) => value],
  ['JSONPath', 'jsonPath', ''],
];

/** Parts that only stand in a version where versions differ in them. */
export const internalPart: Readonly<Record<string, (value: Json) => Json>> = {
  schema: (value) => ({ OpenAPIV3Schema: internalSchema(value.openAPIV3Schema ?? null) }),
  subresources: (value) => ({ Status: value.status ?? null, Scale: value.scale ? struct(SCALE, value.scale) : null }),
  additionalPrinterColumns: (columns) =>
    (columns as Json[]).map((column) => struct(COLUMN, { ...column, priority: column.priority ?? 0 })),
  selectableFields: (fields) => (fields as Json[]).map(({ jsonPath = '' }) => ({ JSONPath: jsonPath })),
};

/** What may be said at the root of a schema that the status is judged by, too. */
const AT_ROOT =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations'.split(
    ' ',
  );
export const AT_ROOT_TEXT = `only [${AT_ROOT.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`;

/** Whether a schema says something at its root that must not be said there. */
export function saysTooMuchAtRoot(schema: Json): boolean {
  return SCHEMA.some(([name, api]) => {
    if (AT_ROOT.includes(name)) return false;
    const given = asSent(schema, api);
    return given !== null && given !== '' && given !== false;
  });
}
