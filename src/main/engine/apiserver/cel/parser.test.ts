/** What the parser says of unfinished and misspelt expressions. Texts of kube-apiserver 1.36.2. */
import { expect, test } from 'vitest';
import { CompileError, SyntaxFaults } from './lexer.ts';
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

/** All complaints, each with its place. */
function complaints(source: string): string[] {
  try {
    parse(source);
    return [];
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const all = error instanceof SyntaxFaults ? [...error.all].sort((a, b) => a.at - b.at) : [error];
    return all.map(({ at, message }) => `${at + 1}: ${message.replace('Syntax error: ', '')}`);
  }
}

const WANTED = `{'[', '{', '(', '.', '-', '!', ${OPERAND}`;

test.each<[string, string[]]>([
  ['/', [`1: mismatched input '/' expecting ${WANTED}`, `2: mismatched input '<EOF>' expecting ${WANTED}`]],
  ['ü', ["1: token recognition error at: 'ü'", `2: mismatched input '<EOF>' expecting ${WANTED}`]],
  ['-!a', ["2: no viable alternative at input '-!'"]],
  ['!-a', ["3: no viable alternative at input '-a'"]],
  [
    '||--,a',
    [
      `1: extraneous input '||' expecting ${WANTED}`,
      "5: no viable alternative at input '-,'",
      `5: extraneous input ',' expecting ${WANTED}`,
    ],
  ],
  ['a.true', ["3: mismatched input 'true' expecting IDENTIFIER"]],
  ['if (a) { b }', ['1: reserved identifier: if', "8: mismatched input '{' expecting <EOF>"]],
  [
    'let x = 1',
    ['1: reserved identifier: let', "5: mismatched input 'x' expecting <EOF>", "7: token recognition error at: '= '"],
  ],
  ["'''a", ["3: token recognition error at: ''a'"]],
  ["b'", ["2: token recognition error at: '''"]],
  ['a.`b`', ["3: unsupported syntax: '`'"]],
  ['A{ ` `', ["7: mismatched input '<EOF>' expecting ':'"]],
  ['a.`b', ["3: token recognition error at: '`b'", "5: no viable alternative at input '.'"]],
  [
    'A{x(!.ü}x:',
    [
      "4: missing ':' at '('",
      "7: token recognition error at: 'ü'",
      "8: no viable alternative at input '.}'",
      "9: mismatched input 'x' expecting <EOF>",
    ],
  ],
  [
    'a { b.c ` !   a ? b : c',
    ["6: missing ':' at '.'", "9: token recognition error at: '` !'", "15: mismatched input 'a' expecting {'}', ','}"],
  ],
  [
    'in ` 1 2u [ <',
    [
      `1: mismatched input 'in' expecting ${WANTED}`,
      "4: token recognition error at: '` 1 2u ['",
      `13: mismatched input '<' expecting ${WANTED}`,
      `14: mismatched input '<EOF>' expecting ${WANTED}`,
    ],
  ],
])('%s is complained of as a whole', (source, expected) => {
  expect(complaints(source)).toEqual(expected);
});

test('what is nested too deep or goes wrong too often ends the complaints', () => {
  expect(complaints(`) ${'('.repeat(20_000)}`)[0]).toContain('recursion limit exceeded: 250');
  expect(complaints(') + '.repeat(20_000)).at(-1)).toContain('attempt limit exceeded: 30');
});
