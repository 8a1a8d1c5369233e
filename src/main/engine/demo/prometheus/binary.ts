/** Binary operators between scalars and vectors, with vector matching. Pure. Source: Prometheus documentation, "Operators". */
import type { Expression, Matching } from './parse.ts';
import { identity, type Labels, NAME, QueryError, type Sample, unnamed, type Value } from './types.ts';

type Operation = Pick<Extract<Expression, { type: 'binary' }>, 'op' | 'bool' | 'matching'>;

const COMPARISONS = new Set(['==', '!=', '>', '<', '>=', '<=']);
const SETS = new Set(['and', 'or', 'unless']);

export function binary(operation: Operation, left: Value, right: Value): Value {
  const { op, bool } = operation;
  if (left.kind === 'scalar' && right.kind === 'scalar') {
    if (COMPARISONS.has(op) && !bool)
      throw new QueryError('bad_data', 'invalid parameter "query": comparisons between scalars must use BOOL modifier');
    return { kind: 'scalar', value: Number(apply(op, left.value, right.value)) };
  }
  if (left.kind === 'vector' && right.kind === 'scalar')
    return vector(left.samples.flatMap((one) => result(operation, one.labels, one.value, right.value, one.value)));
  if (left.kind === 'scalar' && right.kind === 'vector')
    return vector(right.samples.flatMap((one) => result(operation, one.labels, left.value, one.value, one.value)));
  if (left.kind !== 'vector' || right.kind !== 'vector')
    throw new QueryError(
      'bad_data',
      'invalid parameter "query": binary expression must contain only scalar and instant vector types',
    );
  return vector(
    SETS.has(op)
      ? setOperation(op, operation.matching, left.samples, right.samples)
      : matched(operation, left.samples, right.samples),
  );
}

function vector(samples: Sample[]): Value {
  return { kind: 'vector', samples };
}

/** A comparison without `bool` filters and keeps the vector's value and name. */
function result(operation: Operation, labels: Labels, left: number, right: number, keep: number): Sample[] {
  const value = apply(operation.op, left, right);
  if (typeof value === 'number') return [{ labels: unnamed(labels), value }];
  if (operation.bool) return [{ labels: unnamed(labels), value: value ? 1 : 0 }];
  return value ? [{ labels, value: keep }] : [];
}

function apply(op: string, left: number, right: number): number | boolean {
  switch (op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left % right;
    case '^':
      return left ** right;
    case 'atan2':
      return Math.atan2(left, right);
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '>':
      return left > right;
    case '<':
      return left < right;
    case '>=':
      return left >= right;
    case '<=':
      return left <= right;
    default:
      throw new QueryError(
        'bad_data',
        `invalid parameter "query": set operator "${op}" not allowed in binary scalar expression`,
      );
  }
}

function setOperation(op: string, matching: Matching, left: readonly Sample[], right: readonly Sample[]): Sample[] {
  const key = keyOf(matching);
  const there = new Set(right.map((one) => key(one.labels)));
  if (op === 'and') return left.filter((one) => there.has(key(one.labels)));
  if (op === 'unless') return left.filter((one) => !there.has(key(one.labels)));
  const here = new Set(left.map((one) => key(one.labels)));
  return [...left, ...right.filter((one) => !here.has(key(one.labels)))];
}

function keyOf(matching: Matching): (labels: Labels) => string {
  const names = new Set(matching.labels);
  const counts = (name: string) => (matching.on ? names.has(name) : name !== NAME && !names.has(name));
  return (labels) => identity(Object.fromEntries(Object.entries(labels).filter(([name]) => counts(name))));
}

function matched(operation: Operation, left: readonly Sample[], right: readonly Sample[]): Sample[] {
  const { matching, op, bool } = operation;
  const key = keyOf(matching);
  const swapped = matching.many === 'right';
  const [many, one] = swapped ? [right, left] : [left, right];
  const ones = new Map<string, Sample>();
  for (const sample of one) {
    const at = key(sample.labels);
    if (ones.has(at))
      throw new QueryError(
        'execution',
        `found duplicate series for the match group ${show(sample.labels)} on the ${swapped ? 'left' : 'right'} hand-side of the operation;many-to-many matching not allowed: matching labels must be unique on one side`,
      );
    ones.set(at, sample);
  }
  const out: Sample[] = [];
  const seen = new Set<string>();
  for (const sample of many) {
    const at = key(sample.labels);
    const other = ones.get(at);
    if (other === undefined) continue;
    if (matching.many === null && seen.has(at))
      throw new QueryError(
        'execution',
        'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
      );
    seen.add(at);
    const [a, b] = swapped ? [other.value, sample.value] : [sample.value, other.value];
    const value = apply(op, a, b);
    if (value === false && !bool) continue;
    const filters = typeof value === 'boolean' && !bool;
    const labels = joined(matching, filters ? sample.labels : unnamed(sample.labels), other.labels);
    out.push({ labels, value: filters ? a : Number(value) });
  }
  return out;
}

function joined(matching: Matching, many: Labels, one: Labels): Labels {
  const names = new Set(matching.labels);
  const stays = (name: string) => (matching.on ? names.has(name) : name === NAME || !names.has(name));
  const out: Record<string, string> =
    matching.many === null ? Object.fromEntries(Object.entries(many).filter(([name]) => stays(name))) : { ...many };
  for (const name of matching.include) {
    if (one[name] === undefined || one[name] === '') delete out[name];
    else out[name] = one[name];
  }
  return out;
}

function show(labels: Labels): string {
  return `{${Object.entries(unnamed(labels))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ')}}`;
}
