/** JSON of documents that are made member by member: none of them is in memory as a whole but as the bytes it is sent as. */

/** Members of an object that come one after the other, once. */
export class Members {
  readonly entries: Iterable<[string, unknown]>;

  constructor(entries: Iterable<[string, unknown]>) {
    this.entries = entries;
  }
}

/** `value` as JSON. Members are found at its top and one level below. */
export function jsonBytes(value: Readonly<Record<string, unknown>>): Uint8Array {
  return Buffer.concat([...pieces(value, 2)]);
}

function* pieces(value: unknown, depth: number): Generator<Buffer> {
  const members = membersOf(value, depth);
  if (members === null) {
    yield Buffer.from(JSON.stringify(value));
    return;
  }
  let before = '{';
  for (const [name, member] of members) {
    yield Buffer.from(`${before}${JSON.stringify(name)}:`);
    yield* pieces(member, depth - 1);
    before = ',';
  }
  yield Buffer.from(before === '{' ? '{}' : '}');
}

function membersOf(value: unknown, depth: number): Iterable<[string, unknown]> | null {
  if (value instanceof Members) return value.entries;
  if (depth === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return Object.entries(value);
}
