/** Newline-delimited JSON as a watch sends it: chunks of bytes in, values out. */
import { AppError } from '#shared/errors.ts';
import { nextTurn } from './turns.ts';

/** A line that is not what the protocol says. An event is lost, so whoever keeps a cache has to list again. */
export class MalformedStreamError extends AppError {
  constructor(message: string) {
    super('CLUSTER_ERROR', message, { retryable: true, hint: 'hints.answerBroken' });
  }
}

/** One object larger than this is not Kubernetes (etcd's limit is 1.5 MiB; JSON and annotations may multiply it). */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * Yields one parsed value per line. A line that is not JSON throws MalformedStreamError after all lines before it have
 * been delivered; a last line without its newline is a broken connection, not data, and is dropped.
 */
export async function* parseNdjson(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(10, start);
      if (end < 0) break;
      parts.push(chunk.subarray(start, end));
      const line = join(parts);
      parts = [];
      size = 0;
      start = end + 1;
      if (line.trim() === '') continue;
      // A stream that is always ahead of us would hold the event loop for as long as it lasts.
      const turn = nextTurn();
      if (turn !== undefined) await turn;
      yield parseLine(line);
    }
    if (start < chunk.length) {
      parts.push(chunk.subarray(start));
      size += chunk.length - start;
      if (size > MAX_LINE_BYTES) throw new MalformedStreamError(`watch line longer than ${MAX_LINE_BYTES} bytes`);
    }
  }
}

function join(parts: Uint8Array[]): string {
  const only = parts[0];
  if (parts.length === 1 && only !== undefined) {
    return Buffer.from(only.buffer, only.byteOffset, only.byteLength).toString('utf8');
  }
  return Buffer.concat(parts).toString('utf8');
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // The line itself is hostile text and may be large: only its size is said.
    throw new MalformedStreamError(`watch line of ${line.length} characters is not JSON`);
  }
}
