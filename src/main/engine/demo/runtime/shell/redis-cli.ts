/** `redis-cli` in a simulated container: one command, commands from its input, or a prompt on a terminal. */
import { pause } from '../logs.ts';
import { DialError } from '../network.ts';
import type { RedisStore } from '../redis.ts';
import { shown, wordsIn } from '../resp.ts';
import type { CommandIo, Run } from './shell.ts';
import type { Surroundings } from './system.ts';
import type { Interpreter } from './terminal.ts';

/** So long it waits for a connection that nobody answers. */
const CONNECT_S = 130;

interface Target {
  host: string;
  port: number;
  words: string[];
}

/** Options with a value of their own; all others are single words. */
const VALUED = new Set(['-a', '-n', '-u', '--user', '--pass', '-r', '-i']);

export function targetOf(args: readonly string[]): Target {
  const target: Target = { host: '127.0.0.1', port: 6379, words: [] };
  let at = 0;
  for (; at < args.length && args[at]!.startsWith('-'); at++) {
    if (args[at] === '-h') target.host = args[++at] ?? '';
    else if (args[at] === '-p') target.port = Number(args[++at]);
    else if (VALUED.has(args[at]!)) at += 1;
  }
  target.words = args.slice(at);
  return target;
}

/** Speaks to one server; says why where there is none. */
async function connected(around: Surroundings, { host, port }: Target, io: CommandIo, signal: AbortSignal) {
  try {
    return await around.redis(host, port);
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
    const late = error.message === 'i/o timeout';
    if (late) await pause(CONNECT_S * 1000 * around.world.pace, signal);
    const unnamed = error.message === 'no such host';
    const why = unnamed ? 'Name or service not known' : late ? 'Connection timed out' : 'Connection refused';
    io.err(`Could not connect to Redis at ${host}:${port}: ${why}\n`);
    return null;
  }
}

export function redisCli(around: Surroundings): Run {
  return async (args, io, shell) => {
    const target = targetOf(args);
    const store = await connected(around, target, io, shell.signal);
    if (store === null) return 1;
    const lines =
      target.words.length > 0 ? [target.words] : (await io.input()).split('\n').map((line) => wordsIn(line));
    for (const words of lines) {
      if (words.length === 0) continue;
      if (/^(quit|exit)$/i.test(words[0]!)) break;
      io.out(`${shown(store.run(words), false)}\n`);
    }
    return 0;
  };
}

/** Its prompt on a terminal. */
export class RedisPrompt implements Interpreter {
  status = 0;
  ended = false;
  readonly jobs = { ended: (): string[] => [] };
  readonly #around: Surroundings;
  readonly #target: Target;
  readonly #signal: AbortSignal;

  constructor(around: Surroundings, args: readonly string[], signal: AbortSignal) {
    this.#around = around;
    this.#target = targetOf(args);
    this.#signal = signal;
  }

  /** Without a command of its own. */
  get asks(): boolean {
    return this.#target.words.length === 0;
  }

  get prompt(): string {
    return `${this.#target.host}:${this.#target.port}> `;
  }

  resumed(): this {
    return this;
  }

  leave(): boolean {
    return false;
  }

  incomplete(): boolean {
    return false;
  }

  async complete(): Promise<{ rest: string; choices: string[] }> {
    return { rest: '', choices: [] };
  }

  async run(text: string, io: CommandIo): Promise<number> {
    const words = wordsIn(text);
    if (/^(quit|exit)$/i.test(words[0] ?? '')) {
      this.ended = true;
      return 0;
    }
    const store: RedisStore | null = await connected(this.#around, this.#target, io, this.#signal);
    if (store !== null) io.out(`${shown(store.run(words), true)}\n`);
    return 0;
  }
}
