/** Functions of strings: standard ones, the strings extension (version 2) and Kubernetes' `find`. Offsets count code points. */
import { compilePattern } from '../pattern.ts';
import { BOOL, DYN, INT, list, STRING } from '../types.ts';
import { type CelValue, CostExceeded, EvaluationError } from '../values.ts';
import { format } from './format.ts';
import { fn, method, type Overload } from './overload.ts';

function pattern(text: string, prefix = '') {
  const compiled = compilePattern(text);
  if (compiled === null) throw new EvaluationError(`${prefix}error parsing regexp: ${text}`);
  return compiled;
}

const matches = (text: string, expression: string): boolean => pattern(expression).test(text);

function findAll(text: string, expression: string, limit: bigint): string[] {
  const compiled = pattern(expression, 'Illegal regex: ');
  return limit === 0n ? [] : compiled.findAll(text, limit < 0n ? Number.POSITIVE_INFINITY : Number(limit));
}

function at(text: string, index: bigint): string {
  const characters = [...text];
  if (index < 0n || index > characters.length) throw new EvaluationError(`index out of range: ${index}`);
  return characters[Number(index)] ?? '';
}

/** Offset of the first or last occurrence at or after (before) `from`, in code points. */
function indexOf(text: string, part: string, from: bigint): bigint {
  const [characters, sought] = [[...text], [...part]];
  if (from < 0n || from > characters.length) throw new EvaluationError(`index out of range: ${from}`);
  for (let start = Number(from); start <= characters.length - sought.length; start++)
    if (sought.every((character, offset) => characters[start + offset] === character)) return BigInt(start);
  return -1n;
}

function lastIndexOf(text: string, part: string, from: bigint | null): bigint {
  const [characters, sought] = [[...text], [...part]];
  if (from !== null && (from < 0n || from > characters.length))
    throw new EvaluationError(`index out of range: ${from}`);
  const last = characters.length - sought.length;
  for (let start = from === null ? last : Math.min(Number(from), last); start >= 0; start--)
    if (sought.every((character, offset) => characters[start + offset] === character)) return BigInt(start);
  return -1n;
}

function substring(text: string, start: bigint, end: bigint | null): string {
  const characters = [...text];
  const stop = end ?? BigInt(characters.length);
  if (start < 0n || start > characters.length) throw new EvaluationError(`index out of range: ${start}`);
  if (stop < 0n || stop > characters.length) throw new EvaluationError(`index out of range: ${stop}`);
  if (start > stop) throw new EvaluationError(`invalid substring range. start: ${start}, end: ${stop}`);
  return characters.slice(Number(start), Number(stop)).join('');
}

function split(text: string, separator: string, limit: bigint): string[] {
  if (limit === 0n) return [];
  const parts = separator === '' ? [...text] : text.split(separator);
  if (limit < 0n || parts.length <= limit) return parts;
  const count = Number(limit) - 1;
  return [...parts.slice(0, count), parts.slice(count).join(separator)];
}

/** More text than this comes from no honest expression. */
const MAX_TEXT = 16 * 1024 * 1024;

function checkLength(length: number): void {
  if (length > MAX_TEXT) throw new CostExceeded();
}

function replace(text: string, from: string, to: string, limit: bigint): string {
  const most = Math.min(
    limit < 0n ? Number.POSITIVE_INFINITY : Number(limit),
    text.length / Math.max(1, from.length) + 1,
  );
  checkLength(text.length + most * to.length);
  if (limit < 0n) return text.replaceAll(from, () => to);
  let result = '';
  let rest = text;
  for (let count = 0n; count < limit; count++) {
    const found = rest.indexOf(from);
    if (found < 0) break;
    result += rest.slice(0, found) + to;
    rest = rest.slice(found + from.length);
  }
  return result + rest;
}

const ascii = (change: (text: string) => string) => (text: string) => text.replace(/[A-Za-z]+/g, change);

/** White space as Unicode defines it. */
const trim = (text: string): string => text.replace(/^[\p{White_Space}]+|[\p{White_Space}]+$/gu, '');

const join = (items: CelValue[], separator: string): string => {
  if (!items.every((item) => typeof item === 'string')) throw new EvaluationError('no such overload');
  checkLength(items.length * separator.length);
  return items.join(separator);
};

export const strings: Readonly<Record<string, readonly Overload[]>> = {
  contains: [method([STRING, STRING], BOOL, (text: string, part: string) => text.includes(part))],
  startsWith: [method([STRING, STRING], BOOL, (text: string, part: string) => text.startsWith(part))],
  endsWith: [method([STRING, STRING], BOOL, (text: string, part: string) => text.endsWith(part))],
  matches: [method([STRING, STRING], BOOL, matches), fn([STRING, STRING], BOOL, matches)],
  find: [
    method([STRING, STRING], STRING, (text: string, expression: string) => findAll(text, expression, 1n)[0] ?? ''),
  ],
  findAll: [
    method([STRING, STRING], list(STRING), (text: string, expression: string) => findAll(text, expression, -1n)),
    method([STRING, STRING, INT], list(STRING), findAll),
  ],
  charAt: [method([STRING, INT], STRING, at)],
  indexOf: [
    method([STRING, STRING], INT, (text: string, part: string) => indexOf(text, part, 0n)),
    method([STRING, STRING, INT], INT, indexOf),
  ],
  lastIndexOf: [
    method([STRING, STRING], INT, (text: string, part: string) => lastIndexOf(text, part, null)),
    method([STRING, STRING, INT], INT, lastIndexOf),
  ],
  lowerAscii: [
    method(
      [STRING],
      STRING,
      ascii((text) => text.toLowerCase()),
    ),
  ],
  upperAscii: [
    method(
      [STRING],
      STRING,
      ascii((text) => text.toUpperCase()),
    ),
  ],
  trim: [method([STRING], STRING, trim)],
  substring: [
    method([STRING, INT], STRING, (text: string, start: bigint) => substring(text, start, null)),
    method([STRING, INT, INT], STRING, substring),
  ],
  split: [
    method([STRING, STRING], list(STRING), (text: string, separator: string) => split(text, separator, -1n)),
    method([STRING, STRING, INT], list(STRING), split),
  ],
  replace: [
    method([STRING, STRING, STRING], STRING, (text: string, from: string, to: string) => replace(text, from, to, -1n)),
    method([STRING, STRING, STRING, INT], STRING, replace),
  ],
  join: [
    method([list(STRING)], STRING, (items: CelValue[]) => join(items, '')),
    method([list(STRING), STRING], STRING, join),
  ],
  format: [method([STRING, list(DYN)], STRING, format)],
  'strings.quote': [fn([STRING], STRING, (text: string) => JSON.stringify(text))],
};
