/** Interprets parsed shell lines: expansion, pipes, redirections, loops. What a command does is in commands.ts. */
import { absolute, FileFailure, type Files } from './files.ts';
import { type Command, closingParenthesis, type List, parseScript, type Redirect, SyntaxFailure } from './parse.ts';

export interface CommandIo {
  /** All of the standard input; waits for its end. */
  input(): Promise<string>;
  /** The same, byte for byte. */
  bytes(): Promise<Buffer>;
  out(content: string | Uint8Array): void;
  err(text: string): void;
}

/** Runs one program; undefined when there is none of that name. */
export type Programs = (name: string, args: string[], io: CommandIo, shell: Shell) => Promise<number> | undefined;

export class ExitShell extends Error {
  readonly code: number;
  constructor(code: number) {
    super('exit');
    this.code = code;
  }
}

/** What one pipe carries at most; more ends the writer, as a closed pipe would. */
const MOST_PIPED = 8 << 20;

class PipeFull extends Error {}

/** An input that is there already. */
export function inputOf(content: Buffer): Pick<CommandIo, 'input' | 'bytes'> {
  return { input: async () => content.toString('utf8'), bytes: async () => content };
}

export class Shell {
  readonly name: string;
  readonly files: Files;
  readonly env: Map<string, string>;
  readonly signal: AbortSignal;
  cwd = '/';
  /** Of the last command: `$?` */
  status = 0;
  /** Waits for a reader that does not keep up. */
  readonly ready: () => Promise<void>;
  readonly #programs: Programs;

  constructor(options: {
    name: string;
    files: Files;
    env: Map<string, string>;
    signal: AbortSignal;
    programs: Programs;
    ready: () => Promise<void>;
  }) {
    this.name = options.name;
    this.files = options.files;
    this.env = options.env;
    this.signal = options.signal;
    this.#programs = options.programs;
    this.ready = options.ready;
  }

  /** One line or script; an `exit` is thrown as ExitShell. */
  async run(text: string, io: CommandIo): Promise<number> {
    let list: List;
    try {
      list = parseScript(text);
    } catch (error) {
      if (!(error instanceof SyntaxFailure)) throw error;
      io.err(`${this.name}: ${error.message}\n`);
      this.status = 2;
      return 2;
    }
    return await this.#list(list, io);
  }

  /** One program without a shell around it; null when there is none of that name. */
  async program(words: readonly string[], io: CommandIo): Promise<number | null> {
    const [name = '', ...args] = words;
    return (await this.#programs(name.split('/').at(-1) ?? '', args, io, this)) ?? null;
  }

  async #list(list: List, io: CommandIo): Promise<number> {
    let skip: '&&' | '||' | null = null;
    for (const { pipeline, negated, next } of list.items) {
      if (this.signal.aborted) return 130;
      const runs = skip === null || (skip === '&&' ? this.status === 0 : this.status !== 0);
      if (runs) {
        const code = await this.#pipeline(pipeline, io);
        this.status = negated ? Number(code === 0) : code;
      }
      skip = next === ';' ? null : next;
    }
    return this.status;
  }

  async #pipeline(commands: readonly Command[], io: CommandIo): Promise<number> {
    let { input, bytes } = io;
    for (const [index, command] of commands.entries()) {
      if (index === commands.length - 1) return await this.#command(command, { ...io, input, bytes });
      const piped: Buffer[] = [];
      let length = 0;
      const out = (content: string | Uint8Array) => {
        piped.push(Buffer.from(content as string));
        length += content.length;
        if (length > MOST_PIPED) throw new PipeFull();
      };
      try {
        await this.#command(command, { input, bytes, out, err: io.err });
      } catch (error) {
        if (!(error instanceof PipeFull)) throw error;
      }
      ({ input, bytes } = inputOf(Buffer.concat(piped)));
    }
    return 0;
  }

  async #command(command: Command, io: CommandIo): Promise<number> {
    switch (command.type) {
      case 'group':
        return await this.#list(command.body, io);
      case 'if':
        for (const { condition, body } of command.branches) {
          if ((await this.#list(condition, io)) === 0) return await this.#list(body, io);
        }
        this.status = 0;
        return command.otherwise === null ? 0 : await this.#list(command.otherwise, io);
      case 'loop':
        while (!this.signal.aborted && ((await this.#list(command.condition, io)) === 0) !== command.until) {
          await this.#list(command.body, io);
          await this.#breathe();
        }
        return 0;
      case 'for':
        for (const word of (await Promise.all(command.words.map((one) => this.#fields(one)))).flat()) {
          if (this.signal.aborted) break;
          this.env.set(command.name, word);
          await this.#list(command.body, io);
          await this.#breathe();
        }
        return this.status;
      case 'simple':
        return await this.#simple(command.words, command.redirects, io);
    }
  }

  async #simple(raw: readonly string[], redirects: readonly Redirect[], outer: CommandIo): Promise<number> {
    const assignments: [string, string][] = [];
    let first = 0;
    for (; first < raw.length; first++) {
      const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(raw[first] ?? '');
      if (match === null) break;
      assignments.push([match[1] ?? '', (await this.#fields(match[2] ?? '')).join(' ')]);
    }
    const words: string[] = [];
    for (const word of raw.slice(first)) words.push(...(await this.#fields(word)));
    let io: CommandIo;
    try {
      io = await this.#redirected(redirects, outer);
    } catch (error) {
      if (!(error instanceof FileFailure)) throw error;
      outer.err(`${this.name}: ${error.message}\n`);
      return 1;
    }
    const [name, ...args] = words;
    if (name === undefined) {
      for (const [key, value] of assignments) this.env.set(key, value);
      return 0;
    }
    const before = assignments.map(([key]) => [key, this.env.get(key)] as const);
    for (const [key, value] of assignments) this.env.set(key, value);
    try {
      const code = await this.#programs(name.split('/').at(-1) ?? '', args, io, this);
      if (code !== undefined) return code;
      io.err(`${this.name}: ${name}: not found\n`);
      return 127;
    } catch (error) {
      // A file that could not be written ends the command, not the shell.
      if (!(error instanceof FileFailure)) throw error;
      outer.err(`${name}: ${error.message}\n`);
      return 1;
    } finally {
      for (const [key, value] of before) {
        if (value === undefined) this.env.delete(key);
        else this.env.set(key, value);
      }
    }
  }

  async #redirected(redirects: readonly Redirect[], outer: CommandIo): Promise<CommandIo> {
    let { input, bytes, out, err } = outer;
    for (const { from, path, append } of redirects) {
      if (path === null) {
        if (from === 2) err = out;
        else out = err;
        continue;
      }
      const file = absolute(this.cwd, (await this.#fields(path)).join(' '));
      const failing = (error: unknown): never => {
        if (error instanceof FileFailure)
          throw new FileFailure(
            from === 0 ? `can't open ${path}: ${error.message}` : `can't create ${path}: ${error.message}`,
          );
        throw error;
      };
      if (from === 0) {
        await this.files.read(file).catch(failing);
        ({ input, bytes } = inputOf(await this.files.bytes(file)));
        continue;
      }
      try {
        this.files.write(file, '', append);
      } catch (error) {
        failing(error);
      }
      const write = (content: string | Uint8Array) => this.files.write(file, content, true);
      if (from === 1) out = write;
      else err = write;
    }
    return { input, bytes, out, err };
  }

  /** Lets everything else run between two turns of a loop. */
  async #breathe(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    await this.ready();
  }

  /** Variables, substitutions and quotes; unquoted results are split at blanks. */
  async #fields(raw: string): Promise<string[]> {
    const fields: string[] = [];
    let field: string | null = null;
    const put = (text: string) => {
      field = (field ?? '') + text;
    };
    const split = (text: string) => {
      const parts = text.split(/\s+/);
      for (const [index, part] of parts.entries()) {
        if (index > 0 && field !== null) {
          fields.push(field);
          field = null;
        }
        if (part !== '') put(part);
      }
    };
    let at = 0;
    let quoted = false;
    while (at < raw.length) {
      const char = raw[at] ?? '';
      if (char === "'" && !quoted) {
        const end = raw.indexOf("'", at + 1);
        put(raw.slice(at + 1, end));
        at = end + 1;
      } else if (char === '"') {
        quoted = !quoted;
        put('');
        at += 1;
      } else if (char === '\\') {
        const next = raw[at + 1] ?? '';
        put(quoted && !/["\\$`]/.test(next) ? `\\${next}` : next);
        at += 2;
      } else if (char === '$' || char === '`') {
        const { text, end } = await this.#expand(raw, at);
        if (quoted) put(text);
        else split(text);
        at = end;
      } else {
        put(at === 0 && char === '~' && !quoted ? (this.env.get('HOME') ?? '/root') : char);
        at += 1;
      }
    }
    if (field !== null) fields.push(field);
    return fields;
  }

  async #expand(raw: string, at: number): Promise<{ text: string; end: number }> {
    const substitution =
      raw[at] === '`' ? raw.indexOf('`', at + 1) + 1 : raw[at + 1] === '(' ? closingParenthesis(raw, at + 1) : 0;
    if (substitution > 0) {
      const inner = raw.slice(raw[at] === '`' ? at + 1 : at + 2, substitution - 1);
      if (inner.startsWith('(')) return { text: this.#arithmetic(inner), end: substitution };
      let text = '';
      const status = this.status;
      await this.run(inner, {
        ...inputOf(Buffer.alloc(0)),
        out: (more) => {
          text += typeof more === 'string' ? more : Buffer.from(more).toString('utf8');
        },
        err: () => undefined,
      });
      this.status = status;
      return { text: text.replace(/\n+$/, ''), end: substitution };
    }
    const match = /^\$(?:\{([A-Za-z_]\w*|[?$#])(?::-([^}]*))?\}|([A-Za-z_]\w*|[?$#]))/.exec(raw.slice(at));
    if (match === null) return { text: '$', end: at + 1 };
    const name = match[1] ?? match[3] ?? '';
    const value = name === '?' ? String(this.status) : name === '$' ? '37' : name === '#' ? '0' : this.env.get(name);
    return { text: value === undefined || value === '' ? (match[2] ?? value ?? '') : value, end: at + match[0].length };
  }

  /** Integers with + - * / % only, left to right. */
  #arithmetic(text: string): string {
    const tokens = text.replace(/^\(|\)$/g, '').match(/[A-Za-z_]\w*|\$[A-Za-z_]\w*|\d+|[-+*/%]/g) ?? [];
    const numberOf = (token: string) => Number(/^\d/.test(token) ? token : (this.env.get(token.replace('$', '')) ?? 0));
    let total = numberOf(tokens[0] ?? '0');
    for (let index = 1; index + 1 < tokens.length; index += 2) {
      const right = numberOf(tokens[index + 1] ?? '0');
      const operator = tokens[index];
      total =
        operator === '+'
          ? total + right
          : operator === '-'
            ? total - right
            : operator === '*'
              ? total * right
              : Math.trunc(operator === '/' ? total / right : total % right);
    }
    return String(total);
  }
}
