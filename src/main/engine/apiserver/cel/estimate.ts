/**
 * What calls cost at most, and how long their results can be, told from the sizes of what they are given. What nothing
 * bounds counts as endless: a rule that walks over it costs too much, whatever it does.
 * Source: cel-go, checker/cost.go and ext/lists.go, ext/sets.go; the API server's estimator for its libraries.
 */
import type { Node } from './parser.ts';
import { type CelType, maxOf } from './types.ts';

interface CallEstimate {
  /** Beyond the arguments. */
  cost: number;
  /** Of the result, where the call says something of it. */
  max?: number;
}

export const ENDLESS = Number.POSITIVE_INFINITY;
const TRAVERSAL = 0.1;
const PATTERN = 0.25;
const LIST_COST = 10;
/** A check of the authorizer: two of them are what an expression may cost. */
const CHECK = 350_000;
/** Of a named format, as a pattern. */
const LONGEST_FORMAT = 128;
/** Bytes of an address. */
const ADDRESS = 16;

/** Nothing done endlessly often costs nothing. */
export const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);
const walk = (size: number, factor = 1): number => Math.ceil(times(size, factor * TRAVERSAL));

const SCALARS = new Set(['int', 'uint', 'double', 'bool', 'google.protobuf.Timestamp', 'google.protobuf.Duration']);

export function sizeOf(type: CelType | undefined): number {
  if (type === undefined) return ENDLESS;
  const max = maxOf(type);
  if (max !== undefined) return max;
  if (type.kind === 'optional') return type.of.kind === 'primitive' ? sizeOf(type.of) : ENDLESS;
  // Of objects the schema tells no length.
  if (type.kind === 'object') return 0;
  return type.kind === 'primitive' && SCALARS.has(type.name) ? 1 : ENDLESS;
}

const isText = (type: CelType | undefined): boolean =>
  type?.kind === 'primitive' && (type.name === 'string' || type.name === 'bytes');

function itemsOf(type: CelType | undefined): CelType | undefined {
  return type?.kind === 'list' ? type.of : undefined;
}

const literalOf = (node: Node | undefined): unknown => (node?.kind === 'literal' ? node.value : undefined);
const integerOf = (node: Node | undefined): number | undefined => {
  const value = literalOf(node);
  return typeof value === 'bigint' ? Number(value) : undefined;
};

/** A list that is made anew, item by item. */
function made(factor: number, size: number): CallEstimate {
  return { cost: times(size, factor) + 1 + LIST_COST, max: size };
}

/** `types` of the arguments, the one a method is called on first; `args` as they are written. */
export function estimateCall(name: string, types: readonly CelType[], args: readonly Node[]): CallEstimate {
  const [first, second] = types;
  const [a, b] = [sizeOf(first), sizeOf(second)];
  switch (name) {
    case 'check':
      return { cost: CHECK };
    case 'startsWith':
    case 'endsWith':
      return { cost: walk(b) };
    case 'contains':
      return { cost: isText(first) ? times(walk(a), walk(b)) : 1 };
    case 'isSorted':
    case 'sum':
    case 'min':
    case 'max':
    case 'indexOf':
    case 'lastIndexOf':
      return { cost: eachItem(first, a) };
    case 'matches':
    case 'find':
    case 'findAll': {
      const cost = times(Math.ceil((a + 1) * TRAVERSAL), Math.ceil(b * PATTERN));
      return name === 'matches' ? { cost } : { cost, max: a };
    }
    case '@in':
      return { cost: second?.kind === 'list' ? b : 1 };
    case '_+_':
      if (first?.kind === 'list') return { cost: 1, max: a + b };
      return isText(first) ? { cost: walk(a + b), max: a + b } : { cost: 1 };
    case '_==_':
    case '_!=_':
      return { cost: first?.kind === 'opaque' ? 1 : walk(Math.min(a, b)) };
    case '_<_':
    case '_<=_':
    case '_>_':
    case '_>=_':
      return { cost: isText(first) && isText(second) ? walk(Math.min(a, b)) : 1 };
    case 'url':
    case 'lowerAscii':
    case 'upperAscii':
    case 'substring':
    case 'trim':
      return { cost: walk(a), max: a };
    case 'replace':
      return { cost: walk(a, 2), max: replaced(a, args[1], b, sizeOf(types[2])) };
    case 'split':
      // The walk and what is made of it.
      return { cost: walk(a, 2), max: integerOf(args[2]) ?? a };
    case 'join':
      return joined(first, a, second === undefined ? 0 : b);
    case 'strings.quote':
      return { cost: walk(a), max: 2 * a + 2 };
    case 'format':
    case 'isIP':
    case 'isCIDR':
    case 'cidr':
    case 'quantity':
    case 'isQuantity':
    case 'semver':
    case 'isSemver':
      return { cost: walk(a) };
    case 'ip':
      return { cost: first?.kind === 'opaque' ? 1 : walk(a) };
    case 'ip.isCanonical':
      return { cost: walk(a, 2) };
    case 'containsIP':
      return { cost: walk(2 * ADDRESS) + (isText(second) ? walk(b) : 0) };
    case 'containsCIDR':
      return { cost: walk(2 * ADDRESS) + walk(ADDRESS) + 1 + (isText(second) ? walk(b) : 0) };
    case 'validate':
      return { cost: Math.ceil(times(walk(b), LONGEST_FORMAT * PATTERN)) };
    case 'bytes':
      return isText(first) ? { cost: walk(a), max: 4 * a } : { cost: 1 };
    case 'string':
      return first?.kind === 'primitive' && first.name === 'bytes' ? { cost: walk(a), max: a } : { cost: 1 };
    case 'dyn':
      return { cost: 1, max: a };
    default:
      return estimateLists(name, types, args);
  }
}

/** The libraries of lists and sets. */
function estimateLists(name: string, types: readonly CelType[], args: readonly Node[]): CallEstimate {
  const [first, second] = types;
  const size = sizeOf(first);
  switch (name) {
    case 'slice':
      return made(1, Math.max(0, (integerOf(args[2]) ?? size) - (integerOf(args[1]) ?? 0)));
    case 'lists.range':
      return made(1, integerOf(args[0]) ?? ENDLESS);
    case 'reverse':
      return first?.kind === 'list' ? made(1, size) : { cost: 1 };
    case 'flatten':
      return made(second === undefined ? 1 : (integerOf(args[1]) ?? ENDLESS), size);
    case 'distinct':
      return made(2, times(size, size));
    case 'sort':
      return made(isText(itemsOf(first)) ? 2 + TRAVERSAL : 2, times(size, size));
    case 'sets.contains':
    case 'sets.intersects':
      return { cost: times(size, sizeOf(second)) + 1 };
    case 'sets.equivalent':
      return { cost: 2 * times(size, sizeOf(second)) + 1 };
    default:
      return { cost: 1 };
  }
}

/** One step for every item, and a walk over it where it is a text. */
function eachItem(type: CelType | undefined, size: number): number {
  if (type?.kind !== 'list') return walk(size);
  return times(size, 1 + (isText(type.of) ? walk(sizeOf(type.of)) : 0));
}

/** Every `from` that the text can hold gives way for a `to`; what is empty stands between any two characters. */
function replaced(size: number, node: Node | undefined, from: number, to: number): number {
  const literal = literalOf(node);
  const least = typeof literal === 'string' ? from : 0;
  if (least === 0) return times(size + 1, to) + size;
  return to <= least ? size : times(Math.ceil(size / least), to);
}

/** Texts put together with a separator between them. */
function joined(type: CelType | undefined, count: number, separator: number): CallEstimate {
  const max = count === 0 ? 0 : times(count, sizeOf(itemsOf(type))) + times(count - 1, separator);
  return { cost: walk(max), max };
}
