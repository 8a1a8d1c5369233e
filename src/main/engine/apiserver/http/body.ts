/** Reads a request body up to the limit of the real server. */
import type { ApiError } from '#engine/kube/index.ts';
import { refuse, tooManyRequests } from '../status.ts';
import type { Incoming } from './server.ts';

/** Source: apiserver, MaxRequestBodyBytes. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** All bodies that are being received together; beyond it new ones are asked to come later. */
const MAX_TOTAL_BYTES = 256 * 1024 * 1024;
let receiving = 0;
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

/** Too much is being sent at once. Source: apiserver, max-in-flight filter. */
export class TooBusy extends Error {
  readonly status: ApiError = tooManyRequests('Too many requests, please try again later.', { retryAfterSeconds: 1 });
}

export class BodyTooLarge extends Error {
  readonly status: ApiError = refuse(
    413,
    'RequestEntityTooLarge',
    `Request entity too large: limit is ${MAX_BODY_BYTES}`,
  );
}

/**
 * What still comes is thrown away, so that a client that only reads the answer after having sent everything gets it. One
 * that never stops is hung up on.
 */
function discard(request: Incoming): void {
  let left = MAX_DISCARDED_BYTES;
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
}

/** Rejects with BodyTooLarge, TooBusy, or with another error when the client goes away or takes longer than `timeoutMs`. */
export function readBody(request: Incoming, timeoutMs: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => finish(new Error('the body did not arrive in time')), timeoutMs).unref();
    let settled = false;
    const finish = (error: Error | null) => {
      if (settled) return;
      settled = true;
      receiving -= size;
      clearTimeout(timer);
      request.removeListener('data', onData);
      if (error === null) resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
      else {
        discard(request);
        reject(error);
      }
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      receiving += chunk.length;
      if (size > MAX_BODY_BYTES) finish(new BodyTooLarge());
      else if (receiving > MAX_TOTAL_BYTES) finish(new TooBusy());
      else chunks.push(chunk);
    };
    if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
      finish(new BodyTooLarge());
      return;
    }
    request.on('data', onData);
    request.once('end', () => finish(null));
    request.once('error', (error: Error) => finish(error));
    request.once('close', () => {
      // Every request closes in the end: an error with its stack is made for those that were not read to theirs.
      if (!settled) finish(new Error('the client went away'));
    });
  });
}
