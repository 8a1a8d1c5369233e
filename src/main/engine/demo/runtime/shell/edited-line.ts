/** One line on a terminal while it is typed: its text, where the cursor is, and what has to be written so that both are seen. */

export class EditedLine {
  text = '';
  #at = 0;
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** What is left of the cursor. */
  get before(): string {
    return this.text.slice(0, this.#at);
  }

  /** A key that changes the line or moves within it; others are nothing to it. */
  key(key: string): void {
    switch (key) {
      case '\x7f':
      case '\b':
        if (this.#at > 0) {
          this.#move(this.#at - 1);
          this.remove(1);
        }
        break;
      case '\x1b[3~':
        this.remove(1);
        break;
      case '\x1b[D':
      case '\x1bOD':
      case '\x02':
        this.#move(this.#at - 1);
        break;
      case '\x1b[C':
      case '\x1bOC':
      case '\x06':
        this.#move(this.#at + 1);
        break;
      case '\x1b[H':
      case '\x1bOH':
      case '\x1b[1~':
      case '\x01':
        this.#move(0);
        break;
      case '\x1b[F':
      case '\x1bOF':
      case '\x1b[4~':
      case '\x05':
        this.end();
        break;
      case '\x1b[1;5D':
      case '\x1bb':
        this.#move(this.#wordStart());
        break;
      case '\x1b[1;5C':
      case '\x1bf':
        this.#move(this.#at + (/^\s*\S*/.exec(this.text.slice(this.#at))?.[0].length ?? 0));
        break;
      case '\x0b':
        this.remove(this.text.length - this.#at);
        break;
      case '\x15': {
        const length = this.#at;
        this.#move(0);
        this.remove(length);
        break;
      }
      case '\x17': {
        const length = this.#at - this.#wordStart();
        this.#move(this.#at - length);
        this.remove(length);
        break;
      }
      default:
        if (key >= ' ' && !key.startsWith('\x1b')) this.insert(key);
    }
  }

  insert(text: string): void {
    const after = this.text.slice(this.#at);
    this.text = this.before + text + after;
    this.#at += text.length;
    this.#write(text + after + back(after));
  }

  /** So many characters from the cursor on. */
  remove(count: number): void {
    const gone = this.text.slice(this.#at, this.#at + count);
    const after = this.text.slice(this.#at + count);
    this.text = this.before + after;
    const blank = ' '.repeat(widthOf(gone));
    if (gone !== '') this.#write(after + blank + back(after + blank));
  }

  replace(text: string): void {
    this.#move(0);
    this.remove(this.text.length);
    this.insert(text);
  }

  end(): void {
    this.#move(this.text.length);
  }

  /** On a terminal that shows nothing of it yet. */
  show(): void {
    this.#write(this.text + back(this.text.slice(this.#at)));
  }

  #move(to: number): void {
    const bounded = Math.max(0, Math.min(this.text.length, to));
    if (bounded < this.#at) this.#write(back(this.text.slice(bounded, this.#at)));
    else this.#write(this.text.slice(this.#at, bounded));
    this.#at = bounded;
  }

  #wordStart(): number {
    return this.#at - (/\S*\s*$/.exec(this.before)?.[0].length ?? 0);
  }
}

/** Moves the cursor to before the text. */
function back(text: string): string {
  return '\b'.repeat(widthOf(text));
}

/** Columns on a terminal: what is written in squares takes two. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text)
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/.test(character) ? 2 : 1;
  return width;
}
