/** Source text of an expression to tokens. Source: CEL specification, "Syntax". */

export interface Token {
  kind: 'identifier' | 'escaped' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'operator' | 'end';
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

/** What can be no token, and is left out. */
export class TokenFault extends CompileError {
  readonly text: string;
  constructor(at: number, text: string) {
    super(at, `Syntax error: token recognition error at: '${text}'`);
    this.text = text;
  }
}

/** Words that are identifiers to nobody. */
export const KEYWORDS: ReadonlySet<string> = new Set(['in', 'true', 'false', 'null']);

/** All faults of a source text, of which the first one stands for them. */
export class SyntaxFaults extends CompileError {
  readonly all: readonly CompileError[];
  constructor(all: readonly CompileError[]) {
    super(all[0]!.at, all[0]!.message);
    this.all = all;
  }
}

const isWide = (letter: string): boolean => letter.codePointAt(0)! > 0x7f;

/** The fault with its place, the way the reference implementation shows it. */
function describe(source: string, error: CompileError): string {
  // Its end comes before its first line.
  if (source === '') return `ERROR: <input>:1:0: ${error.message}`;
  if (error.at < 0) return `ERROR: <input>:-1:0: ${error.message}`;
  const before = source.slice(0, error.at).split('\n');
  const letters = [...before.at(-1)!];
  const line = (source.split('\n')[before.length - 1] ?? '').replaceAll('\t', ' ');
  const dots = letters.map((letter) => (isWide(letter) ? '\uff0e' : '.')).join('');
  const mark = isWide([...line][letters.length] ?? ' ') ? '\uff3e' : '^';
  return `ERROR: <input>:${before.length}:${letters.length + 1}: ${error.message}\n | ${line}\n | ${dots}${mark}`;
}

/** Several of them, in the order of their places. */
export function describeAll(source: string, errors: readonly CompileError[]): string {
  const sorted = [...errors].sort((a, b) => a.at - b.at);
  return sorted.map((error) => describe(source, error)).join('\n');
}

const SPACE = /(?:[ \t\r\n\f]|\/\/[^\n]*)+/y;
const NUMBER = /0x[0-9a-fA-F]+u?|(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)|\d+u?/iy;
const ESCAPED = /`[\w./ -]+`/y;
const IDENTIFIER = /[_a-zA-Z][_a-zA-Z0-9]*/y;
const QUOTED = /([bB]?[rR]?|[rR][bB])("""|'''|"|')/y;
/** A token that was begun, with what does not complete it, or a letter that nothing begins with. */
const BEGUN = /`[\w./ -]*[\s\S]?|[&|=][\s\S]?|./suy;
const UNCLOSED = /^.[^\n]*\n?/;
const OPERATOR = /&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()[\]{}]/y;

/** What cannot be a token is left out, and told to `faults`. */
export function tokenize(source: string, faults: TokenFault[]): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  const fault = (text: string): number => {
    faults.push(new TokenFault(at, text));
    return text.length;
  };
  /** Where to go on behind a quotation mark that begins no string. */
  const unclosed = ([, prefix = '', quote = '']: readonly string[]): number => {
    if (prefix !== '') tokens.push({ kind: 'identifier', text: prefix, at });
    // Three of them are an empty string and another one.
    else if (quote.length === 3) tokens.push({ kind: 'string', text: '', shown: quote.slice(0, 2), at });
    else return at + fault(UNCLOSED.exec(source.slice(at))![0]);
    return at + (prefix.length || 2);
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
      if (end < 0) {
        at = unclosed(quoted);
        continue;
      }
      const body = source.slice(at + quoted[0].length, end);
      const isBytes = /b/i.test(quoted[1]!);
      const text = /r/i.test(quoted[1]!) ? body : unescaped(body, at, isBytes);
      const shown = source.slice(at, end + quoted[2]!.length);
      tokens.push({ kind: isBytes ? 'bytes' : 'string', text, shown, at });
      at += shown.length;
      continue;
    }
    const escaped = take(ESCAPED);
    if (escaped !== null) {
      tokens.push({ kind: 'escaped', text: escaped[0], at });
      at += escaped[0].length;
      continue;
    }
    const number = take(NUMBER);
    const found = number ?? take(IDENTIFIER) ?? take(OPERATOR);
    if (found === null) {
      const [begun] = take(BEGUN)!;
      at += fault(begun);
      continue;
    }
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
