/** Types of the Common Expression Language as the checker knows them. Source: CEL specification, "Gradual type checking". */

export type Primitive =
  | 'int'
  | 'uint'
  | 'double'
  | 'bool'
  | 'string'
  | 'bytes'
  | 'null_type'
  | 'dyn'
  | 'type'
  | 'google.protobuf.Timestamp'
  | 'google.protobuf.Duration';

/** `max`: how long a text, list or map can be at most, where a schema or a literal says so. */
export type CelType =
  | { kind: 'primitive'; name: Primitive; max?: number }
  | { kind: 'list'; of: CelType; max?: number }
  | { kind: 'map'; key: CelType; value: CelType; max?: number }
  | { kind: 'optional'; of: CelType }
  /** An object of a schema; fields under their escaped names. `any`: fields of all names, of any type. */
  | { kind: 'object'; name: string; fields: ReadonlyMap<string, CelType> | 'any' }
  /** A value that only functions look into, such as `kubernetes.Quantity`. */
  | { kind: 'opaque'; name: string }
  /** A type variable in the signature of a function. */
  | { kind: 'parameter'; name: string };

const primitive = (name: Primitive): CelType => ({ kind: 'primitive', name });

export const INT = primitive('int');
export const UINT = primitive('uint');
export const DOUBLE = primitive('double');
export const BOOL = primitive('bool');
export const STRING = primitive('string');
export const BYTES = primitive('bytes');
export const NULL = primitive('null_type');
export const DYN = primitive('dyn');
/** Of the items of a list or map literal that has none. */
export const UNKNOWN = primitive('dyn');
export const TYPE = primitive('type');
export const TIMESTAMP = primitive('google.protobuf.Timestamp');
export const DURATION = primitive('google.protobuf.Duration');
export const QUANTITY: CelType = { kind: 'opaque', name: 'kubernetes.Quantity' };
export const URL_TYPE: CelType = { kind: 'opaque', name: 'kubernetes.URL' };
export const IP: CelType = { kind: 'opaque', name: 'net.IP' };
export const CIDR: CelType = { kind: 'opaque', name: 'net.CIDR' };
export const FORMAT: CelType = { kind: 'opaque', name: 'kubernetes.NamedFormat' };
export const SEMVER: CelType = { kind: 'opaque', name: 'kubernetes.Semver' };

/** The type with a bound of its size. */
export function bounded(type: CelType, max: number | undefined): CelType {
  if (max === undefined || (type.kind !== 'primitive' && type.kind !== 'list' && type.kind !== 'map')) return type;
  return { ...type, max };
}

export function withoutBound(type: CelType): CelType {
  if (maxOf(type) === undefined) return type;
  const { max: _max, ...rest } = type as CelType & { max?: number };
  return rest as CelType;
}

/** The type with no bound of its own or of what it holds. */
export function unbounded(type: CelType): CelType {
  switch (type.kind) {
    case 'list':
      return list(unbounded(type.of));
    case 'map':
      return map(unbounded(type.key), unbounded(type.value));
    default:
      return withoutBound(type);
  }
}

export function maxOf(type: CelType): number | undefined {
  return 'max' in type ? type.max : undefined;
}

export const list = (of: CelType): CelType => ({ kind: 'list', of });
export const map = (key: CelType, value: CelType): CelType => ({ kind: 'map', key, value });
export const optional = (of: CelType): CelType => ({ kind: 'optional', of });
export const parameter = (name: string): CelType => ({ kind: 'parameter', name });

/** What type variables stand for in one call. */
export type Bindings = Map<string, CelType>;

export function isDyn(type: CelType): boolean {
  return type.kind === 'primitive' && type.name === 'dyn';
}

/** As messages show it: `list(int)`, `map(string, dyn)`. */
export function typeName(type: CelType): string {
  switch (type.kind) {
    case 'list':
      return `list(${typeName(type.of)})`;
    case 'map':
      return `map(${typeName(type.key)}, ${typeName(type.value)})`;
    case 'optional':
      return `optional_type(${typeName(type.of)})`;
    default:
      return type.name === 'null_type' ? 'null' : type.name;
  }
}

/** Whether a value of `from` may stand where `to` is wanted; binds type variables of `to`. */
export function assignable(from: CelType, to: CelType, bindings: Bindings): boolean {
  if (to.kind === 'parameter') {
    const bound = bindings.get(to.name);
    if (bound === undefined || (isDyn(bound) && !isDyn(from)) || isEmptyOf(bound, from)) {
      bindings.set(to.name, from);
      return true;
    }
    if (isDyn(from) || assignable(from, bound, bindings)) return true;
    if (!assignable(bound, from, bindings)) return false;
    bindings.set(to.name, from);
    return true;
  }
  if (isDyn(from) || isDyn(to)) return true;
  if (from.kind === 'primitive' && from.name === 'null_type')
    return to.kind === 'object' || to.kind === 'opaque' || to.kind === 'optional' || sameName(from, to) || isTime(to);
  if (from.kind !== to.kind) return false;
  if (from.kind === 'list' && to.kind === 'list') return assignable(from.of, to.of, bindings);
  if (from.kind === 'optional' && to.kind === 'optional') return assignable(from.of, to.of, bindings);
  if (from.kind === 'map' && to.kind === 'map')
    return assignable(from.key, to.key, bindings) && assignable(from.value, to.value, bindings);
  return sameName(from, to);
}

/** A list or map literal without items takes the type of what it meets. */
function isEmptyOf(bound: CelType, from: CelType): boolean {
  return (
    (bound.kind === 'list' && from.kind === 'list' && isDyn(bound.of)) ||
    (bound.kind === 'map' && from.kind === 'map' && isDyn(bound.value))
  );
}

function isEmptyLiteral(type: CelType): boolean {
  return (type.kind === 'list' && type.of === UNKNOWN) || (type.kind === 'map' && type.value === UNKNOWN);
}

function isTime(type: CelType): boolean {
  return sameName(type, TIMESTAMP) || sameName(type, DURATION);
}

function sameName(a: CelType, b: CelType): boolean {
  return 'name' in a && 'name' in b && a.name === b.name;
}

/** Replaces type variables by what they stand for; what stands for nothing is dyn. */
export function resolve(type: CelType, bindings: Bindings): CelType {
  switch (type.kind) {
    case 'parameter':
      return bindings.get(type.name) ?? DYN;
    case 'list':
      return list(resolve(type.of, bindings));
    case 'optional':
      return optional(resolve(type.of, bindings));
    case 'map':
      return map(resolve(type.key, bindings), resolve(type.value, bindings));
    default:
      return type;
  }
}

/** The type, as long as the longer of both. */
function asLongAs(type: CelType, other: CelType): CelType {
  const [a, b] = [maxOf(type), maxOf(other)];
  if (a === b) return type;
  return a === undefined || b === undefined ? withoutBound(type) : bounded(type, Math.max(a, b));
}

/** The type that values of both have in common; dyn when there is none. */
export function join(a: CelType, b: CelType): CelType {
  if (isDyn(a) || isDyn(b)) return DYN;
  if (isEmptyLiteral(a)) return assignable(a, b, new Map()) ? b : DYN;
  if (assignable(b, a, new Map())) return asLongAs(a, b);
  return assignable(a, b, new Map()) ? asLongAs(b, a) : DYN;
}
