import { goQuoted } from './go-quote.ts';

/** What is wrong with JSON text, or with its bytes, in the words of the server's own parser. */
export function problemOfJson(given: string | Uint8Array): string | null {
  const bytes = Buffer.from(given as Uint8Array);
  try {
    JSON.parse(bytes.toString('utf8'));
    return null;
  } catch {
    return new Scanner(bytes.toString('latin1')).problem();
  }
}

const LITERALS = ['true', 'false', 'null'];

/** Reads letters that stand for bytes, as the server's parser does. */
class Scanner {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  problem(): string {
    const found = this.value();
    if (found !== null) return found;
    this.space();
    return this.at < this.text.length ? this.unexpected('after top-level value') : 'unexpected end of JSON input';
  }

  private space(): void {
    while (' \t\r\n'.includes(this.text[this.at] ?? 'x')) this.at += 1;
  }

  private unexpected(where: string): string {
    const letter = this.letter();
    return letter === undefined ? 'unexpected end of JSON input' : `invalid character ${quoted(letter)} ${where}`;
  }

  private letter(): string | undefined {
    return this.text[this.at];
  }

  private value(depth = 0): string | null {
    this.space();
    const first = this.text[this.at];
    if (first === undefined || depth > 1000) return 'unexpected end of JSON input';
    if (first === '{') return this.object(depth);
    if (first === '[') return this.list(depth);
    if (first === '"') return this.string();
    const literal = LITERALS.find((each) => each[0] === first);
    if (literal !== undefined) return this.literal(literal);
    const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/.exec(this.text.slice(this.at));
    if (number === null) return this.unexpected('looking for beginning of value');
    this.at += number[0].length;
    return null;
  }

  private literal(word: string): string | null {
    for (let index = 0; index < word.length; index += 1, this.at += 1)
      if (this.text[this.at] !== word[index]) {
        // The end of the text counts as a space within a word.
        const letter = quoted(this.letter() ?? ' ');
        return `invalid character ${letter} in literal ${word} (expecting ${quoted(word[index] ?? '')})`;
      }
    return null;
  }

  private string(): string | null {
    for (this.at += 1; this.text[this.at] !== '"'; this.at += this.text[this.at] === '\\' ? 2 : 1) {
      if (this.text[this.at] === undefined) return 'unexpected end of JSON input';
      if ((this.text[this.at] ?? '') < ' ') return this.unexpected('in string literal');
      const escaped = this.text[this.at] === '\\' ? this.text[this.at + 1] : undefined;
      if (escaped === undefined || '"\\/bfnrtu'.includes(escaped)) continue;
      this.at += 1;
      return this.unexpected('in string escape code');
    }
    this.at += 1;
    return null;
  }

  private object(depth: number): string | null {
    this.at += 1;
    this.space();
    if (this.text[this.at] === '}') {
      this.at += 1;
      return null;
    }
    for (;;) {
      this.space();
      if (this.text[this.at] !== '"') return this.unexpected('looking for beginning of object key string');
      const key = this.string();
      if (key !== null) return key;
      this.space();
      if (this.text[this.at] !== ':') return this.unexpected('after object key');
      this.at += 1;
      const inner = this.value(depth + 1);
      if (inner !== null) return inner;
      this.space();
      const next = this.text[this.at];
      if (next !== ',' && next !== '}') return this.unexpected('after object key:value pair');
      this.at += 1;
      if (next === '}') return null;
    }
  }

  private list(depth: number): string | null {
    this.at += 1;
    this.space();
    if (this.text[this.at] === ']') {
      this.at += 1;
      return null;
    }
    for (;;) {
      const inner = this.value(depth + 1);
      if (inner !== null) return inner;
      this.space();
      const next = this.text[this.at];
      if (next !== ',' && next !== ']') return this.unexpected('after array element');
      this.at += 1;
      if (next === ']') return null;
    }
  }
}

/** A byte is named as the letter of its number. */
function quoted(letter: string): string {
  if (letter === "'") return `'\\''`;
  if (letter === '"') return `'"'`;
  return `'${goQuoted(letter).slice(1, -1)}'`;
}
