/**
 * What looks like a call but is not: `has`, `&&`, `||`, `?:`, comprehensions with one and two variables, `optMap`.
 * Source: CEL specification, "Macros" and "Logical operators"; cel-go extensions "TwoVarComprehensions", "OptionalTypes".
 */

import { sizeOf, times } from './estimate.ts';
import { CompileError } from './lexer.ts';
import type { Node } from './parser.ts';
import { type Compiled, charge, type Frame, type Scope } from './scope.ts';
import { compilePresence } from './select.ts';
import {
  assignable,
  BOOL,
  bounded,
  type CelType,
  DYN,
  INT,
  isDyn,
  join,
  list,
  map,
  maxOf,
  optional,
  typeName,
  unbounded,
} from './types.ts';
import {
  type CelValue,
  CostExceeded,
  compare as compareValues,
  EvaluationError,
  type MapKey,
  Optional,
} from './values.ts';

type Call = Node & { kind: 'call' };

/** Null when the call is no macro. */
export function expandMacro(node: Call, scope: Scope): Compiled | null {
  if (node.target === null) {
    switch (node.name) {
      case 'has':
        // With any other number of arguments it is a function, and there is none of that name.
        return node.args.length === 1 ? presence(node, node.args[0]!, scope) : null;
      case '_&&_':
        return logical(node, scope, false);
      case '_||_':
        return logical(node, scope, true);
      case '_?_:_':
        return conditional(node, scope);
      default:
        return null;
    }
  }
  const make = comprehensions[`${node.name}/${node.args.length}`];
  if (make === undefined) return null;
  return make(node, node.target, scope);
}

function presence(node: Call, argument: Node, scope: Scope): Compiled {
  if (argument.kind !== 'select') throw new CompileError(argument.at, 'invalid argument to has() macro');
  // The parser knows a macro by its bracket.
  return compilePresence(argument, node.at, scope);
}

function expectType(compiled: Compiled, wanted: CelType, at: number): void {
  if (!assignable(compiled.type, wanted, new Map()))
    throw new CompileError(at, `expected type '${typeName(wanted)}' but found '${typeName(compiled.type)}'`);
}

/** An error on one side does not matter when the other side decides. */
function logical(node: Call, scope: Scope, decisive: boolean): Compiled {
  const [left, right] = node.args.map((arg) => scope.compile(arg)) as [Compiled, Compiled];
  for (const [index, side] of [left, right].entries())
    if (!assignable(side.type, BOOL, new Map()))
      throw new CompileError(node.args[index]!.at, `expected type 'bool' but found '${typeName(side.type)}'`);
  return {
    type: BOOL,
    cost: left.cost + right.cost,
    run(frame) {
      charge(frame, 1);
      let failure: unknown;
      for (const side of [left, right]) {
        try {
          const value = side.run(frame);
          if (value === decisive) return decisive;
          if (typeof value !== 'boolean') failure ??= new EvaluationError('no such overload');
        } catch (error) {
          if (error instanceof CostExceeded) throw error;
          failure ??= error;
        }
      }
      if (failure !== undefined) throw failure;
      return !decisive;
    },
  };
}

function conditional(node: Call, scope: Scope): Compiled {
  const [condition, yes, no] = node.args.map((arg) => scope.compile(arg)) as [Compiled, Compiled, Compiled];
  expectType(condition, BOOL, node.args[0]!.at);
  if (!assignable(yes.type, no.type, new Map()) && !assignable(no.type, yes.type, new Map()))
    throw new CompileError(
      node.at,
      `found no matching overload for '_?_:_' applied to '(bool, ${typeName(yes.type)}, ${typeName(no.type)})'`,
    );
  return {
    type: join(yes.type, no.type),
    cost: condition.cost + Math.max(yes.cost, no.cost),
    run(frame) {
      charge(frame, 1);
      const value = condition.run(frame);
      if (typeof value !== 'boolean') throw new EvaluationError('no such overload');
      return value ? yes.run(frame) : no.run(frame);
    },
  };
}

function variableName(node: Node | undefined): string {
  if (node?.kind === 'identifier') return node.name;
  throw new CompileError(node?.at ?? 0, 'argument must be a simple name');
}

interface Range {
  /** Body of the comprehension in the scope of its variables. */
  scope: Scope;
  key: CelType;
  value: CelType;
  /** What a walk costs at most when a step of it costs so much, and how many steps it has. */
  cost(step: number): number;
  steps: number | undefined;
  /** Calls back for every item with the variables set, until it returns false. */
  each(frame: Frame, visit: (key: MapKey, value: CelValue) => boolean): void;
}

/** With one variable a map gives its keys; with two it gives keys and values, a list indexes and items. */
function rangeOf(target: Node, names: readonly string[], scope: Scope): Range {
  const range = scope.compile(target);
  const { type } = range;
  if (type.kind !== 'list' && type.kind !== 'map' && !isDyn(type))
    throw new CompileError(
      target.at,
      `expression of type '${typeName(type)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
    );
  const key = type.kind === 'map' ? type.key : type.kind === 'list' ? INT : DYN;
  const item = type.kind === 'map' ? type.value : type.kind === 'list' ? type.of : DYN;
  // Items of what is no part of a variable are taken to be as long as the value that the rule is about.
  const own = scope.typeOf('self');
  const value = range.placed === true || own === undefined ? item : bounded(unbounded(item), maxOf(own) ?? 0);
  const single = names.length === 1;
  const first = scope.with(names[0]!, single ? (type.kind === 'map' ? key : value) : key);
  const second = single ? null : first.scope.with(names[1]!, value);
  return {
    scope: second?.scope ?? first.scope,
    key,
    value,
    steps: maxOf(type),
    cost: (step) => range.cost + times(sizeOf(type), step),
    each(frame, visit) {
      const items = range.run(frame);
      const step = (at: MapKey, item: CelValue): boolean => {
        charge(frame, 1);
        if (second === null) frame.slots[first.slot] = Array.isArray(items) ? item : at;
        else {
          frame.slots[first.slot] = at;
          frame.slots[second.slot] = item;
        }
        return visit(at, item);
      };
      if (Array.isArray(items)) {
        for (let index = 0; index < items.length; index++) if (!step(BigInt(index), items[index]!)) return;
      } else if (items instanceof Map) {
        for (const [at, item] of items) if (!step(at, item)) return;
      } else throw new EvaluationError('no such overload');
    },
  };
}

/** `all` and `exists`: an error counts only when no item decides. */
function quantifier(variables: number, decisive: boolean) {
  return (node: Call, target: Node, scope: Scope): Compiled => {
    const range = rangeOf(target, node.args.slice(0, variables).map(variableName), scope);
    const predicate = range.scope.compile(node.args[variables]!);
    expectType(predicate, BOOL, node.args[variables]!.at);
    return {
      type: BOOL,
      cost: range.cost((decisive ? 4 : 3) + predicate.cost) + 1,
      run(frame) {
        let failure: unknown;
        let result = !decisive;
        range.each(frame, () => {
          try {
            if (predicate.run(frame) === decisive) result = decisive;
          } catch (error) {
            if (error instanceof CostExceeded) throw error;
            failure ??= error;
          }
          return result !== decisive;
        });
        if (result !== decisive && failure !== undefined) throw failure;
        return result;
      },
    };
  };
}

function existsOne(variables: number) {
  return (node: Call, target: Node, scope: Scope): Compiled => {
    const range = rangeOf(target, node.args.slice(0, variables).map(variableName), scope);
    const predicate = range.scope.compile(node.args[variables]!);
    expectType(predicate, BOOL, node.args[variables]!.at);
    return {
      type: BOOL,
      cost: range.cost(2 + predicate.cost) + 2,
      run(frame) {
        let count = 0;
        range.each(frame, () => {
          if (predicate.run(frame) === true) count += 1;
          return true;
        });
        return count === 1;
      },
    };
  };
}

/** `map`, `filter` and `transformList`: a list of what `transform` makes of the items that pass `filter`. */
function toList(variables: number, filterAt: number | null, transformAt: number | null) {
  return (node: Call, target: Node, scope: Scope): Compiled => {
    const range = rangeOf(target, node.args.slice(0, variables).map(variableName), scope);
    const filter = filterAt === null ? null : range.scope.compile(node.args[filterAt]!);
    if (filter !== null) expectType(filter, BOOL, node.args[filterAt!]!.at);
    const transform =
      transformAt === null ? range.scope.compile(node.args[0]!) : range.scope.compile(node.args[transformAt]!);
    return {
      type: bounded(list(transform.type), range.steps),
      cost: range.cost(12 + (filter?.cost ?? 0) + transform.cost) + 11,
      run(frame) {
        const result: CelValue[] = [];
        range.each(frame, () => {
          if (filter === null || filter.run(frame) === true) result.push(transform.run(frame));
          return true;
        });
        return result;
      },
    };
  };
}

function toMap(filterAt: number | null, transformAt: number, entries: boolean) {
  return (node: Call, target: Node, scope: Scope): Compiled => {
    const range = rangeOf(target, node.args.slice(0, 2).map(variableName), scope);
    const filter = filterAt === null ? null : range.scope.compile(node.args[filterAt]!);
    if (filter !== null) expectType(filter, BOOL, node.args[filterAt!]!.at);
    const transform = range.scope.compile(node.args[transformAt]!);
    const made = transform.type;
    return {
      type: bounded(entries ? (made.kind === 'map' ? made : map(DYN, DYN)) : map(range.key, made), range.steps),
      cost: range.cost(3 + (filter?.cost ?? 0) + transform.cost) + 31,
      run(frame) {
        const result = new Map<MapKey, CelValue>();
        range.each(frame, (key) => {
          if (filter !== null && filter.run(frame) !== true) return true;
          const value = transform.run(frame);
          if (!entries) result.set(key, value);
          else if (value instanceof Map) for (const [name, item] of value) result.set(name, item);
          return true;
        });
        return result;
      },
    };
  };
}

function optionalMap(flat: boolean) {
  return (node: Call, target: Node, scope: Scope): Compiled => {
    const given = scope.compile(target);
    const of = given.type.kind === 'optional' ? given.type.of : DYN;
    if (given.type.kind !== 'optional' && !isDyn(given.type))
      throw new CompileError(
        node.at,
        `found no matching overload for '${node.name}' applied to '${typeName(given.type)}'`,
      );
    const inner = scope.with(variableName(node.args[0]), of);
    const transform = inner.scope.compile(node.args[1]!);
    return {
      type: flat ? transform.type : optional(transform.type),
      cost: given.cost + transform.cost + 3,
      run(frame) {
        const value = given.run(frame);
        if (!(value instanceof Optional) || value.value === undefined) return Optional.none;
        frame.slots[inner.slot] = value.value;
        const made = transform.run(frame);
        return flat ? made : new Optional(made);
      },
    };
  };
}

/** `sortBy(x, key)`: the list in the order of the keys. */
function sortBy(node: Call, target: Node, scope: Scope): Compiled {
  const range = rangeOf(target, [variableName(node.args[0])], scope);
  const key = range.scope.compile(node.args[1]!);
  return {
    type: bounded(list(range.value), range.steps),
    cost: range.cost(13 + key.cost) + 11,
    run(frame) {
      const keyed: [key: CelValue, item: CelValue][] = [];
      range.each(frame, (_, item) => {
        keyed.push([key.run(frame), item]);
        return true;
      });
      charge(frame, keyed.length);
      return keyed.sort(([a], [b]) => compareKeys(a, b)).map(([, item]) => item);
    },
  };
}

function compareKeys(a: CelValue, b: CelValue): number {
  const order = compareValues(a, b);
  if (order === undefined) throw new EvaluationError('no such overload');
  return order;
}

const comprehensions: Readonly<Record<string, (node: Call, target: Node, scope: Scope) => Compiled>> = {
  'all/2': quantifier(1, false),
  'all/3': quantifier(2, false),
  'exists/2': quantifier(1, true),
  'exists/3': quantifier(2, true),
  'exists_one/2': existsOne(1),
  'existsOne/2': existsOne(1),
  'existsOne/3': existsOne(2),
  'map/2': toList(1, null, 1),
  'map/3': toList(1, 1, 2),
  'filter/2': toList(1, 1, null),
  'transformList/3': toList(2, null, 2),
  'transformList/4': toList(2, 2, 3),
  'transformMap/3': toMap(null, 2, false),
  'transformMap/4': toMap(2, 3, false),
  'transformMapEntry/3': toMap(null, 2, true),
  'transformMapEntry/4': toMap(2, 3, true),
  'optMap/2': optionalMap(false),
  'optFlatMap/2': optionalMap(true),
  'sortBy/2': sortBy,
};
