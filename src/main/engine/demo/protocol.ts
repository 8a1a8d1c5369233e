/** Messages between the engine and the demo fleet's process, over Node's IPC channel. Plain JSON. */
import type { AppErrorShape } from '#shared/errors.ts';
import type { DemoCluster, StartProgress } from './types.ts';

export interface StartMessage {
  type: 'start';
  dir: string;
  clusters: number;
  nodes?: number;
  pods?: number;
  churn?: number;
  seed?: number;
  pace?: number;
}

export type ToWorker = StartMessage | { type: 'settled' } | { type: 'close' };

export type FromWorker =
  | { type: 'progress'; progress: StartProgress }
  | { type: 'ready'; clusters: DemoCluster[] }
  | { type: 'failed'; error: AppErrorShape }
  | {
      type: 'log';
      level: 'debug' | 'info' | 'warn' | 'error';
      message: string;
      fields: Record<string, unknown>;
    };
