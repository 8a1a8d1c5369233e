/**
 * A small part of the POSIX shell's grammar: lists with && || ; and pipes, redirections, if, for, while. Words stay as
 * they were written; the interpreter expands them. Pure. Source: POSIX.1-2024, Shell Command Language.
 */

export type Command =
  | { type: 'simple'; words: string[]; redirects: Redirect[] }
  | { type: 'group'; body: List }
  | { type: 'if'; branches: { condition: List; body: List }[]; otherwise: List | null }
  | { type: 'loop'; until: boolean; condition: List; body: List }
  | { type: 'for'; name: string; words: string[]; body: List };

export interface Redirect {
  /** 1 or 2; 0 reads. */
  from: 0 | 1 | 2;
  /** Null: to where the other output goes (`2>&1`). */
  path: string | null;
  append: boolean;
}

export interface List {
  items: { pipeline: Command[]; negated: boolean; next: '&&' | '||' | ';' }[];
}

export class SyntaxFailure extends Error {}

const OPERATORS = /^(&&|\|\||;;|[;|&()\n]|2>&1|1>&2|>&2|&>>?|[012]?>>?|<)/;
const RESERVED = new Set(['then', 'do', 'done', 'fi', 'else', 'elif', '}', 'esac']);

export function parseScript(text: string): List {
  const parser = new Parser(tokenize(text));
  const list = parser.list([]);
  parser.expectEnd();
  return list;
}

interface Token {
  text: string;
  operator: boolean;
}

function tokenize(text: string): Token[] {
  const out: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const blank = /^[ \t\r]+|^\\\n|^#[^\n]*/.exec(rest);
    if (blank !== null) {
      at += blank[0].length;
      continue;
    }
    const operator = OPERATORS.exec(rest);
    if (operator !== null) {
      out.push({ text: operator[0] === '\n' ? ';' : operator[0], operator: true });
      at += operator[0].length;
      continue;
    }
    const length = wordLength(rest);
    out.push({ text: rest.slice(0, length), operator: false });
    at += length;
  }
  return out;
}

/** Up to the next blank or operator outside of quotes and substitutions. */
function wordLength(text: string): number {
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (/[\s;|&()<>]/.test(char)) break;
    if (char === '\\') at += 2;
    else if (char === "'" || char === '"' || char === '`') at = closing(text, at, char);
    else if (char === '$' && text[at + 1] === '(') at = closingParenthesis(text, at + 1);
    else if (char === '$' && text[at + 1] === '{') at = closing(text, at + 1, '}');
    else at += 1;
  }
  return Math.min(at, text.length);
}

function closing(text: string, open: number, quote: string): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '\\' && quote !== "'") at += 1;
    else if (quote === '"' && text[at] === '$' && text[at + 1] === '(') at = closingParenthesis(text, at + 1) - 1;
    else if (text[at] === quote) return at + 1;
  }
  throw new SyntaxFailure(`unterminated quoted string`);
}

/** Index after the parenthesis that closes the one at `open`. */
export function closingParenthesis(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === "'" || char === '"') at = closing(text, at, char) - 1;
    else if (char === '(') depth += 1;
    else if (char === ')' && --depth === 0) return at + 1;
  }
  throw new SyntaxFailure('unexpected end of file (expecting ")")');
}

class Parser {
  readonly #tokens: Token[];
  #at = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  list(ends: readonly string[]): List {
    const items: List['items'] = [];
    for (;;) {
      while (this.#is(';')) this.#at += 1;
      const token = this.#tokens[this.#at];
      if (token === undefined || token.text === ')' || (!token.operator && ends.includes(token.text))) break;
      if (!token.operator && RESERVED.has(token.text)) throw unexpected(token);
      const negated = token.text === '!' && !token.operator;
      if (negated) this.#at += 1;
      const pipeline = [this.#command()];
      while (this.#is('|')) {
        this.#at += 1;
        pipeline.push(this.#command());
      }
      const end = this.#tokens[this.#at];
      const joins = end?.operator === true && (end.text === '&&' || end.text === '||');
      items.push({ pipeline, negated, next: joins ? (end.text as '&&' | '||') : ';' });
      // A command in the background would outlive its shell here: it is waited for.
      if (joins || this.#is(';') || this.#is('&')) this.#at += 1;
      else if (end !== undefined && end.text !== ')' && !(ends.includes(end.text) && !end.operator))
        throw unexpected(end);
    }
    return { items };
  }

  expectEnd(): void {
    const token = this.#tokens[this.#at];
    if (token !== undefined) throw unexpected(token);
  }

  #is(operator: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.operator === true && token.text === operator;
  }

  #take(word: string): void {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new SyntaxFailure(`unexpected end of file (expecting "${word}")`);
    if (token.text !== word) throw unexpected(token);
    this.#at += 1;
  }

  #body(...ends: string[]): List {
    const list = this.list(ends);
    return list;
  }

  #command(): Command {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new SyntaxFailure('unexpected end of file');
    if (token.operator && token.text === '(') {
      this.#at += 1;
      const body = this.list([]);
      this.#take(')');
      return { type: 'group', body };
    }
    if (token.operator && !/[<>]/.test(token.text)) throw unexpected(token);
    switch (token.text) {
      case '{': {
        this.#at += 1;
        const body = this.#body('}');
        this.#take('}');
        return { type: 'group', body };
      }
      case 'while':
      case 'until': {
        this.#at += 1;
        const condition = this.#body('do');
        this.#take('do');
        const body = this.#body('done');
        this.#take('done');
        return { type: 'loop', until: token.text === 'until', condition, body };
      }
      case 'for':
        return this.#for();
      case 'if':
        return this.#if();
      default:
        return this.#simple();
    }
  }

  #for(): Command {
    this.#at += 1;
    const name = this.#tokens[this.#at]?.text ?? '';
    this.#at += 1;
    const words: string[] = [];
    if (this.#tokens[this.#at]?.text === 'in') {
      this.#at += 1;
      for (let token = this.#tokens[this.#at]; token !== undefined && !token.operator; token = this.#tokens[this.#at]) {
        words.push(token.text);
        this.#at += 1;
      }
    }
    while (this.#is(';')) this.#at += 1;
    this.#take('do');
    const body = this.#body('done');
    this.#take('done');
    return { type: 'for', name, words, body };
  }

  #if(): Command {
    const branches: { condition: List; body: List }[] = [];
    let otherwise: List | null = null;
    for (;;) {
      this.#at += 1;
      const condition = this.#body('then');
      this.#take('then');
      branches.push({ condition, body: this.#body('elif', 'else', 'fi') });
      if (this.#tokens[this.#at]?.text !== 'elif') break;
    }
    if (this.#tokens[this.#at]?.text === 'else') {
      this.#at += 1;
      otherwise = this.#body('fi');
    }
    this.#take('fi');
    return { type: 'if', branches, otherwise };
  }

  #simple(): Command {
    const words: string[] = [];
    const redirects: Redirect[] = [];
    for (let token = this.#tokens[this.#at]; token !== undefined; token = this.#tokens[this.#at]) {
      if (!token.operator) {
        words.push(token.text);
        this.#at += 1;
        continue;
      }
      if (!/[<>]/.test(token.text)) break;
      this.#at += 1;
      if (token.text.endsWith('>&1') || token.text.endsWith('>&2')) {
        redirects.push({ from: token.text === '2>&1' ? 2 : 1, path: null, append: false });
        continue;
      }
      const target = this.#tokens[this.#at];
      if (target === undefined || target.operator)
        throw target === undefined ? new SyntaxFailure('unexpected newline') : unexpected(target);
      this.#at += 1;
      const append = token.text.endsWith('>>');
      if (token.text.startsWith('<')) redirects.push({ from: 0, path: target.text, append: false });
      else if (token.text.startsWith('&')) {
        redirects.push({ from: 1, path: target.text, append }, { from: 2, path: null, append });
      } else redirects.push({ from: token.text.startsWith('2') ? 2 : 1, path: target.text, append });
    }
    return { type: 'simple', words, redirects };
  }
}

function unexpected(token: Token): SyntaxFailure {
  return new SyntaxFailure(`syntax error: unexpected "${token.text}"`);
}
