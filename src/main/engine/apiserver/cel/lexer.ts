/** Source text of an expression to tokens. Source: CEL specification, "Syntax". */

export interface Token {
  kind: 'identifier' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'operator' | 'end';
  /** What was written; of strings and bytes the value. */
  text: string;
  /** What was written, where `text` is the value of it. */
  shown?: string;
  /** Offset in the source. */
  at: number;
}

/** A fault of the source text or of its types, at an offset. */
export class CompileError extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** The fault with its place, the way the reference implementation shows it. */
export function describe(source: string, error: CompileError): string {
  // Its end comes before its first line.
  if (source === '') return `ERROR: <input>:1:0: ${error.message}`;
  const before = source.slice(0, error.at).split('\n');
  const column = before.at(-1)?.length ?? 0;
  const line = source.split('\n')[before.length - 1] ?? '';
  return `ERROR: <input>:${before.length}:${column + 1}: ${error.message}\n | ${line}\n | ${'.'.repeat(column)}^`;
}

/** Several of them, in the order of their places. */
export function describeAll(source: string, errors: readonly CompileError[]): string {
  const sorted = [...errors].sort((a, b) => a.at - b.at);
  return sorted.map((error) => describe(source, error)).join('\n');
}

const SPACE = /(?:[ \t\r\n\f]|\/\/[^\n]*)+/y;
const NUMBER = /0x[0-9a-fA-F]+u?|(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)|\d+u?/iy;
const IDENTIFIER = /[_a-zA-Z][_a-zA-Z0-9]*/y;
const QUOTED = /([bB]?[rR]?|[rR][bB])("""|'''|"|')/y;
const OPERATOR = /&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()[\]{}]/y;

export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  while (at < source.length) {
    const space = take(SPACE);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    const quoted = take(QUOTED);
    if (quoted !== null) {
      const end = stringEnd(source, at + quoted[0].length, quoted[2]!, /r/i.test(quoted[1]!));
      if (end < 0) throw new CompileError(at, `Syntax error: token recognition error at: '${source.slice(at)}'`);
      const body = source.slice(at + quoted[0].length, end);
      const isBytes = /b/i.test(quoted[1]!);
      const text = /r/i.test(quoted[1]!) ? body : unescaped(body, at, isBytes);
      const shown = source.slice(at, end + quoted[2]!.length);
      tokens.push({ kind: isBytes ? 'bytes' : 'string', text, shown, at });
      at += shown.length;
      continue;
    }
    const number = take(NUMBER);
    const found = number ?? take(IDENTIFIER) ?? take(OPERATOR);
    if (found === null)
      throw new CompileError(at, `Syntax error: token recognition error at: '${source.slice(at, at + 1)}'`);
    const text = found[0];
    tokens.push({ kind: kindOf(text, number !== null), text, at });
    at += text.length;
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: source.length });
  return tokens;
}

function kindOf(text: string, isNumber: boolean): Token['kind'] {
  if (isNumber) {
    if (/u$/i.test(text)) return 'uint';
    return /^0x/i.test(text) || /^\d+$/.test(text) ? 'int' : 'double';
  }
  return /^[_a-zA-Z]/.test(text) ? 'identifier' : 'operator';
}

/** Offset of the closing quote; negative when there is none. */
function stringEnd(source: string, from: number, quote: string, raw: boolean): number {
  for (let at = from; at < source.length; at++) {
    if (source.startsWith(quote, at)) return at;
    if (source[at] === '\\' && !raw) at++;
    else if (source[at] === '\n' && quote.length === 1) return -1;
  }
  return -1;
}

const ESCAPES: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '?': '?',
  '"': '"',
  "'": "'",
  '`': '`',
};

/** Bytes become a string of one character a byte. */
function unescaped(body: string, at: number, isBytes: boolean): string {
  const encoded = isBytes ? Buffer.from(body, 'utf8').toString('latin1') : body;
  return encoded.replace(
    /\\(?:x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([\s\S]))/g,
    (_, x, upperX, short, long, octal, single: string | undefined) => {
      const hex: string | undefined = x ?? upperX ?? short ?? long;
      const code =
        hex === undefined ? (octal === undefined ? null : Number.parseInt(octal, 8)) : Number.parseInt(hex, 16);
      if (code !== null && code <= 0x10ffff) return String.fromCodePoint(code);
      const known = ESCAPES[single ?? ''];
      if (known === undefined) throw new CompileError(at, 'Syntax error: invalid escape sequence');
      return known;
    },
  );
}
