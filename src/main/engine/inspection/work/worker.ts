/** The thread that does an inspection's work. */
import { parentPort } from 'node:worker_threads';
import { toErrorShape } from '#shared/errors.ts';
import type { Answer, Question } from './protocol.ts';
import { createWork } from './work.ts';

const work = createWork();

parentPort?.on('message', ({ id, method, args }: Question) => {
  const answer = (message: Answer): void => parentPort?.postMessage(message);
  (work[method] as (...args: unknown[]) => Promise<unknown>)(...args).then(
    (value) => answer({ id, value }),
    (error: unknown) => answer({ id, error: toErrorShape(error) }),
  );
});
