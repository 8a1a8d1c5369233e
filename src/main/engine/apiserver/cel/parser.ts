/** Tokens to a tree. Source: CEL specification, "Syntax". */
import { CompileError, type Token, tokenize } from './lexer.ts';
import { Uint } from './values.ts';

/** `at` is the offset that messages point to: of an operator, of the opening bracket of a call, else the start. */
export type Node = { at: number } & (
  | { kind: 'literal'; value: null | boolean | string | number | bigint | Uint | Uint8Array }
  | { kind: 'identifier'; name: string }
  | { kind: 'select'; operand: Node; field: string; optional: boolean }
  | { kind: 'index'; operand: Node; index: Node; optional: boolean }
  | { kind: 'call'; target: Node | null; name: string; args: Node[] }
  | { kind: 'list'; items: { value: Node; optional: boolean }[] }
  | { kind: 'map'; entries: { key: Node; value: Node; optional: boolean }[] }
  | { kind: 'message'; name: string; fields: { name: string; value: Node; optional: boolean; at: number }[] }
);

/** `a.b.c` when it is nothing but names. */
export function qualifiedName(node: Node): string | null {
  if (node.kind === 'identifier') return node.name;
  if (node.kind !== 'select' || node.optional) return null;
  const operand = qualifiedName(node.operand);
  return operand === null ? null : `${operand}.${node.field}`;
}

const MAX_DEPTH = 250;
/** More than this is no rule that a person wrote. Source: cel-go, ParserExpressionSizeLimit. */
const MAX_LENGTH = 100_000;

const BINARY: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['<', '<=', '>', '>=', '==', '!=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];
const RESERVED = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);
const OPERAND =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** Throws CompileError. */
export function parse(source: string): Node {
  if (source.length > MAX_LENGTH)
    throw new CompileError(0, `expression code point size exceeds limit: size: ${source.length}, limit ${MAX_LENGTH}`);
  return new Parser(tokenize(source)).whole();
}

class Parser {
  readonly #tokens: Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  whole(): Node {
    const node = this.#expression();
    const rest = this.#peek();
    if (rest.kind !== 'end') {
      // One token too many is said to be that.
      const what = this.#tokens[this.#next + 1]?.kind === 'end' ? 'extraneous' : 'mismatched';
      throw new CompileError(rest.at, `Syntax error: ${what} input '${rest.text}' expecting <EOF>`);
    }
    return node;
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #take(): Token {
    return this.#tokens[this.#next++]!;
  }

  #is(text: string): boolean {
    const token = this.#peek();
    return token.text === text && (token.kind === 'operator' || token.kind === 'identifier');
  }

  #accept(text: string): Token | null {
    return this.#is(text) ? this.#take() : null;
  }

  #expect(text: string): Token {
    const token = this.#peek();
    if (!this.#is(text))
      throw new CompileError(token.at, `Syntax error: mismatched input '${token.text}' expecting '${text}'`);
    return this.#take();
  }

  #expression(): Node {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH)
      throw new CompileError(this.#peek().at, `expression recursion limit exceeded: ${MAX_DEPTH}`);
    const condition = this.#binary(0);
    const question = this.#accept('?');
    this.#depth -= 1;
    if (question === null) return condition;
    const yes = this.#binary(0);
    this.#expect(':');
    const no = this.#expression();
    return { kind: 'call', target: null, name: '_?_:_', args: [condition, yes, no], at: question.at };
  }

  #binary(level: number): Node {
    const operators = BINARY[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    while (operators.some((operator) => this.#is(operator))) {
      const operator = this.#take();
      const name = operator.text === 'in' ? '@in' : `_${operator.text}_`;
      left = { kind: 'call', target: null, name, args: [left, this.#binary(level + 1)], at: operator.at };
    }
    return left;
  }

  #unary(): Node {
    const token = this.#peek();
    if (token.kind !== 'operator' || (token.text !== '!' && token.text !== '-')) return this.#member();
    this.#take();
    const following = this.#peek();
    if (token.text === '-' && (following.kind === 'int' || following.kind === 'double')) {
      this.#take();
      return this.#suffixes(number(following, true, token.at));
    }
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new CompileError(token.at, `expression recursion limit exceeded: ${MAX_DEPTH}`);
    const operand = this.#unary();
    this.#depth -= 1;
    return { kind: 'call', target: null, name: token.text === '!' ? '!_' : '-_', args: [operand], at: token.at };
  }

  #member(): Node {
    return this.#suffixes(this.#primary());
  }

  #suffixes(start: Node): Node {
    let node = start;
    for (;;) {
      const dot = this.#accept('.');
      if (dot !== null) {
        const optional = this.#accept('?') !== null;
        const name = this.#identifier();
        const open = optional ? null : this.#accept('(');
        node =
          open === null
            ? { kind: 'select', operand: node, field: name, optional, at: dot.at }
            : { kind: 'call', target: node, name, args: this.#list(')'), at: open.at };
        continue;
      }
      const name = this.#is('{') ? qualifiedName(node) : null;
      if (name !== null) {
        node = this.#message(name);
        continue;
      }
      const open = this.#accept('[');
      if (open === null) return node;
      const optional = this.#accept('?') !== null;
      const index = this.#expression();
      this.#expect(']');
      node = { kind: 'index', operand: node, index, optional, at: open.at };
    }
  }

  #identifier(): string {
    const token = this.#peek();
    if (token.kind !== 'identifier' || token.text === 'in')
      throw new CompileError(token.at, `Syntax error: mismatched input '${token.text}' expecting IDENTIFIER`);
    return this.#take().text;
  }

  #primary(): Node {
    const token = this.#take();
    switch (token.kind) {
      case 'int':
      case 'uint':
      case 'double':
        return number(token, false, token.at);
      case 'string':
        return { kind: 'literal', value: token.text, at: token.at };
      case 'bytes':
        return { kind: 'literal', value: Buffer.from(token.text, 'latin1'), at: token.at };
      case 'identifier':
        return this.#named(token);
      default:
        return this.#bracketed(token);
    }
  }

  #named(token: Token): Node {
    if (token.text === 'true' || token.text === 'false')
      return { kind: 'literal', value: token.text === 'true', at: token.at };
    if (token.text === 'null') return { kind: 'literal', value: null, at: token.at };
    if (RESERVED.has(token.text)) throw new CompileError(token.at, `reserved identifier: ${token.text}`);
    if (token.text === 'in')
      throw new CompileError(token.at, `Syntax error: mismatched input 'in' expecting ${OPERAND}`);
    const open = this.#accept('(');
    if (open === null) return { kind: 'identifier', name: token.text, at: token.at };
    return { kind: 'call', target: null, name: token.text, args: this.#list(')'), at: open.at };
  }

  #bracketed(token: Token): Node {
    switch (token.text) {
      case '(': {
        const inner = this.#expression();
        this.#expect(')');
        return inner;
      }
      case '[': {
        const items: { value: Node; optional: boolean }[] = [];
        while (!this.#is(']')) {
          const optional = this.#accept('?') !== null;
          items.push({ value: this.#expression(), optional });
          if (this.#accept(',') === null) break;
        }
        this.#expect(']');
        return { kind: 'list', items, at: token.at };
      }
      case '{':
        return this.#map(token.at);
      default: {
        const what = token.kind !== 'end' && this.#mayBegin() ? 'extraneous' : 'mismatched';
        throw new CompileError(token.at, `Syntax error: ${what} input '${token.text}' expecting ${OPERAND}`);
      }
    }
  }

  /** Whether an operand could begin here. */
  #mayBegin(): boolean {
    const { kind, text } = this.#peek();
    return kind === 'operator' ? ['[', '{', '(', '.', '-', '!'].includes(text) : kind !== 'end' && text !== 'in';
  }

  #map(at: number): Node {
    const entries: { key: Node; value: Node; optional: boolean }[] = [];
    while (!this.#is('}')) {
      const optional = this.#accept('?') !== null;
      const key = this.#expression();
      this.#expect(':');
      entries.push({ key, value: this.#expression(), optional });
      if (this.#accept(',') === null) break;
    }
    this.#expect('}');
    return { kind: 'map', entries, at };
  }

  #message(name: string): Node {
    const { at } = this.#expect('{');
    const fields: (Node & { kind: 'message' })['fields'] = [];
    while (!this.#is('}')) {
      const optional = this.#accept('?') !== null;
      const field = this.#identifier();
      const colon = this.#expect(':');
      fields.push({ name: field, value: this.#expression(), optional, at: colon.at });
      if (this.#accept(',') === null) break;
    }
    this.#expect('}');
    return { kind: 'message', name, fields, at };
  }

  #list(close: string): Node[] {
    const items: Node[] = [];
    while (!this.#is(close)) {
      items.push(this.#expression());
      if (this.#accept(',') === null) break;
    }
    this.#expect(close);
    return items;
  }
}

function number(token: Token, negative: boolean, at: number): Node {
  const sign = negative ? -1 : 1;
  if (token.kind === 'double') return { kind: 'literal', value: sign * Number(token.text), at };
  const value = BigInt(sign) * BigInt(token.text.replace(/u$/i, ''));
  const unsigned = token.kind === 'uint';
  const [low, high] = unsigned ? [0n, 2n ** 64n] : [-(2n ** 63n), 2n ** 63n];
  if (value < low || value >= high)
    throw new CompileError(at, `Syntax error: invalid ${unsigned ? 'uint' : 'int'} literal`);
  return { kind: 'literal', value: unsigned ? new Uint(value) : value, at };
}
