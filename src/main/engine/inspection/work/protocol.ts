/** Between `thread.ts` and `worker.ts`. */
import type { AppErrorShape } from '#shared/errors.ts';
import type { Work } from './work.ts';

export interface Question {
  id: number;
  method: keyof Work;
  args: unknown[];
}
export type Answer = { id: number; value: unknown } | { id: number; error: AppErrorShape };
