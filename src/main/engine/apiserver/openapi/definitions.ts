/**
 * OpenAPI schemas of the built-in types, in the dialects of v2 (Swagger) and v3, with the extensions kubectl reads:
 * group version kind, patch strategy and merge key, list and map types.
 */
import { splitApiVersion } from '#shared/kubernetes/types.ts';
import { enumOf } from './enums.ts';
import {
  apiVersionOfType,
  type Field,
  idOfSchema,
  type Message,
  message,
  messageOfSchema,
  type Scalar,
  type TypeRef,
} from './fields.ts';
import { textsOf } from './texts.ts';
import { unionOf } from './unions.ts';

export type Schema = Record<string, unknown>;
export type Dialect = 'v2' | 'v3';

export const REF_PREFIX: Record<Dialect, string> = { v2: '#/definitions/', v3: '#/components/schemas/' };

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
const RAW = 'io.k8s.apimachinery.pkg.runtime.RawExtension';
const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

/** Types that JSON writes as something simple. */
const wellKnown: Record<string, (dialect: Dialect) => Schema> = {
  [QUANTITY]: (dialect) =>
    dialect === 'v2' ? { type: 'string' } : { oneOf: [{ type: 'string' }, { type: 'number' }] },
  [INT_OR_STRING]: (dialect) =>
    dialect === 'v2'
      ? { type: 'string', format: 'int-or-string' }
      : { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  [`${META}.Time`]: () => ({ type: 'string', format: 'date-time' }),
  [`${META}.MicroTime`]: () => ({ type: 'string', format: 'date-time' }),
  [`${META}.Duration`]: () => ({ type: 'string' }),
  [`${META}.FieldsV1`]: () => ({ type: 'object' }),
  [RAW]: () => ({ type: 'object' }),
  [`${EXTENSIONS}.JSON`]: () => ({}),
  [`${EXTENSIONS}.JSONSchemaPropsOrBool`]: () => ({}),
  [`${EXTENSIONS}.JSONSchemaPropsOrArray`]: () => ({}),
  [`${EXTENSIONS}.JSONSchemaPropsOrStringArray`]: () => ({}),
};

const scalarRefs: Partial<Record<Scalar, string>> = {
  Quantity: QUANTITY,
  IntOrString: INT_OR_STRING,
  Time: `${META}.Time`,
  MicroTime: `${META}.MicroTime`,
  Duration: `${META}.Duration`,
  FieldsV1: `${META}.FieldsV1`,
  RawExtension: RAW,
  JSON: `${EXTENSIONS}.JSON`,
  SchemaOrBool: `${EXTENSIONS}.JSONSchemaPropsOrBool`,
  SchemaOrArray: `${EXTENSIONS}.JSONSchemaPropsOrArray`,
  SchemaOrStrings: `${EXTENSIONS}.JSONSchemaPropsOrStringArray`,
};

const plainScalars: Partial<Record<Scalar, Schema>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  strings: { type: 'array', items: { type: 'string' } },
};

const EMPTY: Readonly<Record<string, unknown>> = { string: '', integer: 0, number: 0, boolean: false };

/** Group versions that options and watch events are told to travel in. */
export interface Travelling {
  group: string;
  version: string;
}

/** Makes the definitions a document needs one after the other, following references. */
export class Definitions {
  readonly dialect: Dialect;
  private readonly travelling: readonly Travelling[];
  private readonly known = new Set<string>();
  private readonly waiting: [name: string, make: () => Schema][] = [];

  constructor(dialect: Dialect, travelling: readonly Travelling[] = [CORE]) {
    this.dialect = dialect;
    this.travelling = travelling;
  }

  get isEmpty(): boolean {
    return this.known.size === 0;
  }

  /** Asks for what is called `name` with everything it refers to, if there is such a type. */
  add(name: string): void {
    const type = messageOfSchema(name) ?? messageOfSchema(name.replace(/List$/, ''));
    if (type !== undefined) this.later(name, () => (type.schema === name ? this.object(type) : this.list(type)));
  }

  /** One that is not in the tables of types; it stands for what is asked for by its name later. */
  give(name: string, schema: Schema): void {
    this.later(name, () => schema);
  }

  /** All that was asked for, once. */
  *made(): Generator<[string, Schema]> {
    for (let next = this.waiting.pop(); next !== undefined; next = this.waiting.pop()) yield [next[0], next[1]()];
  }

  /** The list kind of a type: `DeploymentList`. */
  private list(type: Message): Schema {
    const { group, version } = splitApiVersion(apiVersionOfType(type.id));
    const texts = textsOf(`${type.id}List`);
    const items = { type: 'array', items: this.reference(type.schema, () => this.object(type)) };
    const metadata = this.typed({ kind: 'message', id: 'meta.ListMeta' });
    return {
      description: texts[''],
      type: 'object',
      properties: {
        ...typeMeta(),
        items: described(items, texts.items),
        metadata: described(this.dialect === 'v2' ? metadata : this.sibling(metadata, { default: {} }), texts.metadata),
      },
      required: ['items'],
      'x-kubernetes-group-version-kind': [{ group, version, kind: `${type.name}List` }],
    };
  }

  private later(name: string, make: () => Schema): void {
    if (this.known.has(name)) return;
    this.known.add(name);
    this.waiting.push([name, make]);
  }

  private object(type: Message): Schema {
    const texts = textsOf(type.id);
    const properties: Record<string, Schema> = type.isKind ? typeMeta() : {};
    for (const field of type.fields) properties[field.name] = this.property(type.id, field, texts[field.name]);
    const required = type.fields.filter((field) => field.required).map((field) => field.name);
    const schema = described({ type: 'object' }, texts['']);
    if (Object.keys(properties).length > 0) schema.properties = properties;
    if (required.length > 0) schema.required = required;
    if (type.atomic) schema['x-kubernetes-map-type'] = 'atomic';
    const kinds = this.groupVersionKinds(type);
    if (kinds.length > 0) schema['x-kubernetes-group-version-kind'] = kinds;
    const union = unionOf(type.id);
    if (union !== undefined) schema['x-kubernetes-unions'] = [union];
    return schema;
  }

  private property(owner: string, field: Field, text: string | undefined): Schema {
    const schema = this.typed(field.type);
    const beside: Schema = {};
    const values = enumOf(owner, field.name);
    if (values !== undefined) ((schema.items ?? schema.additionalProperties ?? schema) as Schema).enum = values;
    const standard = this.standard(field, schema);
    if (standard !== undefined) beside.default = standard;
    if (field.strategies.length > 0) beside['x-kubernetes-patch-strategy'] = field.strategies.join(',');
    if (field.mergeKey !== undefined) beside['x-kubernetes-patch-merge-key'] = field.mergeKey;
    if (field.listType !== undefined) beside['x-kubernetes-list-type'] = field.listType;
    if (field.listKeys !== undefined) beside['x-kubernetes-list-map-keys'] = field.listKeys;
    if (field.atomic) beside['x-kubernetes-map-type'] = 'atomic';
    if (field.granular) beside['x-kubernetes-map-type'] = 'granular';
    if (text !== undefined) beside.description = text;
    return this.sibling(schema, beside);
  }

  /** What stands in for a value that is not given: clients of version 2 would fill it in. */
  private standard(field: Field, schema: Schema): unknown {
    if (this.dialect === 'v2') return undefined;
    if (field.default !== undefined) return field.default;
    if (field.pointer) return undefined;
    if (field.type.kind === 'message') return {};
    return field.omitEmpty || field.omitZero || schema.format === 'byte' ? undefined : EMPTY[String(schema.type)];
  }

  private typed(type: TypeRef): Schema {
    if (type.kind === 'list') return { type: 'array', items: this.typed(type.of) };
    if (type.kind === 'map') return { type: 'object', additionalProperties: this.typed(type.of) };
    if (type.kind === 'message') {
      const inner = message(type.id);
      return inner === undefined ? { type: 'object' } : this.reference(inner.schema, () => this.object(inner));
    }
    const name = scalarRefs[type.scalar];
    if (name === undefined) return { ...plainScalars[type.scalar] };
    return this.reference(name, () => described(wellKnown[name]?.(this.dialect) ?? {}, textsOf(idOfSchema(name))['']));
  }

  private reference(name: string, make: () => Schema): Schema {
    this.later(name, make);
    return { $ref: REF_PREFIX[this.dialect] + name };
  }

  /** Beside a reference version 3 says nothing; readers of version 2 look there all the same. */
  private sibling(schema: Schema, beside: Schema): Schema {
    if (this.dialect === 'v2' || schema.$ref === undefined || Object.keys(beside).length === 0)
      return { ...schema, ...beside };
    return { allOf: [schema], ...beside };
  }

  private groupVersionKinds(type: Message): Schema[] {
    if (TRAVELLERS.has(type.id)) return this.travelling.map((where) => ({ ...where, kind: type.name }));
    if (!type.isKind) return [];
    const { group, version } = type.id.startsWith('meta.') ? CORE : splitApiVersion(apiVersionOfType(type.id));
    return [{ group, version, kind: type.name }];
  }
}

const CORE: Travelling = { group: '', version: 'v1' };
/** Kinds of every group version. */
const TRAVELLERS = new Set(['meta.DeleteOptions', 'meta.WatchEvent']);

function typeMeta(): Record<string, Schema> {
  const texts = textsOf('meta.TypeMeta');
  const field = (name: string): Schema => described({ type: 'string' }, texts[name]);
  return { apiVersion: field('apiVersion'), kind: field('kind') };
}

function described(schema: Schema, text: string | undefined): Schema {
  return text === undefined ? schema : { description: text, ...schema };
}
