/** Requests that ask for another protocol: the pipeline judges them like any other, then the connection changes hands. */
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Pipeline } from '../request/pipeline.ts';
import type { ApiAnswer, ApiRequest } from '../request/types.ts';
import { upgradeOf } from '../streams/requested.ts';
import { servePieces, serveTarget, serveWatch, type Upgrade } from '../streams/upgrade.ts';
import { writeAnswer } from './answer.ts';

/** `closing` is aborted when the server closes. Never rejects for what a client does. */
export async function serveUpgrade(
  pipeline: Pipeline,
  request: IncomingMessage,
  apiRequest: ApiRequest,
  socket: Duplex,
  head: Buffer,
  closing: AbortSignal,
): Promise<void> {
  const signal = () => {
    const gone = new AbortController();
    socket.once('close', () => gone.abort());
    if (socket.destroyed) gone.abort();
    return gone.signal;
  };
  const answer = await pipeline.handle({ ...apiRequest, upgrade: true, signal });
  if (socket.destroyed) return;
  const upgrade: Upgrade = {
    request,
    socket,
    head,
    closing,
    refuse: (status, text, headers) =>
      answerPlainly(request, socket, {
        status,
        headers,
        body: { kind: 'raw', data: text, contentType: 'text/plain; charset=utf-8' },
      }),
  };
  if (answer.body.kind === 'upgrade') await serveTarget(upgrade, answer.body.target);
  else if (upgradeOf(request) !== 'websocket') answerPlainly(request, socket, answer);
  else if (answer.body.kind === 'watch') await serveWatch(upgrade, answer.body.stream);
  else if (answer.body.kind === 'stream' && answer.body.messages === true) await servePieces(upgrade, answer.body.data);
  else answerPlainly(request, socket, answer);
}

/** An ordinary answer on a connection that was taken out of the HTTP parser; it ends the connection. */
export function answerPlainly(request: IncomingMessage, socket: Duplex, answer: ApiAnswer): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.on('error', () => socket.destroy());
  response.once('finish', () => socket.end());
  response.assignSocket(socket as never);
  writeAnswer(request, response, answer);
}
