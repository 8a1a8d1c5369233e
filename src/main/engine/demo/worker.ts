/**
 * Entry of the demo fleet's process. Speaks protocol.ts with its parent and ends with it: when the channel breaks, at
 * once (acknowledged writes are on disk); when asked, after closing every cluster. One controller's error is a report.
 */
import { toErrorShape } from '#shared/errors.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { keepHeapCompact } from './heap.ts';
import type { FromWorker, ToWorker } from './protocol.ts';
import type { StartProgress } from './types.ts';

let fleet: Fleet | undefined;
let ending = false;

function send(message: FromWorker): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function report(error: unknown, where: string): void {
  const { code, message } = toErrorShape(error);
  send({ type: 'log', level: 'warn', message: `demo fleet: ${where}`, fields: { code, error: message } });
}

async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  try {
    await fleet?.close();
  } catch (error) {
    report(error, 'close');
  }
  process.exit(0);
}

process.on('message', (message: ToWorker) => {
  if (message.type === 'close') {
    void end();
    return;
  }
  if (message.type === 'settled') {
    fleet?.settled();
    return;
  }
  const { type: _type, ...options } = message;
  const onProgress = (progress: StartProgress): void => send({ type: 'progress', progress });
  startFleet({ ...options, report, onProgress }).then(
    (started) => {
      fleet = started;
      if (ending) void started.close().finally(() => process.exit(0));
      else send({ type: 'ready', clusters: started.clusters.map((cluster) => cluster.info) });
    },
    (error: unknown) => {
      if (!process.connected) process.exit(1);
      process.send?.({ type: 'failed', error: toErrorShape(error) } satisfies FromWorker, () => process.exit(1));
    },
  );
});

keepHeapCompact((before, after) => {
  const fields = { inUse: after.used, before: before.size, after: after.size };
  send({ type: 'log', level: 'info', message: 'demo fleet: the heap was compacted', fields });
});

// A parent that was killed cannot say goodbye: the channel is the sign of life.
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => void end());
// Ctrl-C reaches the whole process group; the parent decides when this process ends.
process.on('SIGINT', () => undefined);
process.on('unhandledRejection', (error) => report(error, 'unhandled rejection'));
