/**
 * OpenAPI schemas of the built-in types, in the dialects of v2 (Swagger) and v3, with the extensions kubectl reads:
 * group version kind, patch strategy and merge key, list and map types.
 */
import { splitApiVersion } from '#shared/kubernetes/types.ts';
import { descriptionsOf } from './descriptions.ts';
import { enumOf } from './enums.ts';
import { apiVersionOfType, type Field, type Message, message, type Scalar, type TypeRef } from './fields.ts';

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

/** Collects the definitions a document needs, following references. */
export class Definitions {
  readonly dialect: Dialect;
  readonly schemas: Record<string, Schema> = {};
  private readonly waiting: (() => void)[] = [];

  constructor(dialect: Dialect) {
    this.dialect = dialect;
  }

  /** Adds a type with everything it refers to; returns its definition name. */
  add(id: string): string {
    const type = message(id);
    if (type === undefined) return '';
    this.later(type.schema, () => this.object(type));
    this.drain();
    return type.schema;
  }

  /** Adds the list kind of a type: `DeploymentList`. */
  addList(type: Message): string {
    const name = `${type.schema}List`;
    const { group, version } = splitApiVersion(apiVersionOfType(type.id));
    this.later(name, () => ({
      description: `${type.name}List is a list of ${type.name} objects.`,
      type: 'object',
      properties: {
        ...this.typeMeta(),
        items: { type: 'array', items: this.listed(type) },
        metadata: this.typed({ kind: 'message', id: 'meta.ListMeta' }),
      },
      required: ['items'],
      'x-kubernetes-group-version-kind': [{ group, version, kind: `${type.name}List` }],
    }));
    this.drain();
    return name;
  }

  private listed(type: Message): Schema {
    this.later(type.schema, () => this.object(type));
    return { $ref: REF_PREFIX[this.dialect] + type.schema };
  }

  private drain(): void {
    for (let next = this.waiting.pop(); next !== undefined; next = this.waiting.pop()) next();
  }

  private later(name: string, make: () => Schema): void {
    if (name in this.schemas) return;
    this.schemas[name] = {};
    this.waiting.push(() => {
      this.schemas[name] = make();
    });
  }

  private typeMeta(): Record<string, Schema> {
    return {
      apiVersion: {
        description:
          'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
        type: 'string',
      },
      kind: {
        description:
          'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
        type: 'string',
      },
    };
  }

  private object(type: Message): Schema {
    const texts = descriptionsOf(type.id);
    const properties: Record<string, Schema> = type.isKind ? this.typeMeta() : {};
    for (const field of type.fields)
      properties[field.name] = this.property(type.id, field, texts.fields.get(field.name) ?? '');
    const required = type.fields.filter((field) => field.required).map((field) => field.name);
    const schema: Schema = { type: 'object' };
    if (texts.type !== '') schema.description = texts.type;
    if (Object.keys(properties).length > 0) schema.properties = properties;
    if (required.length > 0) schema.required = this.dialect === 'v2' ? required.sort() : required;
    if (type.atomic) schema['x-kubernetes-map-type'] = 'atomic';
    if (type.isKind) schema['x-kubernetes-group-version-kind'] = groupVersionKinds(type);
    return schema;
  }

  private property(owner: string, field: Field, given: string): Schema {
    const schema = this.typed(field.type, field.pointer);
    const values = enumOf(owner, field.name);
    if (values !== undefined) (field.type.kind === 'list' ? (schema.items as Schema) : schema).enum = values;
    // A field without a text of its own is at least said to be what its type is.
    const description = given === '' && field.type.kind === 'message' ? descriptionsOf(field.type.id).type : given;
    // Keys beside $ref are ignored in v2 as far as validation goes, but explain and patches read them.
    const out: Schema = description === '' ? { ...schema } : { description, ...schema };
    if (field.default !== undefined) out.default = field.default;
    // What is written even when it is empty.
    else if (this.dialect === 'v3' && !field.pointer && !field.omitEmpty && !field.omitZero) {
      const empty = EMPTY[String(schema.type)];
      if (empty !== undefined) out.default = empty;
    }
    if (field.strategies.length > 0) out['x-kubernetes-patch-strategy'] = field.strategies.join(',');
    if (field.mergeKey !== undefined) out['x-kubernetes-patch-merge-key'] = field.mergeKey;
    if (field.listType !== undefined) out['x-kubernetes-list-type'] = field.listType;
    if (field.listKeys !== undefined) out['x-kubernetes-list-map-keys'] = field.listKeys;
    if (field.atomic) out['x-kubernetes-map-type'] = 'atomic';
    if (field.type.kind === 'message' && field.type.granular) out['x-kubernetes-map-type'] = 'granular';
    return out;
  }

  private typed(type: TypeRef, pointer = false): Schema {
    if (type.kind === 'list') return { type: 'array', items: this.item(type.of) };
    if (type.kind === 'map') return { type: 'object', additionalProperties: this.item(type.of) };
    if (type.kind === 'message') {
      const inner = message(type.id);
      return inner === undefined
        ? { type: 'object' }
        : this.reference(inner.schema, () => this.object(inner), pointer ? undefined : {});
    }
    const name = scalarRefs[type.scalar];
    if (name !== undefined) return this.reference(name, () => wellKnown[name]?.(this.dialect) ?? {});
    return { ...plainScalars[type.scalar] };
  }

  /** Of a list or map. */
  private item(type: TypeRef): Schema {
    const schema = this.typed(type);
    if (this.dialect === 'v2') return schema;
    const [only] = (schema.allOf ?? []) as Schema[];
    return only ?? schema;
  }

  private reference(name: string, make: () => Schema, standard?: unknown): Schema {
    this.later(name, make);
    const $ref = REF_PREFIX[this.dialect] + name;
    if (this.dialect === 'v2') return { $ref };
    return standard === undefined ? { allOf: [{ $ref }] } : { allOf: [{ $ref }], default: standard };
  }
}

function groupVersionKinds(type: Message): Schema[] {
  const { group, version } = splitApiVersion(apiVersionOfType(type.id));
  // Options travel under every group version; the core one stands for all.
  if (type.id.startsWith('meta.')) return [{ group: '', version: 'v1', kind: type.name }];
  return [{ group, version, kind: type.name }];
}
