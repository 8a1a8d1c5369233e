/** Kinds as types of expressions: what their schemas say of fields. Source: KEP-3488, "Type checking"; "CEL in Kubernetes". */
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  list,
  map,
  STRING,
  TIMESTAMP,
} from '../../cel/types.ts';
import { escapeName, typeOfSchema } from '../../crd/expressions.ts';
import type { CustomSchema } from '../../crd/structural.ts';
import { type Message, message, messageOfSchema, type Scalar, type TypeRef } from '../../openapi/fields.ts';
import type { KindDefinition } from '../../types.ts';

const EMPTY: CelType = { kind: 'object', name: 'object', fields: new Map() };
const SCALARS: Readonly<Record<Scalar, CelType>> = {
  string: STRING,
  bool: BOOL,
  int32: INT,
  int64: INT,
  double: DOUBLE,
  bytes: BYTES,
  Quantity: STRING,
  IntOrString: DYN,
  Time: TIMESTAMP,
  MicroTime: TIMESTAMP,
  Duration: DURATION,
  RawExtension: EMPTY,
  FieldsV1: EMPTY,
  JSON: DYN,
  strings: list(STRING),
  SchemaOrBool: DYN,
  SchemaOrArray: DYN,
  SchemaOrStrings: DYN,
};

const known = new Map<string, CelType>();

/** Null for a kind that nothing describes. */
export function typeOfKind(kind: KindDefinition): CelType | null {
  const found = messageOfSchema(kind.schema);
  if (found !== undefined) return typeOfMessage(found);
  if (kind.custom === undefined) return null;
  const type = typeOfSchema(kind.custom.structuralSchema as CustomSchema, true);
  if (type?.kind !== 'object' || type.fields === 'any') return type;
  const meta = message('meta.ObjectMeta');
  const fields = new Map(type.fields);
  if (meta !== undefined) fields.set('metadata', typeOfMessage(meta));
  return { kind: 'object', name: kind.kind, fields };
}

/** Types may contain themselves: each is known before its fields are. */
function typeOfMessage(type: Message): CelType {
  const present = known.get(type.id);
  if (present !== undefined) return present;
  const fields = new Map<string, CelType>();
  const result: CelType = { kind: 'object', name: type.name, fields };
  known.set(type.id, result);
  if (type.isKind) fields.set('apiVersion', STRING).set('kind', STRING);
  for (const field of type.fields) {
    const name = escapeName(field.name);
    if (name !== null) fields.set(name, typeOf(field.type));
  }
  return result;
}

function typeOf(type: TypeRef): CelType {
  switch (type.kind) {
    case 'scalar':
      return SCALARS[type.scalar];
    case 'list':
      return list(typeOf(type.of));
    case 'map':
      return map(STRING, typeOf(type.of));
    default: {
      const found = message(type.id);
      return found === undefined ? DYN : typeOfMessage(found);
    }
  }
}
