/**
 * The one client of the contract. It connects by itself, reconnects with growing delays after the engine went away, and
 * says so in the connection store. A call made while there is no connection waits a little for one and then fails with
 * ENGINE_UNAVAILABLE, so that no button spins for ever; live data resumes by itself (`live.ts`).
 */
import { createTRPCClient, createWSClient, TRPCClientError, type TRPCLink, wsLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import type { AppRouter } from '#shared/contract/router.ts';
import type { AppErrorShape } from '#shared/errors.ts';
import { useConnection } from '../../stores/connection.ts';
import { chooseSocket } from './socket.ts';

/** How long a call waits for the engine to come back before it fails. */
const PATIENCE_MS = 6_000;

/** 0, 0.25, 0.5, 1, 2, then every 4 s: a restarted engine on the same machine is back within a second or two. */
export function reconnectDelay(attempt: number): number {
  return attempt === 0 ? 0 : Math.min(250 * 2 ** (attempt - 1), 4_000);
}

const socket = createWSClient({
  ...chooseSocket(window),
  retryDelayMs: reconnectDelay,
  keepAlive: { enabled: true, intervalMs: 15_000, pongTimeoutMs: 8_000 },
});
socket.connectionState.subscribe({
  next: ({ state, error }) => {
    const connection = useConnection.getState();
    if (state === 'pending') connection.opened();
    else if (error !== null) connection.failed();
  },
});

/** Resolves when the connection is open, rejects when it does not open in time. */
function whenOpen(): Promise<void> {
  if (useConnection.getState().status === 'open') return Promise.resolve();
  return new Promise((resolve, reject) => {
    const stop = useConnection.subscribe((state) => {
      if (state.status === 'open') done(resolve);
    });
    const timer = setTimeout(() => done(() => reject(new Error('no connection to the engine'))), PATIENCE_MS);
    function done(then: () => void) {
      clearTimeout(timer);
      stop();
      then();
    }
  });
}

const failWithoutEngine: TRPCLink<AppRouter> = () => (request) =>
  request.op.type === 'subscription'
    ? request.next(request.op)
    : observable((observer) => {
        let inner: { unsubscribe(): void } | undefined;
        let cancelled = false;
        whenOpen().then(
          () => {
            if (!cancelled) inner = request.next(request.op).subscribe(observer);
          },
          (cause: Error) => observer.error(TRPCClientError.from(cause)),
        );
        return () => {
          cancelled = true;
          inner?.unsubscribe();
        };
      });

export const engine = createTRPCClient<AppRouter>({
  links: [failWithoutEngine, wsLink<AppRouter>({ client: socket })],
});

/** Any failure of a call as plain data: the engine's own shape, or ENGINE_UNAVAILABLE when it never answered. */
export function toShape(error: unknown): AppErrorShape {
  if (isShape(error)) return error;
  if (error instanceof TRPCClientError) {
    const app = (error.data as { app?: unknown } | null | undefined)?.app;
    if (isShape(app)) return app;
    return { code: 'ENGINE_UNAVAILABLE', message: error.message, retryable: true };
  }
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error), retryable: false };
}

function isShape(value: unknown): value is AppErrorShape {
  const shape = value as Partial<AppErrorShape> | null | undefined;
  return typeof shape === 'object' && shape !== null && typeof shape.code === 'string' && 'retryable' in shape;
}
