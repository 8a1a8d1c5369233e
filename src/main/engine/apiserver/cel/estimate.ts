/**
 * What calls cost at most, told from the sizes of what they are given. A size that nothing bounds, such as that of most
 * results, is not held against the expression. Source: cel-go, checker/cost.go; the API server's estimator for its libraries.
 */
import { type CelType, isDyn, maxOf } from './types.ts';

interface CallEstimate {
  /** Beyond the arguments. */
  cost: number;
  /** Of the result. */
  max?: number | undefined;
}

const TRAVERSAL = 0.1;
const PATTERN = 0.25;
const walk = (size: number | undefined, times = 1): number => Math.ceil((size ?? 0) * times * TRAVERSAL);

function sizeOf(type: CelType | undefined): number | undefined {
  if (type === undefined || isDyn(type)) return undefined;
  const max = maxOf(type);
  if (max !== undefined) return max;
  return type.kind === 'primitive' && ['int', 'uint', 'double', 'bool'].includes(type.name) ? 1 : undefined;
}

const isText = (type: CelType | undefined): boolean =>
  type?.kind === 'primitive' && (type.name === 'string' || type.name === 'bytes');

/** Functions that walk over their first argument once, and whether the result is as long as it. */
const WALKS: Readonly<Record<string, boolean>> = {
  lowerAscii: true,
  upperAscii: true,
  trim: true,
  reverse: true,
  substring: true,
  charAt: false,
  url: false,
  quantity: false,
  isQuantity: false,
  ip: false,
  isIP: false,
  cidr: false,
  isCIDR: false,
  isURL: false,
  semver: false,
  isSemver: false,
  bytes: true,
  'strings.quote': true,
};

/** `types` of the arguments, the one a method is called on first. */
export function estimateCall(name: string, types: readonly CelType[]): CallEstimate {
  const [first, second] = types;
  const [a, b] = [sizeOf(first), sizeOf(second)];
  switch (name) {
    case 'startsWith':
    case 'endsWith':
      return { cost: walk(b) };
    case 'contains':
    case 'indexOf':
    case 'lastIndexOf':
      if (!isText(first)) return { cost: Math.max(1, (a ?? 0) * (walk(sizeOf(itemsOf(first))) + 1)) };
      return { cost: walk(a) * walk(b) };
    case 'matches':
    case 'find':
    case 'findAll':
      return { cost: Math.ceil(((a ?? 0) + 1) * TRAVERSAL) * Math.ceil((b ?? 0) * PATTERN), max: a };
    case '@in':
      return { cost: second?.kind === 'list' ? (b ?? 0) : 1 };
    case '_+_': {
      const max = a === undefined || b === undefined ? undefined : a + b;
      if (first?.kind === 'list') return { cost: 1, max };
      return isText(first) ? { cost: walk(max), max } : { cost: 1 };
    }
    case '_==_':
    case '_!=_':
      return { cost: walk(smaller(a, b)) };
    case '_<_':
    case '_<=_':
    case '_>_':
    case '_>=_':
      return { cost: isText(first) && isText(second) ? walk(smaller(a, b)) : 1 };
    case 'replace':
    case 'split':
      // The walk and what is made of it.
      return { cost: walk(a, 2), max: name === 'split' ? a : undefined };
    case 'join':
      return joined(first, a ?? 0, b ?? 0);
    case 'isSorted':
    case 'sum':
    case 'min':
    case 'max':
      return { cost: Math.max(1, (a ?? 0) * (walk(sizeOf(itemsOf(first))) + 1)) };
    case 'dyn':
      return { cost: 1, max: a };
    default: {
      const keeps = Object.hasOwn(WALKS, name) ? WALKS[name] : undefined;
      if (keeps === undefined) return { cost: 1 };
      return { cost: Math.max(1, isText(first) ? walk(a) : (a ?? 0)), max: keeps ? a : undefined };
    }
  }
}

function itemsOf(type: CelType | undefined): CelType | undefined {
  return type?.kind === 'list' ? type.of : undefined;
}

/** Texts put together with a separator between them. */
function joined(type: CelType | undefined, count: number, separator: number): CallEstimate {
  const max = count === 0 ? 0 : count * (sizeOf(itemsOf(type)) ?? 0) + (count - 1) * separator;
  return { cost: walk(max), max };
}

function smaller(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}
