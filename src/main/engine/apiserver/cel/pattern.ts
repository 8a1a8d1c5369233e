/**
 * Regular expressions from definitions and rules, run in linear time whatever their text and the input are: a pattern that
 * somebody else wrote must not be able to hold the server up. Syntax: RE2, as the field uses it.
 */
import { RE2JS } from 're2js';

export interface Pattern {
  test(text: string): boolean;
  /** The matches from left to right, `limit` at most. */
  findAll(text: string, limit: number): string[];
}

const MAX_KEPT = 1000;
const kept = new Map<string, Pattern | null>();

/** Null when the text is no regular expression. */
export function compilePattern(source: string): Pattern | null {
  const known = kept.get(source);
  if (known !== undefined) return known;
  const pattern = build(source);
  if (kept.size >= MAX_KEPT) kept.delete(kept.keys().next().value!);
  kept.set(source, pattern);
  return pattern;
}

function build(source: string): Pattern | null {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source);
  } catch {
    return null;
  }
  return {
    test: (text) => compiled.matcher(text).find(),
    findAll(text, limit) {
      const matcher = compiled.matcher(text);
      const found: string[] = [];
      while (found.length < limit && matcher.find()) found.push(matcher.group() ?? '');
      return found;
    },
  };
}
