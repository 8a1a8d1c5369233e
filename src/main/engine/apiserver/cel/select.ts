/** Looking into values: fields, elements, presence; and the types these have. */
import { CompileError } from './lexer.ts';
import { type Node, qualifiedName } from './parser.ts';
import { type Compiled, charge, type Scope } from './scope.ts';
import {
  assignable,
  BOOL,
  bounded,
  type CelType,
  DOUBLE,
  DYN,
  INT,
  isDyn,
  maxOf,
  optional,
  TYPE,
  typeName,
  UINT,
  unbounded,
  withoutBound,
} from './types.ts';
import { type CelValue, EvaluationError, isObjectValue, mapKey, Optional, runtimeType, TypeValue } from './values.ts';

/** Names that stand for a type. */
export const TYPE_NAMES = new Set([
  'int',
  'uint',
  'double',
  'bool',
  'string',
  'bytes',
  'list',
  'map',
  'null_type',
  'type',
  'google.protobuf.Timestamp',
  'google.protobuf.Duration',
]);

export function compileSelect(node: Node & { kind: 'select' }, scope: Scope): Compiled {
  const qualified = qualifiedName(node);
  if (qualified !== null && TYPE_NAMES.has(qualified)) {
    const value = new TypeValue(qualified);
    return { type: TYPE, cost: 1, run: () => value };
  }
  // A variable may have a name of several parts.
  if (qualified !== null && scope.has(qualified))
    return scope.compile({ kind: 'identifier', name: qualified, at: node.at });
  const operand = scope.compile(node.operand);
  const { field } = node;
  const through = operand.type.kind === 'optional' ? operand.type.of : operand.type;
  const type = fieldType(node, through, field);
  const lifts = node.optional || operand.type.kind === 'optional';
  return {
    type: lifts ? optional(unbounded(type)) : type,
    placed: operand.placed === true && !lifts,
    cost: operand.cost + (isDyn(through) ? 0 : 1),
    run(frame) {
      charge(frame, 1);
      const value = operand.run(frame);
      const inner = value instanceof Optional ? value.value : value;
      if (inner === undefined) return Optional.none;
      const found = fieldOf(inner, field);
      if (lifts || value instanceof Optional) return found === undefined ? Optional.none : new Optional(found);
      if (found === undefined) throw new EvaluationError(`no such key: ${field}`);
      return found;
    },
  };
}

function fieldType(node: Node, type: CelType, field: string): CelType {
  if (isDyn(type)) return DYN;
  // The estimates of the real server know entries of a map by their keys alone.
  if (type.kind === 'map') return withoutBound(type.value);
  if (type.kind !== 'object')
    throw new CompileError(node.at, `type '${typeName(type)}' does not support field selection`);
  const found = type.fields === 'any' ? DYN : type.fields.get(field);
  if (found === undefined) throw new CompileError(node.at, `undefined field '${field}'`);
  return found;
}

/** Undefined when the field is not set, as in what has no fields at all. */
export function fieldOf(value: CelValue, field: string): CelValue | undefined {
  if (value instanceof Map || isObjectValue(value)) return value.get(field);
  if (Array.isArray(value)) throw new EvaluationError("unsupported index type 'string' in list");
  return undefined;
}

/** `has(a.b)`; `at`: where what is wrong with it is told. */
export function compilePresence(node: Node & { kind: 'select' }, at: number, scope: Scope): Compiled {
  const operand = scope.compile(node.operand);
  fieldType({ ...node, at }, operand.type.kind === 'optional' ? operand.type.of : operand.type, node.field);
  return {
    type: BOOL,
    cost: operand.cost,
    run(frame) {
      const value = operand.run(frame);
      const inner = value instanceof Optional ? value.value : value;
      return inner !== undefined && fieldOf(inner, node.field) !== undefined;
    },
  };
}

export function compileIndex(node: Node & { kind: 'index' }, scope: Scope): Compiled {
  const operand = scope.compile(node.operand);
  const index = scope.compile(node.index);
  const through = operand.type.kind === 'optional' ? operand.type.of : operand.type;
  const element = elementType(node, through, index.type);
  const own = scope.typeOf('self');
  // As with items of a walk: what is no part of a variable is taken to be as long as the value that the rule is about.
  const isKnown = operand.placed === true || own === undefined || maxOf(element) !== undefined;
  const type = isKnown ? element : bounded(element, maxOf(own) ?? 0);
  const lifts = node.optional || operand.type.kind === 'optional';
  return {
    type: lifts ? optional(unbounded(type)) : type,
    placed: operand.placed === true && !lifts,
    cost: operand.cost + index.cost + 1,
    run(frame) {
      charge(frame, 1);
      const value = operand.run(frame);
      const key = index.run(frame);
      const inner = value instanceof Optional ? value.value : value;
      if (inner === undefined) return Optional.none;
      const found = elementOf(inner, key);
      if (lifts || value instanceof Optional) return found === undefined ? Optional.none : new Optional(found);
      if (found !== undefined) return found;
      throw new EvaluationError(
        Array.isArray(inner) ? `index out of bounds: ${mapKey(key)}` : `no such key: ${String(mapKey(key))}`,
      );
    },
  };
}

function elementType(node: Node, type: CelType, index: CelType): CelType {
  const fits = (wanted: CelType) => assignable(index, wanted, new Map());
  if (isDyn(type)) return DYN;
  if (type.kind === 'list' && (fits(INT) || fits(UINT) || fits(DOUBLE))) return type.of;
  if (type.kind === 'map' && fits(type.key)) return type.value;
  throw noOverload(node, '_[_]', null, [type, index]);
}

function elementOf(value: CelValue, key: CelValue): CelValue | undefined {
  const at = mapKey(key);
  if (Array.isArray(value)) {
    if (typeof at !== 'bigint') throw new EvaluationError(`unsupported index type '${runtimeType(key)}' in list`);
    return at < 0n ? undefined : value[Number(at)];
  }
  if (value instanceof Map) return at === undefined ? undefined : value.get(at);
  return isObjectValue(value) && typeof key === 'string' ? value.get(key) : undefined;
}

export function noOverload(node: Node, name: string, target: CelType | null, types: readonly CelType[]): CompileError {
  const args = (target === null ? types : types.slice(1)).map(typeName).join(', ');
  const applied = target === null ? `(${args})` : `${typeName(target)}.(${args})`;
  return new CompileError(node.at, `found no matching overload for '${name}' applied to '${applied}'`);
}
