/** The streams of an exec or attach as a program's input and output. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { ProcessStreams } from '#engine/apiserver/index.ts';
import type { CommandIo } from './shell/shell.ts';

const MOST_INPUT = 16 << 20;

export function ioOf(streams: ProcessStreams, tty: boolean): CommandIo {
  const cooked = (content: string | Uint8Array) =>
    tty
      ? Buffer.from(content as string)
          .toString('utf8')
          .replace(/\r?\n/g, '\r\n')
      : content;
  const err = tty ? streams.stdout : streams.stderr;
  let whole: Promise<Buffer> | null = null;
  const bytes = () => {
    whole ??= readAll(streams.stdin);
    return whole;
  };
  return {
    input: async () => (await bytes()).toString('utf8'),
    bytes,
    out: (content) => void streams.stdout?.write(cooked(content)),
    err: (text) => void err?.write(cooked(text)),
  };
}

/** @throws Error when there is more than a container could keep. */
async function readAll(stdin: ProcessStreams['stdin']): Promise<Buffer> {
  if (stdin === null) return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
    if (length > MOST_INPUT) throw new Error('ENOSPC: no space left on device');
  }
  return Buffer.concat(chunks);
}

/** Waits for a client that does not keep up. */
export async function drained(stdout: Writable | null, signal: AbortSignal): Promise<void> {
  if (stdout === null || !stdout.writableNeedDrain || signal.aborted) return;
  try {
    await once(stdout, 'drain', { signal });
  } catch {
    // The client has gone: whoever writes notices by the signal.
  }
}
