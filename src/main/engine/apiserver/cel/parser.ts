/** Tokens to a tree. Source: CEL specification, "Syntax". */
import { CompileError, KEYWORDS, SyntaxFaults, type Token, type TokenFault, tokenize } from './lexer.ts';
import { MAX_DEPTH, RESERVED, syntaxErrors, tooDeep } from './syntax.ts';
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

/** More than this is no rule that a person wrote. Source: cel-go, ParserExpressionSizeLimit. */
const MAX_LENGTH = 100_000;

const BINARY: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['<', '<=', '>', '>=', '==', '!=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];
/** Something stands where it cannot; what that means is said by the walk through the grammar. */
class Unreadable {}

/** Throws CompileError. */
export function parse(source: string): Node {
  if (source.length > MAX_LENGTH)
    throw new CompileError(0, `expression code point size exceeds limit: size: ${source.length}, limit ${MAX_LENGTH}`);
  const faults: TokenFault[] = [];
  const tokens = tokenize(source, faults);
  try {
    const parser = new Parser(tokens);
    const node = parser.whole();
    if (faults.length === 0) {
      if (parser.unsupported !== undefined) throw parser.unsupported;
      return node;
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
  }
  throw new SyntaxFaults([...faults, ...syntaxErrors(without(source, faults), tokens)]);
}

class Parser {
  /** What can be read and is not to be used. */
  unsupported: CompileError | undefined;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Node {
    const node = this.#expression();
    if (this.#peek().kind !== 'end') throw new Unreadable();
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
    throw new Unreadable();
  }

  #expression(): Node {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw tooDeep();
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
    // The two are not mixed, but for the sign of a number.
    const mixed = following.kind === 'operator' && following.text === (token.text === '!' ? '-' : '!');
    if (mixed && !(token.text === '!' && isNumber(this.#tokens[this.#next + 1]!))) throw new Unreadable();
    if (token.text === '-' && isNumber(following)) {
      this.#take();
      return this.#suffixes(number(following, true, token.at));
    }
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw tooDeep();
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
        const name = this.#name();
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
      const index = this.#expression();
      this.#expect(']');
      node = { kind: 'index', operand: node, index, optional, at: open.at };
    }
  }

  #name(): string {
    const { kind, at } = this.#peek();
    if (kind === 'escaped') this.unsupported ??= new CompileError(at, "unsupported syntax: '`'");
    else if (!isName(this.#peek())) throw new Unreadable();
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
        return token.text === 'in' ? this.#bracketed(token) : this.#named(token);
      default:
        return this.#bracketed(token);
    }
  }

  #named(token: Token): Node {
    if (token.text === 'true' || token.text === 'false')
      return { kind: 'literal', value: token.text === 'true', at: token.at };
    if (token.text === 'null') return { kind: 'literal', value: null, at: token.at };
    if (RESERVED.has(token.text)) throw new Unreadable();
    const open = this.#accept('(');
    if (open === null) return { kind: 'identifier', name: token.text, at: token.at };
    return { kind: 'call', target: null, name: token.text, args: this.#arguments(), at: open.at };
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
        const name = this.#name();
        return this.#named({ ...this.#tokens[this.#next - 1]!, text: name });
      }
      default:
        throw new Unreadable();
    }
  }

  /** Items between brackets, with a comma behind the last one or without; a comma alone is none. */
  #sequence(close: string, item: () => void): void {
    if (this.#accept(',') === null && !this.#is(close)) {
      do item();
      while (this.#accept(',') !== null && !this.#is(close));
    }
    this.#expect(close);
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
    this.#sequence('}', () => {
      const optional = this.#accept('?') !== null;
      const field = this.#name();
      const colon = this.#expect(':');
      fields.push({ name: field, value: this.#expression(), optional, at: colon.at });
    });
    return { kind: 'message', name, fields, at };
  }

  /** Behind the opening bracket of a call; no comma behind the last one. */
  #arguments(): Node[] {
    const items: Node[] = [];
    if (!this.#is(')')) {
      do items.push(this.#expression());
      while (this.#accept(',') !== null);
    }
    this.#expect(')');
    return items;
  }
}

function isName({ kind, text }: Token): boolean {
  return kind === 'identifier' && !KEYWORDS.has(text);
}

const isNumber = ({ kind }: Token): boolean => kind === 'int' || kind === 'double';

/** What was no token is no part of what messages quote. */
function without(source: string, faults: readonly TokenFault[]): string {
  let left = source;
  for (const { at, text } of faults) left = left.slice(0, at) + '\0'.repeat(text.length) + left.slice(at + text.length);
  return left;
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
