/**
 * Runs scripts in a thread and waits for each answer, so that the interpreter stays a function of its arguments. A script
 * that does not end in time is ended with the thread, and is not asked again for a while: others go on in a new one.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Json } from '#shared/kubernetes/types.ts';
import type { Answer, Question, WorkerData } from './protocol.ts';

/** Longer than a script may take by itself: only what its own limit cannot stop is ended like this. */
const ANSWER_MS = 2_000;
const START_MS = 10_000;
const BLOCKED_MS = 5 * 60_000;

export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

export interface ScriptRuntime {
  /** Throws ScriptError for a script that cannot be read or does not define the function. Replaces what has the key. */
  load(key: string, script: string, entry: string): void;
  /** Throws ScriptError when the script fails, takes too long or too much. */
  call(key: string, entry: string, args: Json[]): Json[];
  drop(key: string): void;
  close(): void;
}

interface Thread {
  worker: Worker;
  port: MessagePort;
  word: Int32Array;
  fresh: boolean;
}

export function createScriptRuntime(): ScriptRuntime {
  const scripts = new Map<string, { script: string; entry: string }>();
  const loaded = new Set<string>();
  const blockedUntil = new Map<string, number>();
  let thread: Thread | null = null;

  function start(): Thread {
    const signal = new SharedArrayBuffer(4);
    const { port1, port2 } = new MessageChannel();
    const data: WorkerData = { wasm: wasmFile(), signal, port: port2 };
    const worker = new Worker(workerFile(), { workerData: data, transferList: [port2], stdout: true, stderr: true });
    worker.unref();
    // Answers are taken off the port; a thread that breaks is noticed by the next question.
    worker.on('error', () => {
      if (thread?.worker === worker) end();
    });
    port1.unref();
    return { worker, port: port1, word: new Int32Array(signal), fresh: true };
  }

  function end(): void {
    const old = thread;
    thread = null;
    loaded.clear();
    old?.port.close();
    void old?.worker.terminate();
  }

  function ask(question: Question): Json[] {
    thread ??= start();
    const { port, word, fresh } = thread;
    thread.fresh = false;
    Atomics.store(word, 0, 0);
    port.postMessage(question);
    const waited = Atomics.wait(word, 0, 0, fresh ? START_MS : ANSWER_MS);
    const message = receiveMessageOnPort(port) as { message: Answer } | undefined;
    if (message === undefined) {
      end();
      if (question.kind !== 'drop') blockedUntil.set(question.key, Date.now() + BLOCKED_MS);
      throw new ScriptError(waited === 'timed-out' ? 'the script takes too long' : 'the script ended its thread');
    }
    if ('error' in message.message) throw new ScriptError(message.message.error);
    return message.message.values;
  }

  function ensure(key: string): void {
    const known = scripts.get(key);
    if (known === undefined) throw new ScriptError(`no script ${key}`);
    if ((blockedUntil.get(key) ?? 0) > Date.now())
      throw new ScriptError('the script took too long and is not asked again for five minutes');
    if (loaded.has(key)) return;
    ask({ kind: 'load', key, ...known });
    loaded.add(key);
  }

  return {
    load(key, script, entry) {
      scripts.set(key, { script, entry });
      loaded.delete(key);
      blockedUntil.delete(key);
      try {
        ensure(key);
      } catch (error) {
        scripts.delete(key);
        throw error;
      }
    },
    call(key, entry, args) {
      ensure(key);
      return ask({ kind: 'call', key, entry, args });
    },
    drop(key) {
      scripts.delete(key);
      if (loaded.delete(key)) ask({ kind: 'drop', key });
    },
    close: end,
  };
}

/** The source beside this file, or the built entry: bundles lie in dist/main, their shared chunks one folder below. */
function workerFile(): string {
  return beside(import.meta.url.endsWith('.ts') ? ['./worker.ts'] : ['./script-worker.js', '../script-worker.js']);
}

function wasmFile(): string {
  if (import.meta.url.endsWith('.ts')) return createRequire(import.meta.url).resolve('wasmoon/dist/glue.wasm');
  return beside(['./lua.wasm', '../lua.wasm']);
}

function beside(candidates: readonly string[]): string {
  for (const candidate of candidates) {
    const file = fileURLToPath(new URL(candidate, import.meta.url));
    if (existsSync(file)) return file;
  }
  throw new ScriptError(`${candidates[0]} is missing beside ${fileURLToPath(import.meta.url)}: build the application`);
}
