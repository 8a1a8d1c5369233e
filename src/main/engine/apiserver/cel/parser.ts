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
/** What may begin an operand, in the order in which messages name it, with what else may stand there. */
const OPERAND =
  "'[' '{' '(' '.' '-' '!' 'true' 'false' 'null' NUM_FLOAT NUM_INT NUM_UINT STRING BYTES IDENTIFIER".split(' ');
const MAY_STAND = ["'['", "']'", "'{'", "'}'", "'('", "')'", "'.'", "','", "'-'", "'!'", "'?'"];
const FIELD = "{'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}";
const OPTIONAL_FIELD = '{IDENTIFIER, ESC_IDENTIFIER}';

/** `also`: what ends or alters a list, beside its first item. */
function operandOr(...also: string[]): string {
  const rest = OPERAND.filter((each) => !MAY_STAND.includes(each));
  const marks = MAY_STAND.filter((each) => OPERAND.includes(each) || also.includes(each));
  return `{${[...marks, ...rest].join(', ')}}`;
}

/** Throws CompileError. */
export function parse(source: string): Node {
  if (source.length > MAX_LENGTH)
    throw new CompileError(0, `expression code point size exceeds limit: size: ${source.length}, limit ${MAX_LENGTH}`);
  return new Parser(source).whole();
}

class Parser {
  readonly #source: string;
  readonly #tokens: Token[];
  #next = 0;
  #depth = 0;
  /** Of the brackets around what is read, the inmost last. */
  readonly #closers: string[] = [];

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  whole(): Node {
    const node = this.#expression();
    const rest = this.#peek();
    if (rest.kind !== 'end') {
      // One token too many is said to be that.
      const what = this.#tokens[this.#next + 1]?.kind === 'end' ? 'extraneous' : 'mismatched';
      throw complaint(what, rest, '<EOF>');
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
    if (this.#is(text)) return this.#take();
    throw this.#unexpected(`'${text}'`, text);
  }

  /** Goes into brackets of which `close` is the end. */
  #open(close: string): void {
    this.#closers.push(close);
  }

  /** Leaves them. `more`: what else could follow here. */
  #close(more = ''): void {
    const close = this.#closers.at(-1)!;
    if (!this.#is(close)) throw this.#unclosed(close, more);
    this.#closers.pop();
    this.#take();
  }

  /** Where all would be well with the bracket closed, that is what is missing. */
  #unclosed(close: string, more: string): CompileError {
    const token = this.#peek();
    const around = this.#closers.at(-2) ?? '<EOF>';
    const goesOn = token.text === around || (token.text === ',' && around !== '<EOF>');
    if (more === '' && goesOn)
      return new CompileError(token.at, `Syntax error: missing '${close}' at '${token.shown ?? token.text}'`);
    return this.#unexpected(more === '' ? `'${close}'` : `{'${close}', ${more}}`, close);
  }

  /** Without the present token all would be well when `wanted` comes next. */
  #unexpected(expected: string, wanted: string): CompileError {
    const token = this.#peek();
    const next = this.#tokens[this.#next + 1];
    const extra = token.kind !== 'end' && next?.kind === 'operator' && next.text === wanted;
    return complaint(extra ? 'extraneous' : 'mismatched', token, expected);
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
    if (token.text === '!' && following.kind === 'end') throw complaint('extraneous', following, operandOr());
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
        const name = optional ? this.#identifier(OPTIONAL_FIELD) : this.#field(dot);
        const open = optional ? null : this.#accept('(');
        node =
          open === null
            ? { kind: 'select', operand: node, field: name, optional, at: dot.at }
            : { kind: 'call', target: node, name, args: this.#arguments(), at: open.at };
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
      if (!optional) this.#demand(operandOr("'?'"));
      this.#open(']');
      const index = this.#expression();
      this.#close();
      node = { kind: 'index', operand: node, index, optional, at: open.at };
    }
  }

  #identifier(expected: string): string {
    const token = this.#peek();
    if (!isName(token)) throw complaint('mismatched', token, expected);
    return this.#take().text;
  }

  /** The name behind a dot, after which several things could follow. */
  #field(dot: Token): string {
    const token = this.#peek();
    if (isName(token)) return this.#take().text;
    const input = this.#source.slice(dot.at, token.kind === 'end' ? dot.at + 1 : token.at + token.text.length);
    throw new CompileError(token.at, `Syntax error: no viable alternative at input '${input}'`);
  }

  /** Here an operand has to begin; `close` could stand here as well. */
  #demand(expected: string, close = ''): void {
    if (this.#mayBegin(this.#peek())) return;
    const next = this.#tokens[this.#next + 1];
    const extra = next !== undefined && (this.#mayBegin(next) || (next.kind === 'operator' && next.text === close));
    throw complaint(extra ? 'extraneous' : 'mismatched', this.#peek(), expected);
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
        return token.text === 'in' ? this.#bracketed(token) : this.#named(token);
      default:
        return this.#bracketed(token);
    }
  }

  #named(token: Token): Node {
    if (token.text === 'true' || token.text === 'false')
      return { kind: 'literal', value: token.text === 'true', at: token.at };
    if (token.text === 'null') return { kind: 'literal', value: null, at: token.at };
    if (RESERVED.has(token.text)) throw new CompileError(token.at, `reserved identifier: ${token.text}`);
    const open = this.#accept('(');
    if (open === null) return { kind: 'identifier', name: token.text, at: token.at };
    return { kind: 'call', target: null, name: token.text, args: this.#arguments(), at: open.at };
  }

  #bracketed(token: Token): Node {
    switch (token.text) {
      case '(': {
        this.#open(')');
        const inner = this.#expression();
        this.#close();
        return inner;
      }
      case '[': {
        const items: { value: Node; optional: boolean }[] = [];
        this.#sequence(']', () => {
          const optional = this.#accept('?') !== null;
          items.push({ value: this.#expression(), optional });
        });
        return { kind: 'list', items, at: token.at };
      }
      case '{':
        return this.#map(token.at);
      case '.': {
        // A name from the root, where all names are.
        const name = this.#field(token);
        return this.#named({ ...this.#tokens[this.#next - 1]!, text: name });
      }
      default: {
        const what = token.kind !== 'end' && this.#mayBegin(this.#peek()) ? 'extraneous' : 'mismatched';
        throw complaint(what, token, operandOr());
      }
    }
  }

  /** Items between brackets, with a comma behind the last one or without; a comma alone is none. */
  #sequence(close: string, item: () => void): void {
    this.#open(close);
    if (this.#accept(',') === null && !this.#is(close)) {
      if (!this.#is('?')) this.#demand(operandOr(`'${close}'`, "','", "'?'"));
      for (;;) {
        item();
        if (this.#accept(',') === null) {
          if (!this.#is(close)) this.#close("','");
          break;
        }
        if (!this.#is('?') && !this.#mayBegin(this.#peek())) break;
      }
    }
    this.#close();
  }

  /** Whether an operand could begin with it. */
  #mayBegin({ kind, text }: Token): boolean {
    return kind === 'operator'
      ? ['[', '{', '(', '.', '-', '!'].includes(text)
      : kind !== 'end' && !(kind === 'identifier' && text === 'in');
  }

  #map(at: number): Node {
    const entries: { key: Node; value: Node; optional: boolean }[] = [];
    this.#sequence('}', () => {
      const optional = this.#accept('?') !== null;
      const key = this.#expression();
      this.#expect(':');
      entries.push({ key, value: this.#expression(), optional });
    });
    return { kind: 'map', entries, at };
  }

  #message(name: string): Node {
    const { at } = this.#expect('{');
    const fields: (Node & { kind: 'message' })['fields'] = [];
    this.#open('}');
    while (this.#accept(',') === null && !this.#is('}')) {
      const optional = this.#accept('?') !== null;
      const field = this.#identifier(optional ? OPTIONAL_FIELD : FIELD);
      const colon = this.#expect(':');
      fields.push({ name: field, value: this.#expression(), optional, at: colon.at });
      if (this.#accept(',') === null) {
        if (!this.#is('}')) this.#close("','");
        break;
      }
      if (!this.#is('?') && !isName(this.#peek())) break;
    }
    this.#close();
    return { kind: 'message', name, fields, at };
  }

  /** Behind the opening bracket of a call; no comma behind the last one. */
  #arguments(): Node[] {
    const items: Node[] = [];
    this.#open(')');
    if (!this.#is(')')) {
      this.#demand(operandOr("')'"), ')');
      do items.push(this.#expression());
      while (this.#accept(',') !== null);
    }
    this.#close();
    return items;
  }
}

function isName({ kind, text }: Token): boolean {
  return kind === 'identifier' && text !== 'in';
}

function complaint(what: 'extraneous' | 'mismatched', token: Token, expected: string): CompileError {
  return new CompileError(token.at, `Syntax error: ${what} input '${token.shown ?? token.text}' expecting ${expected}`);
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
