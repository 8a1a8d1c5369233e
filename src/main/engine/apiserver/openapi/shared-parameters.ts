/**
 * The `parameters` section of version 2: parameters are written once and referred to. Left in their places are the few
 * that older clients look for there. Source: kube-openapi, builder/parameters.go.
 */
import type { Schema } from './definitions.ts';

/** kubectl reads these to learn what the server can do. */
const UNSHARED = ['fieldValidation', 'dryRun'];
const GENERIC_BODY = '#/definitions/io.k8s.apimachinery';

export class SharedParameters {
  readonly #section = new Map<string, Schema>();
  readonly #names = new Map<string, string>();

  /** Moves parameters out of path items, in place. */
  *without(items: Iterable<[string, Schema]>): Generator<[string, Schema]> {
    for (const [path, item] of items) {
      for (const holder of [item, ...(Object.values(item) as Schema[])])
        if (Array.isArray(holder.parameters))
          holder.parameters = holder.parameters.map((parameter: Schema) => this.#share(parameter));
      yield [path, item];
    }
  }

  /** What was moved until now, by name. */
  *section(): Generator<[string, Schema]> {
    yield* [...this.#section].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #share(parameter: Schema): Schema {
    if (!isShared(parameter)) return parameter;
    const text = goJson(parameter);
    let name = this.#names.get(text);
    if (name === undefined) {
      name = `${parameter.name}-${hashed(text)}`;
      this.#names.set(text, name);
      this.#section.set(name, parameter);
    }
    return { $ref: `#/parameters/${name}` };
  }
}

function isShared(parameter: Schema): boolean {
  if (parameter.in === 'body')
    return String((parameter.schema as Schema | undefined)?.$ref ?? GENERIC_BODY).startsWith(GENERIC_BODY);
  return parameter.name !== 'name' && !(parameter.in === 'query' && UNSHARED.includes(String(parameter.name)));
}

/** As Go writes JSON: what HTML has a meaning for is escaped. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}

const PRIME = 0x100000001b3n;
const BASIS = 0xcbf29ce484222325n;

/** Six bytes of FNV-1 in letters of URLs. */
function hashed(text: string): string {
  let hash = BASIS;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, hash * PRIME) ^ BigInt(byte);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(hash);
  return bytes.subarray(0, 6).toString('base64url');
}
