/**
 * The filter line of a view. Terms must all hold; `-` before a term turns it round; `|` inside a value means "or". Pure.
 *
 *   web shop              words, somewhere in name, namespace, target and every cell a person reads but what is in use now
 *   "two words"           quotes keep words together
 *   label:app=web         labels: `label:key`, `label:key=a|b`, `label:key!=a`
 *   status:crash          status cells and the row's level
 *   ns:shop  cluster:eu   the namespace exactly, the cluster's name in part
 *   node:worker-3         the cell of a column contains the text
 *   restarts>5  age<2h    comparisons by what a column holds: numbers, quantities (`cpu>=500m`), ages, texts (`=`, `!=`)
 */

import { quantityValue } from '#shared/kubernetes/quantity.ts';
import type { ColumnDefinition } from './columns/define.ts';
import type { KindDefinition } from './columns/index.ts';
import { type Row, searchText } from './row.ts';
import { remembered, timeOf } from './values.ts';

export type RowFilter = (row: Row) => boolean;

export function parseFilter(
  definition: KindDefinition,
  options: { filter: string; namespaces: readonly string[] },
  now: () => number = Date.now,
): RowFilter {
  const tests: RowFilter[] = [];
  if (options.namespaces.length > 0) {
    const wanted = new Set(options.namespaces);
    tests.push((row) => row.namespace === '' || wanted.has(row.namespace));
  }
  for (const term of termsOf(options.filter)) {
    const negative = term.length > 1 && term.startsWith('-');
    const test = testOf(definition, negative ? term.slice(1) : term, now);
    if (test !== null) tests.push(negative ? (row) => !test(row) : test);
  }
  return (row) => {
    for (const test of tests) if (!test(row)) return false;
    return true;
  };
}

/** The cells that a word is looked for in. What is in use now is new with every look: nothing to find anything by. */
export function searchedCells(definition: KindDefinition): number[] {
  return indexesOf(definition, ['text', 'number', 'status', 'quantity']).filter(
    (index) => definition.columns[index]?.usage === undefined,
  );
}

/** Null for a term that is not finished: a person is still typing. */
function testOf(definition: KindDefinition, term: string, now: () => number): RowFilter | null {
  const named = /^([A-Za-z][\w-]*):(.*)$/s.exec(term);
  if (named !== null) {
    const [, name = '', value = ''] = named;
    if (name === 'label') return value === '' ? null : labelTest(value);
    const words = alternatives(value);
    if (name === 'status') return words.length === 0 ? null : statusTest(definition, words);
    if (name === 'ns' || name === 'namespace') {
      const wanted = new Set(value.split('|'));
      return value === '' ? null : (row) => wanted.has(row.namespace);
    }
    const text = textOf(definition, name);
    if (text !== null) {
      const has = remembered(hit(words));
      return words.length === 0 ? null : (row) => has(text(row));
    }
  }
  const compared = /^([A-Za-z][\w-]*)(>=|<=|!=|=|>|<)(.*)$/s.exec(term);
  if (compared !== null) {
    const [, name = '', operator = '', value = ''] = compared;
    const test = comparison(definition, name, operator, value, now);
    if (test !== undefined) return test;
  }
  const readable = searchedCells(definition);
  const words = alternatives(term);
  if (words.length === 1) {
    const [word = ''] = words;
    return (row) => searchText(row, readable).includes(word);
  }
  return words.length === 0 ? null : (row) => includesAny(searchText(row, readable), words);
}

/** Whether a text has one of the words, which are in lower case. */
function hit(words: readonly string[]): (text: string) => boolean {
  const [word = ''] = words;
  if (words.length === 1) return (text) => text.toLowerCase().includes(word);
  return (text) => includesAny(text.toLowerCase(), words);
}

/**
 * True when all that matches `after` matches `before` too, as while a person goes on writing a word: then only what is
 * shown has to be looked through.
 */
export function narrows(before: string, after: string): boolean {
  if (!after.startsWith(before)) return false;
  const unfinished = /\S*$/.exec(before)?.[0] ?? '';
  const term = unfinished + (/^\S*/.exec(after.slice(before.length))?.[0] ?? '');
  // Of anything but a plain word more letters may let more through.
  return !before.includes('"') && (unfinished === '' || !/^-|[|:<>=!"]/.test(term));
}

/** `key`, `key=a|b`, `key!=a|b`; exactly. */
function labelTest(label: string): RowFilter {
  const match = /^([^=!]+)(!?=)(.*)$/s.exec(label);
  if (match === null) return (row) => row.labels.includes(`\n${label}=`);
  const [, key = '', operator, values = ''] = match;
  const needles = values.split('|').map((value) => `\n${key}=${value}\n`);
  const has: RowFilter = (row) => needles.some((needle) => row.labels.includes(needle));
  return operator === '!=' ? (row) => !has(row) : has;
}

function statusTest(definition: KindDefinition, words: readonly string[]): RowFilter {
  const states = indexesOf(definition, ['status']);
  const has = remembered(hit(words));
  return (row) => words.includes(row.level) || states.some((index) => has(String(row.cells[index] ?? '')));
}

/** The text of a field as it is written, null when there is no such field. */
function textOf(definition: KindDefinition, name: string): ((row: Row) => string) | null {
  const wanted = name.toLowerCase();
  if (wanted === 'name') return (row) => row.name;
  if (wanted === 'cluster' || wanted === 'target') return (row) => row.source.name;
  const column = columnOf(definition, wanted);
  if (column === null) return null;
  return (row) => String(row.cells[column.index] ?? '');
}

/** Undefined: no such column, so the term is a word. Null: the value is not finished. */
function comparison(
  definition: KindDefinition,
  name: string,
  operator: string,
  value: string,
  now: () => number,
): RowFilter | null | undefined {
  const wanted = name.toLowerCase();
  const column = columnOf(definition, wanted);
  if (column === null && textOf(definition, wanted) === null && wanted !== 'ns' && wanted !== 'namespace')
    return undefined;
  if (value === '') return null;
  if (column !== null && column.definition.kind !== 'text' && column.definition.kind !== 'status') {
    const number = numberOf(column.definition, value);
    if (number === null) return null;
    const { index } = column;
    const holds = comparing(operator, number);
    const read = numberIn(column.definition, now);
    return (row) => {
      const value = read(row.cells[index] ?? null);
      return value !== null && holds(value);
    };
  }
  const text =
    wanted === 'ns' || wanted === 'namespace' ? (row: Row) => row.namespace : (textOf(definition, wanted) as TextOf);
  const words = value.toLowerCase().split('|');
  const is = remembered((value) => words.includes(value.toLowerCase()));
  if (operator === '=') return (row) => is(text(row));
  if (operator === '!=') return (row) => !is(text(row));
  return null;
}
type TextOf = (row: Row) => string;

function columnOf(definition: KindDefinition, name: string): { definition: ColumnDefinition; index: number } | null {
  const bare = name.replaceAll('-', '');
  const index = definition.columns.findIndex(
    ({ id, title }) => id.toLowerCase() === name || title.toLowerCase().replaceAll(/[^a-z0-9]/g, '') === bare,
  );
  const found = definition.columns[index];
  return found === undefined ? null : { definition: found, index };
}

function comparing(operator: string, wanted: number): (value: number) => boolean {
  switch (operator) {
    case '>':
      return (value) => value > wanted;
    case '>=':
      return (value) => value >= wanted;
    case '<':
      return (value) => value < wanted;
    case '<=':
      return (value) => value <= wanted;
    case '!=':
      return (value) => value !== wanted;
    default:
      return (value) => value === wanted;
  }
}

function numberOf({ kind }: ColumnDefinition, text: string): number | null {
  if (kind === 'age') return durationOf(text);
  if (kind === 'quantity') return quantityValue(text);
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

/** A cell as a number: seconds for ages. */
function numberIn({ kind }: ColumnDefinition, now: () => number): (cell: string | number | null) => number | null {
  if (kind === 'age') {
    return (cell) => {
      const time = cell === null ? null : timeOf(String(cell));
      return time === null ? null : (now() - time) / 1000;
    };
  }
  const quantity = remembered(quantityValue);
  return (cell) => (typeof cell !== 'string' ? cell : kind === 'quantity' ? quantity(cell) : null);
}

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };

/** `90s`, `2h`, `1d12h` in seconds. */
function durationOf(text: string): number | null {
  if (!/^(\d+[smhdwy])+$/.test(text)) return null;
  let seconds = 0;
  for (const [, count, unit = 's'] of text.matchAll(/(\d+)([smhdwy])/g)) seconds += Number(count) * (UNITS[unit] ?? 1);
  return seconds;
}

function alternatives(value: string): string[] {
  return value
    .toLowerCase()
    .split('|')
    .filter((word) => word !== '');
}

function includesAny(text: string, words: readonly string[]): boolean {
  for (const word of words) if (text.includes(word)) return true;
  return false;
}

function indexesOf(definition: KindDefinition, kinds: readonly string[]): number[] {
  return definition.columns.flatMap((column, index) => (kinds.includes(column.kind) ? [index] : []));
}

function termsOf(filter: string): string[] {
  const terms: string[] = [];
  for (const match of filter.matchAll(/((?:[^\s"]|"[^"]*"?)+)/g)) {
    const term = (match[1] ?? '').replaceAll('"', '');
    if (term !== '') terms.push(term);
  }
  return terms;
}
