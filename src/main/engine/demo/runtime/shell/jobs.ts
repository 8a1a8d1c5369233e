/** What a shell runs beside itself (`&`): the builtins that look after it, and what an interactive shell says of it. */
import { flagsOf } from './options.ts';
import type { Run } from './shell.ts';

interface Job {
  id: number;
  pid: number;
  text: string;
  abort: AbortController;
  /** Null while it runs. */
  status: number | null;
  ended: Promise<void>;
}

/** The first that a shell starts. */
const FIRST_PID = 42;
const KILLED = 143;

/** Shared by everything that belongs to one shell. */
export class Jobs {
  readonly #session: AbortSignal;
  #jobs: Job[] = [];
  #next = 0;

  /** `session`: ends all of them. */
  constructor(session: AbortSignal) {
    this.#session = session;
  }

  /** Starts one; answers with its process id. */
  start(text: string, run: (signal: AbortSignal) => Promise<number>): number {
    const abort = new AbortController();
    const job: Job = {
      id: Math.max(0, ...this.#jobs.map(({ id }) => id)) + 1,
      pid: FIRST_PID + this.#next,
      text,
      abort,
      status: null,
      ended: Promise.resolve(),
    };
    this.#next += 1;
    job.ended = run(AbortSignal.any([this.#session, abort.signal])).then(
      (status) => {
        job.status = abort.signal.aborted ? KILLED : status;
      },
      () => {
        job.status = 1;
      },
    );
    this.#jobs.push(job);
    return job.pid;
  }

  /** Whoever ran the shell has gone. */
  end(): void {
    for (const { abort } of this.#jobs) abort.abort();
  }

  /** What an interactive shell says before its next prompt of those that have ended; they are forgotten. */
  ended(): string[] {
    const over = this.#jobs.filter(({ status }) => status !== null);
    this.#jobs = this.#jobs.filter(({ status }) => status === null);
    return over.map((job) => line(job));
  }

  #find(word: string): Job | undefined {
    const current = this.#jobs.filter(({ status }) => status === null).at(-1) ?? this.#jobs.at(-1);
    if (/^%([%+]|)$/.test(word)) return current;
    return this.#jobs.find(({ id, pid }) => word === `%${id}` || word === String(pid));
  }

  /** `kill` looks here first, and asks the one that is given for all other processes. */
  builtins(kill: Run | undefined): Record<string, Run> {
    const wait = async (jobs: readonly Job[], signal: AbortSignal): Promise<number> => {
      const gone = new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await Promise.race([Promise.all(jobs.map(({ ended }) => ended)), gone]);
      return jobs.at(-1)?.status ?? 0;
    };
    return {
      jobs: (_args, io) => {
        for (const job of this.#jobs) io.out(`${line(job)}\n`);
        return 0;
      },
      wait: async (args, _io, { signal }) => {
        if (args.length === 0) {
          await wait(this.#jobs, signal);
          return 0;
        }
        const found = args.map((word) => this.#find(word));
        const known = found.filter((job) => job !== undefined);
        return known.length < found.length ? 127 : await wait(known, signal);
      },
      fg: async (args, io, { signal, name }) => {
        const job = this.#find(args[0] ?? '%%');
        if (job === undefined) {
          io.err(`${name}: fg: no current job\n`);
          return 1;
        }
        io.out(`${job.text}\n`);
        const status = await wait([job], signal);
        if (signal.aborted) job.abort.abort();
        return status;
      },
      kill: async (args, io, shell) => {
        const { words } = flagsOf(args);
        const rest: string[] = [];
        for (const word of words) {
          const job = this.#find(word);
          if (job === undefined) rest.push(word);
          else job.abort.abort();
        }
        if (rest.length === 0 && words.length > 0) return 0;
        return (await kill?.([...args.filter((arg) => !words.includes(arg)), ...rest], io, shell)) ?? 127;
      },
    };
  }
}

function line({ id, status, text }: Job): string {
  const state =
    status === null ? 'Running' : status === 0 ? 'Done' : status === KILLED ? 'Terminated' : `Done(${status})`;
  return `[${id}]+  ${state.padEnd(24)}${text}${status === null ? ' &' : ''}`;
}
