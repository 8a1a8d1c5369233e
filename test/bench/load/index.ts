/** Starts the client process and gives it jobs. */
import { fork } from 'node:child_process';
import path from 'node:path';
import type { LoadJob, LoadResult, LoadTarget } from './protocol.ts';

export type { LoadJob, LoadResult } from './protocol.ts';

export interface Load {
  run(job: LoadJob): Promise<LoadResult>;
  close(): void;
}

/** `kubeconfig`: path of one with a client certificate. */
export async function startLoad(kubeconfig: string, connections: number): Promise<Load> {
  const child = fork(path.join(import.meta.dirname, 'client.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ask = <T>(message: object): Promise<T> =>
    new Promise((resolve, reject) => {
      const onExit = () => reject(new Error('the client process ended'));
      child.once('exit', onExit);
      child.once('message', (answer: { error?: string; result?: T }) => {
        child.off('exit', onExit);
        if (answer.error !== undefined) reject(new Error(answer.error));
        else resolve(answer.result as T);
      });
      child.send(message);
    });
  await ask({ target: { kubeconfig, connections } satisfies LoadTarget });
  return { run: (job) => ask<LoadResult>({ job }), close: () => child.disconnect() };
}
