/** Requests and answers of a running demo's control channel: what control.ts serves and control-client.ts asks. */
import { z } from 'zod';
import { type DemoState, FaultId, StartFault } from '#shared/contract/demo.ts';
import type { AppErrorShape } from '#shared/errors.ts';

export const CONTROL_FILE = 'control.json';

/** What `control.json` holds. */
export const ControlAddress = z.object({ url: z.string(), token: z.string(), pid: z.number() });

export const ControlRequest = z.discriminatedUnion('method', [
  /** Answers at once when `after` is not the present revision, else at the next change or after `waitMs`. */
  z.object({ method: z.literal('state'), after: z.number().optional(), waitMs: z.number().max(60_000).default(0) }),
  z.object({ method: z.literal('targets'), cluster: z.string(), fault: FaultId }),
  z.object({ method: z.literal('start'), fault: StartFault }),
  z.object({ method: z.literal('stop'), id: z.string() }),
]);
export type ControlRequest = z.input<typeof ControlRequest>;

export type ControlAnswer = { ok: true; value: unknown } | { ok: false; error: AppErrorShape };

/** Answer to `state`. */
export interface ControlState {
  revision: number;
  state: DemoState;
}
