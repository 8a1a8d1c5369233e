/**
 * Questions about the types of built-in kinds: patch strategies, list types, unknown and duplicate fields.
 * Source: API reference (patch strategy and merge keys), KEP-555 (list and map types), KEP-2885 (field validation).
 */
import { goQuoted } from '../go-quote.ts';
import { isRecord } from '../json.ts';
import type { KindDefinition } from '../types.ts';
import { type Field, type Message, message, messageOfSchema, type TypeRef } from './fields.ts';

export interface PatchStrategy {
  mergeKey?: string;
  strategies: string[];
  /** Why there is no such field, in the words of the merge: what holds it has no declared fields. */
  unknown?: string;
}

export interface UnknownField {
  path: string;
  kind: 'unknown' | 'duplicate';
}

type KindOrSchema = Pick<KindDefinition, 'schema'> | string;

function rootOf(kind: KindOrSchema): Message | undefined {
  return messageOfSchema(typeof kind === 'string' ? kind : kind.schema);
}

/** The element type behind lists and maps; map keys and list positions are steps of the path. */
function descend(type: TypeRef, step: string): { type: TypeRef; field?: Field } | undefined {
  if (type.kind === 'message') {
    const field = message(type.id)?.byName.get(step);
    return field === undefined ? undefined : { type: field.type, field };
  }
  // Lists are stepped through without an index (`containers`, `ports`) or with one (`containers`, `0`, `ports`).
  if (type.kind === 'list') return /^(\d+|-)$/.test(step) ? { type: type.of } : descend(type.of, step);
  return type.kind === 'map' ? { type: type.of } : undefined;
}

/** The field at a path such as `['spec', 'template', 'spec', 'containers']`; undefined when the schema has none. */
export function fieldAt(kind: KindOrSchema, path: readonly string[]): Field | undefined {
  const root = rootOf(kind);
  if (root === undefined) return undefined;
  let here: { type: TypeRef; field?: Field } = { type: { kind: 'message', id: root.id } };
  for (const step of path) {
    const next = descend(here.type, step);
    if (next === undefined) return undefined;
    here = next;
  }
  return here.field;
}

/** How a strategic merge patch treats the field at `path`; no strategies means replace (lists) or merge (maps). */
export function patchStrategyOf(kind: KindOrSchema, path: readonly string[]): PatchStrategy {
  const field = fieldAt(kind, path);
  const unknown = undeclared(kind, path);
  if (unknown !== undefined) return { strategies: [], unknown };
  if (field === undefined) return { strategies: [] };
  return { ...(field.mergeKey === undefined ? {} : { mergeKey: field.mergeKey }), strategies: field.strategies };
}

/** Texts without declared fields, by what Go calls their type. */
const OPAQUE = new Set(['RawExtension', 'FieldsV1', 'JSON']);

/** What the last step goes into has to be a structure with declared fields. */
function undeclared(kind: KindOrSchema, path: readonly string[]): string | undefined {
  let holder = fieldAt(kind, path.slice(0, -1))?.type;
  while (holder?.kind === 'list') holder = holder.of;
  if (holder?.kind === 'map') return 'merging an object in json but data type is not struct, instead is: map';
  const missing = (struct: string) =>
    `unable to find api field in struct ${struct} for the json field ${JSON.stringify(path.at(-1))}`;
  if (holder?.kind === 'message') {
    const type = message(holder.id);
    return type === undefined || type.byName.has(path.at(-1)!) ? undefined : missing(type.name);
  }
  return holder?.kind === 'scalar' && OPAQUE.has(holder.scalar) ? missing(holder.scalar) : undefined;
}

/**
 * Fields of the object that its type does not have. Kinds without a built-in type have none that are unknown. What it has in
 * common with `known`, an object without unknown fields, is not looked at. `keyless`: places do not name the keys of maps.
 */
export function unknownFields(
  kind: KindOrSchema,
  object: unknown,
  known: unknown = undefined,
  keyless = false,
): UnknownField[] {
  const root = rootOf(kind);
  const found: UnknownField[] = [];
  if (root !== undefined) collect({ kind: 'message', id: root.id }, object, '', found, { top: true, keyless }, known);
  return found;
}

/** Unknown fields inside metadata alone, for custom resources. */
export function unknownMetadataFields(metadata: unknown): UnknownField[] {
  const found: UnknownField[] = [];
  collect({ kind: 'message', id: 'meta.ObjectMeta' }, metadata, 'metadata', found, NESTED);
  return found;
}

interface Place {
  /** At the root of an object. */
  top: boolean;
  /** Of what is in a map, it is not told under which key. */
  keyless: boolean;
}
const NESTED: Place = { top: false, keyless: false };

function collect(
  type: TypeRef,
  value: unknown,
  path: string,
  found: UnknownField[],
  { top, keyless }: Place,
  clean: unknown = undefined,
): void {
  if (typeof value !== 'object' || value === null || value === clean) return;
  if (type.kind === 'list') {
    if (Array.isArray(value))
      for (const [index, item] of value.entries())
        collect(type.of, item, `${path}[${index}]`, found, { top: false, keyless });
    return;
  }
  if (Array.isArray(value)) return;
  if (type.kind === 'map') {
    for (const [key, item] of Object.entries(value))
      collect(type.of, item, keyless ? path : path === '' ? key : `${path}.${key}`, found, { top: false, keyless });
    return;
  }
  if (type.kind !== 'message') return;
  const known = message(type.id);
  if (known === undefined) return;
  const fields = value as Record<string, unknown>;
  for (const key of Object.keys(fields)) {
    const item = fields[key];
    if ((top || known.isKind) && (key === 'apiVersion' || key === 'kind')) continue;
    const at = path === '' ? key : `${path}.${key}`;
    const field = known.byName.get(key);
    if (field === undefined) found.push({ path: at, kind: 'unknown' });
    else collect(field.type, item, at, found, { top: false, keyless }, isRecord(clean) ? clean[key] : undefined);
  }
}

/** Where the string that begins at `start` is over. */
function endOfString(text: string, start: number): number {
  for (let quote = start; ; ) {
    quote = text.indexOf('"', quote + 1);
    if (quote < 0) return text.length;
    let before = quote;
    while (text[before - 1] === '\\') before -= 1;
    // An even number of backslashes before a quote leaves it unescaped.
    if ((quote - before) % 2 === 0) return quote + 1;
  }
}

/**
 * Keys that JSON text gives twice, in order of appearance. JSON.parse keeps the last one silently, so this reads the
 * text itself; text that is not JSON yields what was found until then. Paths that are `unknown` are told where they stand,
 * once and without what is below them, as a decoder of the type comes across them.
 */
export function duplicateFields(text: string, unknown: ReadonlySet<string> = new Set()): UnknownField[] {
  const found: UnknownField[] = [];
  const told = new Set<string>();
  let at = 0;
  const space = (): void => {
    while (at < text.length && ' \t\r\n'.includes(text[at] ?? '')) at += 1;
  };
  const string = (): string => {
    const start = at;
    at = endOfString(text, start);
    try {
      return JSON.parse(text.slice(start, at));
    } catch {
      return text.slice(start + 1, at - 1);
    }
  };
  const value = (path: string, depth: number): void => {
    space();
    const first = text[at];
    if (depth > 1000) at = text.length;
    else if (first === '{') object(path, depth);
    else if (first === '[') list(path, depth);
    else if (first === '"') string();
    else while (at < text.length && !',]}'.includes(text[at] ?? '')) at += 1;
  };
  const object = (path: string, depth: number): void => {
    const seen = new Set<string>();
    at += 1;
    for (;;) {
      space();
      if (at >= text.length || text[at] === '}') break;
      if (text[at] === ',') {
        at += 1;
        continue;
      }
      if (text[at] !== '"') {
        at = text.length;
        break;
      }
      const key = string();
      const here = path === '' ? key : `${path}.${key}`;
      const isUnknown = unknown.has(here);
      if (isUnknown && !told.has(here)) found.push({ path: here, kind: 'unknown' });
      if (isUnknown) told.add(here);
      else if (seen.has(key)) found.push({ path: here, kind: 'duplicate' });
      seen.add(key);
      space();
      at += 1;
      const before = found.length;
      value(here, depth + 1);
      if (isUnknown) found.length = before;
    }
    at += 1;
  };
  const list = (path: string, depth: number): void => {
    at += 1;
    for (let index = 0; ; ) {
      space();
      if (at >= text.length || text[at] === ']') break;
      if (text[at] === ',') {
        at += 1;
        index += 1;
        continue;
      }
      value(`${path}[${index}]`, depth + 1);
    }
    at += 1;
  };
  value('', 0);
  return found;
}

/** `unknown field "spec.foo"`, as warnings and strict errors have it. */
export function fieldText(field: UnknownField): string {
  return `${field.kind} field ${goQuoted(field.path)}`;
}
