/**
 * `Work` in a thread: whatever the size of a cluster, the event loop of the engine goes on. The thread is started by the
 * first question and ended when nobody has asked for a while, with what it kept. One that breaks (out of memory) fails what
 * was asked of it; the next question starts another.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { AppError } from '#shared/errors.ts';
import type { Answer, Question } from './protocol.ts';
import type { Checked, Work } from './work.ts';

const IDLE_MS = 60_000;
/** Smaller answers may lie in a buffer that others use too. */
const OWN_BUFFER = 64 * 1024;

export interface WorkThread extends Work {
  /** Ends the thread; what was asked fails. */
  close(): Promise<void>;
}

interface Asked {
  resolve(value: never): void;
  reject(error: Error): void;
}

export function createWorkThread(idleMs = IDLE_MS): WorkThread {
  const asked = new Map<number, Asked>();
  /** Which thread has what was read so far. */
  const tasks = new Map<string, Worker>();
  let worker: Worker | null = null;
  let idle: NodeJS.Timeout | undefined;
  let closed = false;
  let last = 0;

  function start(): Worker {
    const started = new Worker(workerFile());
    started.on('message', (answer: Answer) => {
      const waiting = asked.get(answer.id);
      asked.delete(answer.id);
      settle();
      if (waiting === undefined) return;
      if ('error' in answer) waiting.reject(new AppError(answer.error.code, answer.error.message, answer.error));
      else waiting.resolve(answer.value as never);
    });
    started.on('error', (error) => ended(started, new AppError('INTERNAL', `the inspection broke off: ${error}`)));
    started.on('exit', () => ended(started, new AppError('CANCELLED', 'the inspection has ended')));
    return started;
  }

  function ended(which: Worker, reason: AppError): void {
    if (worker !== which) return;
    worker = null;
    for (const { reject } of asked.values()) reject(reason);
    asked.clear();
  }

  /** Nothing is under way: the process need not stay for the thread, nor the thread for long. */
  function settle(): void {
    if (asked.size > 0) return;
    worker?.unref();
    clearTimeout(idle);
    idle = setTimeout(() => {
      if (asked.size === 0 && tasks.size === 0) void end();
    }, idleMs);
    idle.unref();
  }

  async function end(): Promise<void> {
    const old = worker;
    if (old === null) return;
    ended(old, new AppError('CANCELLED', 'the inspection has ended'));
    await old.terminate();
  }

  function ask<T>(method: keyof Work, args: unknown[]): Promise<T> {
    if (closed) return Promise.reject(new AppError('CANCELLED', 'the engine is ending'));
    worker ??= start();
    const question: Question = { id: ++last, method, args };
    const moved = args.flatMap((arg) =>
      arg instanceof Uint8Array && arg.length >= OWN_BUFFER && arg.buffer.byteLength === arg.length
        ? [arg.buffer as ArrayBuffer]
        : [],
    );
    return new Promise<T>((resolve, reject) => {
      worker?.postMessage(question, moved);
      worker?.ref();
      asked.set(question.id, { resolve, reject });
    });
  }

  /** What was read before a thread broke is not there in the next one. */
  function ofTask<T>(task: string, method: keyof Work, args: unknown[]): Promise<T> {
    const known = tasks.get(task);
    if (known !== undefined && known !== worker && !closed)
      return Promise.reject(new AppError('INTERNAL', 'the inspection broke off'));
    const answer = ask<T>(method, [task, ...args]);
    if (worker !== null) tasks.set(task, worker);
    return answer;
  }

  return {
    page: (task, ...args) => ofTask(task, 'page', args),
    end: (task, ...args) => ofTask(task, 'end', args),
    podNamespaces: (task) => ofTask(task, 'podNamespaces', []),
    check: (task, ...args) =>
      ofTask<Checked>(task, 'check', args).finally(() => {
        tasks.delete(task);
        settle();
      }),
    async forget(task) {
      const known = tasks.get(task);
      tasks.delete(task);
      if (known !== undefined && known === worker) await ask('forget', [task]);
      else settle();
    },
    counts: (...args) => ask('counts', args),
    report: (...args) => ask('report', args),
    findings: (...args) => ask('findings', args),
    fixable: (...args) => ask('fixable', args),
    export: (...args) => ask('export', args),
    async close() {
      closed = true;
      clearTimeout(idle);
      await end();
    },
  };
}

function workerFile(): string {
  const names = import.meta.url.endsWith('.ts')
    ? ['./worker.ts']
    : ['./inspection-worker.js', '../inspection-worker.js'];
  const files = names.map((name) => fileURLToPath(new URL(name, import.meta.url)));
  const found = files.find((file) => existsSync(file));
  if (found === undefined) throw new AppError('INTERNAL', `${files[0]} is missing: build the application`);
  return found;
}
