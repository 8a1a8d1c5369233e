/**
 * Port-forward over SPDY, on a socket of its own or tunnelled through a WebSocket: per connection a pair of streams, `data`
 * and `error`, that share a `requestID`. Source: k8s.io/kubelet portforward protocol, KEP-4006 for the tunnel.
 */
import type { Duplex } from 'node:stream';
import type { PortsTarget } from '../request/types.ts';
import { SpdySession, type SpdyStream } from '../spdy/session.ts';
import { textOfError } from './process.ts';

export const PORTS_SESSION_PROTOCOL = 'portforward.k8s.io';
/** A stream whose other half does not come is given up. */
const PAIR_TIMEOUT_MS = 30_000;

export async function servePortsSession(transport: Duplex, target: PortsTarget, closing: AbortSignal): Promise<void> {
  const waiting = new Map<string, { stream: SpdyStream; timer: NodeJS.Timeout }>();
  const gone = new AbortController();
  const session = new SpdySession(transport, (stream) => {
    const type = stream.headers.streamtype ?? '';
    const port = Number(stream.headers.port);
    if (!['data', 'error'].includes(type) || !(Number.isInteger(port) && port > 0 && port < 65536)) {
      stream.destroy();
      return;
    }
    // Clients older than the header open the error stream first.
    const pair = stream.headers.requestid ?? String(type === 'error' ? stream.id : stream.id - 2);
    const other = waiting.get(pair);
    if (other === undefined || other.stream.headers.streamtype === type) {
      const timer = setTimeout(() => {
        waiting.delete(pair);
        stream.destroy();
      }, PAIR_TIMEOUT_MS);
      waiting.set(pair, { stream, timer });
      return;
    }
    clearTimeout(other.timer);
    waiting.delete(pair);
    const [data, errors] = type === 'data' ? [stream, other.stream] : [other.stream, stream];
    void forward(target, port, data, errors, gone.signal);
  });
  const stop = () => session.destroy();
  closing.addEventListener('abort', stop, { once: true });
  await session.closed;
  closing.removeEventListener('abort', stop);
  for (const { timer } of waiting.values()) clearTimeout(timer);
  gone.abort();
}

async function forward(
  target: PortsTarget,
  port: number,
  data: SpdyStream,
  errors: SpdyStream,
  signal: AbortSignal,
): Promise<void> {
  errors.resume();
  try {
    await target.connect(port, data, signal);
  } catch (error) {
    errors.write(textOfError(error));
  }
  errors.end();
  data.end();
  // What the client still sends has no reader any more.
  data.resume();
}
