/**
 * Checks an expression against the types of its variables and turns it into a function. Every step of an evaluation
 * costs; a program stops with CostExceeded when its budget is used up, whatever the expression and the data are.
 */
import { estimateCall } from './estimate.ts';
import { findFunction } from './functions/index.ts';
import type { Overload } from './functions/overload.ts';
import { CompileError } from './lexer.ts';
import { expandMacro } from './macros.ts';
import { compileMessage } from './messages.ts';
import { type Node, qualifiedName } from './parser.ts';
import { type Compiled, charge, type Scope } from './scope.ts';
import { compileIndex, compileSelect, noOverload, TYPE_NAMES } from './select.ts';
import {
  assignable,
  BOOL,
  BYTES,
  bounded,
  type CelType,
  DOUBLE,
  INT,
  isDyn,
  join,
  list,
  map,
  maxOf,
  NULL,
  resolve,
  STRING,
  TYPE,
  typeName,
  UINT,
  UNKNOWN,
  withoutBound,
} from './types.ts';
import { type CelValue, EvaluationError, type MapKey, mapKey, Optional, runtimeType, TypeValue } from './values.ts';

/** Throws CompileError. */
export function compile(node: Node, scope: Scope): Compiled {
  switch (node.kind) {
    case 'literal':
      return { type: literalType(node.value), cost: 0, run: () => node.value };
    case 'identifier':
      return compileIdentifier(node, scope);
    case 'select':
      return compileSelect(node, scope);
    case 'index':
      return compileIndex(node, scope);
    case 'list':
      return compileList(node, scope);
    case 'map':
      return compileMap(node, scope);
    case 'message':
      return compileMessage(node, scope);
    default:
      return compileCall(node, scope);
  }
}

function literalType(value: CelValue): CelType {
  if (value === null) return NULL;
  if (typeof value === 'bigint') return INT;
  if (typeof value === 'number') return DOUBLE;
  if (typeof value === 'boolean') return BOOL;
  if (typeof value === 'string') return bounded(STRING, value.length);
  return value instanceof Uint8Array ? bounded(BYTES, value.length) : UINT;
}

function undeclared(node: Node, name: string): CompileError {
  return new CompileError(node.at, `undeclared reference to '${name}' (in container '')`);
}

function compileIdentifier(node: Node & { kind: 'identifier' }, scope: Scope): Compiled {
  const found = scope.find(node.name);
  if (found === undefined) {
    if (!TYPE_NAMES.has(node.name)) throw undeclared(node, node.name);
    const value = new TypeValue(node.name);
    // The estimates take every name to be a variable, and what they know no schema of to be as long as the rule's own value.
    const own = scope.typeOf('self');
    return { type: own === undefined ? TYPE : bounded(TYPE, maxOf(own) ?? 0), cost: 1, run: () => value };
  }
  const { type, slot } = found;
  return {
    type,
    placed: true,
    cost: 1,
    run(frame) {
      charge(frame, 1);
      return frame.slots[slot] as CelValue;
    },
  };
}

function total(parts: readonly Compiled[]): number {
  return parts.reduce((sum, { cost }) => sum + cost, 0);
}

const LIST_COST = 10;
const MAP_COST = 30;

/** `mixed`: items may have different types, which the arguments of `format` alone may. */
function compileList(node: Node & { kind: 'list' }, scope: Scope, mixed = false): Compiled {
  const items = node.items.map((item) => ({ ...scope.compile(item.value), at: item.value.at, lifts: item.optional }));
  let of: CelType | undefined;
  for (const item of items) {
    const type = item.lifts && item.type.kind === 'optional' ? item.type.of : item.type;
    of = mixed ? (of === undefined ? type : join(of, type)) : same(of, type, item.at);
  }
  return {
    type: bounded(list(of ?? UNKNOWN), items.length),
    cost: LIST_COST + total(items),
    run(frame) {
      charge(frame, LIST_COST);
      return items.flatMap((item) => {
        const value = item.run(frame);
        if (!item.lifts || !(value instanceof Optional)) return [value];
        return value.value === undefined ? [] : [value.value];
      });
    },
  };
}

/** All items of a literal have one type. */
function same(before: CelType | undefined, type: CelType, at: number): CelType {
  if (before === undefined || isDyn(before)) return type;
  if (!assignable(type, before, new Map()) && !assignable(before, type, new Map()))
    throw new CompileError(at, `expected type '${typeName(before)}' but found '${typeName(type)}'`);
  return join(before, type);
}

function compileMap(node: Node & { kind: 'map' }, scope: Scope): Compiled {
  const entries = node.entries.map(({ key, value, optional: lifts }) => ({
    key: scope.compile(key),
    value: scope.compile(value),
    lifts,
  }));
  let [keys, values]: [CelType | undefined, CelType | undefined] = [undefined, undefined];
  entries.forEach(({ key, value, lifts }, index) => {
    keys = same(keys, key.type, node.entries[index]!.key.at);
    const type = lifts && value.type.kind === 'optional' ? value.type.of : value.type;
    values = same(values, type, node.entries[index]!.value.at);
  });
  return {
    type: bounded(map(keys ?? UNKNOWN, values ?? UNKNOWN), entries.length),
    cost: MAP_COST + total(entries.flatMap(({ key, value }) => [key, value])),
    run(frame) {
      charge(frame, MAP_COST);
      const result = new Map<MapKey, CelValue>();
      for (const { key, value, lifts } of entries) {
        const name = mapKey(key.run(frame));
        if (name === undefined) throw new EvaluationError('unsupported key type');
        if (result.has(name)) throw new EvaluationError(`Failed with repeated key`);
        const given = value.run(frame);
        if (!lifts || !(given instanceof Optional)) result.set(name, given);
        else if (given.value !== undefined) result.set(name, given.value);
      }
      return result;
    },
  };
}

function compileCall(node: Node & { kind: 'call' }, scope: Scope): Compiled {
  const macro = expandMacro(node, scope);
  if (macro !== null) return macro;
  const prefix = node.target === null ? null : qualifiedName(node.target);
  if (prefix !== null && !scope.has(prefix.split('.', 1)[0]!)) {
    const qualified = findFunction(`${prefix}.${node.name}`);
    if (qualified !== undefined) return callOf(node, `${prefix}.${node.name}`, qualified, null, scope);
  }
  const overloads = findFunction(node.name);
  if (overloads === undefined) {
    // What is wrong with the target comes first.
    if (node.target !== null) scope.compile(node.target);
    throw undeclared(node, node.name);
  }
  return callOf(node, node.name, overloads, node.target, scope);
}

function callOf(
  node: Node & { kind: 'call' },
  name: string,
  overloads: readonly Overload[],
  target: Node | null,
  scope: Scope,
): Compiled {
  const args = (target === null ? node.args : [target, ...node.args]).map((arg) =>
    name === 'format' && arg.kind === 'list' ? compileList(arg, scope, true) : scope.compile(arg),
  );
  const types = args.map(({ type }) => type);
  const fitting = overloads.flatMap((overload) => {
    if (overload.member !== (target !== null) || overload.params.length !== types.length) return [];
    const bindings = new Map<string, CelType>();
    if (!overload.params.every((param, index) => assignable(types[index]!, param, bindings))) return [];
    return [{ overload, result: resolve(overload.result, bindings) }];
  });
  if (fitting.length === 0) throw noOverload(node, name, target === null ? null : types[0]!, types);
  const estimate = estimateCall(name, types, target === null ? node.args : [target, ...node.args]);
  // Only what the call itself says of its result counts, not what the arguments' types do.
  const type = bounded(withoutBound(fitting.map(({ result }) => result).reduce(join)), estimate.max);
  const candidates = fitting.map(({ overload }) => overload);
  const [only] = candidates;
  const certain = candidates.length === 1 && !types.some(isDyn) ? only : undefined;
  return {
    type,
    cost: total(args) + estimate.cost,
    run(frame) {
      charge(frame, 1);
      const values = args.map((arg) => arg.run(frame));
      const chosen = certain ?? candidates.find(({ accepts }) => accepts(values));
      if (chosen === undefined)
        throw new EvaluationError(`no such overload: ${name}(${values.map(runtimeType).join(', ')})`);
      charge(frame, chosen.cost(values));
      return chosen.run(values);
    },
  };
}
