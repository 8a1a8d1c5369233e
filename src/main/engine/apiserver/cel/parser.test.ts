/** What the parser says of unfinished and misspelt expressions. Texts of kube-apiserver 1.36.2. */
import { expect, test } from 'vitest';
import { CompileError } from './lexer.ts';
import { parse } from './parser.ts';

function complaint(source: string): string {
  try {
    parse(source);
    return 'none';
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    return `${error.at + 1}: ${error.message.replace('Syntax error: ', '')}`;
  }
}

const OPERAND = "'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

test.each<[string, string]>([
  ['object.', "8: no viable alternative at input '.'"],
  ['object. (', "9: no viable alternative at input '. ('"],
  ['object.in', "8: no viable alternative at input '.in'"],
  ['a..b', "3: no viable alternative at input '..'"],
  ['.', "2: no viable alternative at input '.'"],
  ['a.?', "4: mismatched input '<EOF>' expecting {IDENTIFIER, ESC_IDENTIFIER}"],
  ['a.b(', `5: mismatched input '<EOF>' expecting {'[', '{', '(', ')', '.', '-', '!', ${OPERAND}`],
  ['f(,)', `3: extraneous input ',' expecting {'[', '{', '(', ')', '.', '-', '!', ${OPERAND}`],
  ['a.b(1', "6: missing ')' at '<EOF>'"],
  ['a.b(1 2)', "7: extraneous input '2' expecting ')'"],
  ['a.b(x, )', `8: mismatched input ')' expecting {'[', '{', '(', '.', '-', '!', ${OPERAND}`],
  ['a[', `3: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', '?', ${OPERAND}`],
  ['a[]', `3: mismatched input ']' expecting {'[', '{', '(', '.', '-', '!', '?', ${OPERAND}`],
  ['a[1', "4: missing ']' at '<EOF>'"],
  ['(a', "3: missing ')' at '<EOF>'"],
  ['[1', "3: mismatched input '<EOF>' expecting {']', ','}"],
  ['[1,', "4: missing ']' at '<EOF>'"],
  ['[1,,2]', "4: mismatched input ',' expecting ']'"],
  ['{', `2: mismatched input '<EOF>' expecting {'[', '{', '}', '(', '.', ',', '-', '!', '?', ${OPERAND}`],
  ['{1:2', "5: mismatched input '<EOF>' expecting {'}', ','}"],
  ['{1:2,', "6: missing '}' at '<EOF>'"],
  ['{1:2,,}', "6: extraneous input ',' expecting '}'"],
  ['Object{', "8: mismatched input '<EOF>' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}"],
  ['Object{a: 1', "12: mismatched input '<EOF>' expecting {'}', ','}"],
  ['Object{a: 1,', "13: missing '}' at '<EOF>'"],
  ['!', `2: extraneous input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', ${OPERAND}`],
  ['in a', `1: extraneous input 'in' expecting {'[', '{', '(', '.', '-', '!', ${OPERAND}`],
  ['"a" "b"', `5: extraneous input '"b"' expecting <EOF>`],
])('%s', (source, expected) => {
  expect(complaint(source)).toBe(expected);
});

test.each([
  '[,]',
  '{,}',
  '[1,]',
  '{1:2,}',
  'f()',
  '.object.spec',
  'Object{a: 1,}',
  '[?a.?b]',
])('%s is one', (source) => {
  expect(complaint(source)).toBe('none');
});
