/** What the engine and the thread that runs scripts say to each other. Pure types. */
import type { MessagePort } from 'node:worker_threads';
import type { Json } from '#shared/kubernetes/types.ts';

export interface WorkerData {
  /** Questions come in and answers go out here. */
  port: MessagePort;
  /** File of the Lua engine. */
  wasm: string;
  /** One word: set and notified when an answer lies in the port. */
  signal: SharedArrayBuffer;
}

export type Question =
  /** Compiles a script and looks whether it defines the function. */
  | { kind: 'load'; key: string; script: string; entry: string }
  | { kind: 'call'; key: string; entry: string; args: Json[] }
  | { kind: 'drop'; key: string };

export type Answer = { values: Json[] } | { error: string };
