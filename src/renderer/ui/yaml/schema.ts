/** What an editor can say of a YAML text by the schema of its kind: where the cursor is, what may stand there, what is wrong. Pure. */
import { isMap, isScalar, isSeq, type Node, type Pair, parseDocument } from 'yaml';
import type { KindSchema, SchemaNode } from '#shared/contract/resources.ts';

export type Path = readonly (string | number)[];

/** The node with its reference followed; null where nothing is known. */
export function resolve(schema: KindSchema, node: SchemaNode | undefined): SchemaNode | null {
  if (node === undefined) return null;
  if (node.ref === undefined) return node;
  const target = schema.schemas[node.ref];
  // What a field says of itself counts more than what its type says.
  return target === undefined
    ? node
    : { ...target, ...(node.description === undefined ? {} : { description: node.description }) };
}

export function schemaAt(schema: KindSchema, path: Path): SchemaNode | null {
  let node = resolve(schema, schema.schemas[schema.root]);
  for (const part of path) {
    if (node === null) return null;
    if (typeof part === 'number') node = resolve(schema, node.items);
    else node = resolve(schema, node.properties?.[part] ?? node.entries);
  }
  return node;
}

export interface Place {
  /** The mapping or list the cursor is in. */
  path: Path;
  /** What has been typed of a key; null when the cursor is behind `key:`, in a value. */
  key: string | null;
  /** The key whose value is being typed. */
  valueOf: string | null;
}

/** By indentation, which also works while the text is not YAML yet. `line` and `column` count from zero. */
export function placeAt(text: string, line: number, column: number): Place {
  const lines = text.split('\n');
  const before = (lines[line] ?? '').slice(0, column);
  const path: (string | number)[] = [];
  let indent = indentOf(before);
  let item = /^\s*-\s/.test(before) || /^\s*-$/.test(before);
  if (item) indent = before.indexOf('-') + 2;
  const found: (string | number)[][] = [];
  let limit = item ? before.indexOf('-') : indent;
  if (item) found.push([0]);
  for (let at = line - 1; at >= 0 && (limit > 0 || (item && limit === 0)); at--) {
    const row = lines[at] ?? '';
    if (row.trim() === '' || row.trim().startsWith('#')) continue;
    const own = indentOf(row);
    const dash = /^\s*-\s+/.exec(row);
    if (dash !== null) {
      const inner = dash[0].length;
      if (inner < limit || (inner === limit && !item && own < limit)) {
        const key = keyOf(row.slice(inner));
        if (inner < limit && key !== null) found.push([key]);
        found.push([0]);
        limit = own;
        item = true;
        continue;
      }
      continue;
    }
    const key = keyOf(row);
    if (key !== null && (own < limit || (item && own <= limit))) {
      found.push([key]);
      limit = own;
      item = false;
    }
  }
  for (const part of found.reverse()) path.push(...part);
  const rest = before.slice(indent > before.length ? before.length : indent).replace(/^-\s*/, '');
  const value = /^([^\s:]+):\s+\S*$/.exec(rest.trimStart()) ?? /^([^\s:]+):\s*$/.exec(rest.trimStart());
  if (value !== null && before.includes(':')) return { path, key: null, valueOf: value[1] ?? null };
  return { path, key: rest.trim(), valueOf: null };
}

function indentOf(row: string): number {
  return row.length - row.trimStart().length;
}

function keyOf(row: string): string | null {
  return /^\s*["']?([^\s"':]+)["']?:(\s|$)/.exec(row)?.[1] ?? null;
}

export interface Suggestion {
  label: string;
  insert: string;
  detail: string;
  description: string;
}

export function suggestionsAt(schema: KindSchema, text: string, line: number, column: number): Suggestion[] {
  const place = placeAt(text, line, column);
  const node = schemaAt(schema, place.path);
  if (node === null) return [];
  if (place.valueOf !== null) {
    const value = resolve(schema, node.properties?.[place.valueOf] ?? node.entries);
    const values = value?.type === 'boolean' ? ['true', 'false'] : (value?.values ?? []);
    return values.map((each) => ({ label: each, insert: each, detail: '', description: value?.description ?? '' }));
  }
  return Object.entries(node.properties ?? {}).map(([name, property]) => {
    const field = resolve(schema, property) ?? property;
    const required = node.required?.includes(name) === true ? ' *' : '';
    const nested = field.properties !== undefined || field.entries !== undefined || field.type === 'object';
    const insert = field.type === 'array' ? `${name}:\n  - ` : nested ? `${name}:\n  ` : `${name}: `;
    return { label: name, insert, detail: `${typeText(field)}${required}`, description: field.description ?? '' };
  });
}

export function typeText(node: SchemaNode): string {
  if (node.type === 'array') return 'list';
  if (node.entries !== undefined) return 'map';
  return node.type ?? 'object';
}

export interface Problem {
  kind: 'unknown' | 'type' | 'required' | 'value';
  /** Field, and what was expected or is missing. */
  field: string;
  expected: string;
  /** Offsets in the text. */
  from: number;
  to: number;
}

const MOST_PROBLEMS = 100;

/** Unknown and missing fields, wrong types and values. A text that is not YAML has none: that is said elsewhere. */
export function problemsOf(schema: KindSchema, text: string): Problem[] {
  const document = parseDocument(text);
  const root = resolve(schema, schema.schemas[schema.root]);
  if (document.errors.length > 0 || root === null || document.contents === null) return [];
  const problems: Problem[] = [];
  walk(document.contents as Node, root, '', null);
  return problems;

  function walk(node: Node, wanted: SchemaNode, field: string, at: Node | null): void {
    if (problems.length >= MOST_PROBLEMS) return;
    if (isMap(node)) {
      if (wanted.type !== undefined && wanted.type !== 'object' && wanted.type !== 'any') {
        report('type', field, typeText(wanted), at ?? node);
        return;
      }
      for (const pair of node.items as Pair<Node, Node | null>[]) {
        const name = isScalar(pair.key) ? String(pair.key.value) : '';
        const property = wanted.properties?.[name] ?? wanted.entries;
        if (property === undefined) {
          if (wanted.properties !== undefined && wanted.open !== true) report('unknown', name, '', pair.key);
          continue;
        }
        const inner = resolve(schema, property);
        if (inner !== null && pair.value !== null) walk(pair.value, inner, name, pair.key);
      }
      const missing = (wanted.required ?? []).filter((name) => !node.has(name));
      if (missing.length > 0) report('required', field, missing.join(', '), at ?? node);
    } else if (isSeq(node)) {
      if (wanted.type !== undefined && wanted.type !== 'array' && wanted.type !== 'any') {
        report('type', field, typeText(wanted), at ?? node);
        return;
      }
      const inner = resolve(schema, wanted.items);
      if (inner !== null) for (const item of node.items as Node[]) walk(item, inner, field, at);
    } else if (isScalar(node)) scalar(node.value, wanted, field, node);
  }

  function scalar(value: unknown, wanted: SchemaNode, field: string, node: Node): void {
    if (value === null || wanted.type === 'any') return;
    const type = typeof value === 'number' ? (Number.isInteger(value) ? 'integer' : 'number') : typeof value;
    const fits =
      wanted.type === undefined
        ? wanted.properties === undefined
        : wanted.type === type || (wanted.type === 'number' && type === 'integer');
    if (!fits) report('type', field, typeText(wanted), node);
    else if (wanted.values !== undefined && !wanted.values.includes(String(value)))
      report('value', field, wanted.values.join(', '), node);
  }

  function report(kind: Problem['kind'], field: string, expected: string, node: Node): void {
    const [from = 0, to = 0] = node.range ?? [];
    problems.push({ kind, field, expected, from, to: Math.max(to, from + 1) });
  }
}
