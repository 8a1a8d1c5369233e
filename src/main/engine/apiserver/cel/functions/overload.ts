/** How a function is written down: what it takes, what it gives, what it does. */
import type { CelType } from '../types.ts';
import { type CelValue, Duration, isObjectValue, Opaque, Optional, runtimeType, Timestamp } from '../values.ts';

export interface Overload {
  /** Called as `x.f(y)`: x is the first parameter. */
  member: boolean;
  params: readonly CelType[];
  result: CelType;
  /** Whether values that the checker knew nothing of are what this takes. */
  accepts(values: readonly CelValue[]): boolean;
  /** What a call costs beyond the call itself. */
  cost(values: readonly CelValue[]): number;
  run(values: readonly CelValue[]): CelValue;
}

// biome-ignore lint/suspicious/noExplicitAny: the checker made sure of the types that `run` names.
type Run = (...values: any[]) => CelValue;

type Cost = Overload['cost'];

/** A function called as `f(x)`. Without `cost` it costs as much as it is given. */
export const fn = (params: readonly CelType[], result: CelType, run: Run, cost: Cost = linear): Overload =>
  overload(false, params, result, run, cost);
/** A function called as `x.f(y)`. */
export const method = (params: readonly CelType[], result: CelType, run: Run, cost: Cost = linear): Overload =>
  overload(true, params, result, run, cost);

function overload(member: boolean, params: readonly CelType[], result: CelType, run: Run, cost: Cost): Overload {
  return {
    member,
    params,
    result,
    accepts: (values) => values.length === params.length && values.every((value, index) => fits(value, params[index]!)),
    cost,
    run: (values) => run(...values),
  };
}

/** Whatever walks over text or a list costs in proportion. Source: cel-go, cost of standard functions. */
function linear(values: readonly CelValue[]): number {
  let cost = 0;
  for (const value of values) {
    if (typeof value === 'string' || value instanceof Uint8Array) cost += value.length * 0.1;
    else if (Array.isArray(value)) cost += value.length;
  }
  return cost;
}

/** Whatever compares every item of a list with every other. */
export function quadratic(values: readonly CelValue[]): number {
  const [first, second] = values.map((value) => (Array.isArray(value) ? value.length : 0));
  return linear(values) + (first ?? 0) * (second ?? first ?? 0);
}

function fits(value: CelValue, type: CelType): boolean {
  switch (type.kind) {
    case 'parameter':
      return true;
    case 'list':
      return Array.isArray(value);
    case 'map':
      return value instanceof Map || (value !== null && isObjectValue(value));
    case 'optional':
      return value instanceof Optional;
    case 'object':
      return isObjectValue(value);
    case 'opaque':
      return value instanceof Opaque && value.type === type.name;
    default:
      if (type.name === 'dyn') return true;
      if (value instanceof Timestamp) return type.name === 'google.protobuf.Timestamp';
      if (value instanceof Duration) return type.name === 'google.protobuf.Duration';
      return runtimeType(value) === type.name;
  }
}
