/**
 * Changes a connection from HTTP/1.1 to what client and server both speak: SPDY/3.1 or WebSocket, with one of the
 * subprotocols of exec, attach, port-forward, watch and logs.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream } from 'ws';
import type { TunnelTarget, UpgradeTarget, WatchStream } from '../request/types.ts';
import { accept, fromPages, oneOf } from './handshake.ts';
import { PORTS_SESSION_PROTOCOL, servePortsSession } from './ports-session.ts';
import { PROCESS_SESSION_PROTOCOLS, serveProcessSession } from './process-session.ts';
import { socketProtocols, upgradeOf } from './requested.ts';
import { CHANNEL_PROTOCOLS, servePortsSocket, serveProcessSocket } from './sockets.ts';

const TUNNEL_PREFIX = 'SPDY/3.1+';
const PORT_PROTOCOLS = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io'];
const READER_PROTOCOLS = ['', 'binary.k8s.io', 'base64.binary.k8s.io'];
/** As for watches over plain HTTP. */
const FULL_BYTES = 256 * 1024;

/** The connection to change, and how to refuse it in HTTP. */
export interface Upgrade {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
  /** Aborted when the server closes. */
  closing: AbortSignal;
  refuse(status: number, text: string, headers?: Record<string, string | string[]>): void;
}

export async function serveTarget(upgrade: Upgrade, target: UpgradeTarget): Promise<void> {
  if (target.kind === 'tunnel') return serveTunnel(upgrade, target);
  const kind = upgradeOf(upgrade.request);
  if (kind === 'spdy') return serveSpdy(upgrade, target);
  const tunnel = TUNNEL_PREFIX + PORTS_SESSION_PROTOCOL;
  const offered = target.kind === 'ports' ? [tunnel, ...PORT_PROTOCOLS] : CHANNEL_PROTOCOLS;
  // Version 5 is spoken by the API server itself, which has connected by the time the node refuses.
  if (target.kind === 'process' && target.refusal !== null && !speaksVersion5(upgrade.request)) {
    upgrade.refuse(target.refusal.status, target.refusal.text);
    return;
  }
  const accepted = await accept(upgrade, oneOf(['', ...offered]));
  if (accepted === null) return;
  const { socket, protocol } = accepted;
  if (target.kind === 'process') return serveProcessSocket(socket, protocol, target, upgrade.closing);
  if (protocol !== tunnel) return servePortsSocket(socket, protocol, target, upgrade.closing);
  return servePortsSession(createWebSocketStream(socket), target, upgrade.closing);
}

/** What the one behind has agreed to is what the client hears; from there on nothing is looked at. */
function serveTunnel({ socket, head, closing }: Upgrade, { headers, connection }: TunnelTarget): void {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((text) => `${name}: ${text}`),
  );
  socket.write(`${['HTTP/1.1 101 Switching Protocols', ...lines].join('\r\n')}\r\n\r\n`);
  if (head.length > 0) connection.write(head);
  const end = () => {
    socket.destroy();
    connection.destroy();
  };
  closing.addEventListener('abort', end, { once: true });
  for (const side of [socket, connection]) {
    side.on('error', end);
    side.once('close', () => {
      closing.removeEventListener('abort', end);
      end();
    });
  }
  socket.pipe(connection);
  connection.pipe(socket);
}

/** One message of text per event, whatever the protocol is called. */
export async function serveWatch(upgrade: Upgrade, stream: WatchStream): Promise<void> {
  const accepted = await accept(upgrade, fromPages(upgrade.request));
  if (accepted === null) return;
  const { socket } = accepted;
  let full = false;
  let ready: () => void = () => undefined;
  const written = () => {
    if (!full || socket.bufferedAmount > 0) return;
    full = false;
    ready();
  };
  let stop: () => void = () => undefined;
  let closed = false;
  socket.on('error', () => socket.terminate());
  const end = () => socket.close(1000);
  upgrade.closing.addEventListener('abort', end, { once: true });
  socket.once('close', () => {
    upgrade.closing.removeEventListener('abort', end);
    closed = true;
    stop();
  });
  stop = stream.start({
    event(frame) {
      if (closed || socket.readyState !== socket.OPEN) return false;
      socket.send(frame.bytes, { binary: false }, written);
      full = socket.bufferedAmount > FULL_BYTES;
      return true;
    },
    get full() {
      return full;
    },
    onDrain(called) {
      ready = called;
    },
    cut: () => socket.terminate(),
    end,
  });
  if (closed) stop();
}

/**
 * Bytes as they come, in messages whose borders mean nothing; an empty one first, so that a reader who waits knows that
 * it is heard. Ends the reading of `pieces` when the client goes.
 */
export async function servePieces(upgrade: Upgrade, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const reading = pieces[Symbol.asyncIterator]();
  const accepted = await accept(upgrade, oneOf(READER_PROTOCOLS));
  if (accepted === null) {
    await reading.return?.();
    return;
  }
  const { socket, protocol } = accepted;
  const end = () => socket.close(1000);
  const gone = new Promise<void>((resolve) => {
    socket.once('close', resolve);
  });
  socket.on('error', () => socket.terminate());
  upgrade.closing.addEventListener('abort', end, { once: true });
  const write = (bytes: Uint8Array) =>
    new Promise<void>((resolve) => {
      const written = () => resolve();
      if (protocol === 'base64.binary.k8s.io') socket.send(Buffer.from(bytes).toString('base64'), written);
      else socket.send(bytes, { binary: true }, written);
    });
  try {
    await write(new Uint8Array(0));
    while (socket.readyState === socket.OPEN) {
      const step = await Promise.race([reading.next(), gone]);
      if (step === undefined || step.done === true) break;
      if (step.value.length > 0) await write(step.value);
    }
    end();
  } catch {
    // The status line is out: that the text has broken off can only be told by ending without a farewell.
    socket.terminate();
  } finally {
    upgrade.closing.removeEventListener('abort', end);
    void reading.return?.();
  }
}

async function serveSpdy(upgrade: Upgrade, target: Exclude<UpgradeTarget, TunnelTarget>): Promise<void> {
  const { request, socket, head } = upgrade;
  const asked = String(request.headers['x-stream-protocol-version'] ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  const offered = target.kind === 'ports' ? [PORTS_SESSION_PROTOCOL] : PROCESS_SESSION_PROTOCOLS;
  // A client that names none speaks the first version.
  const protocol = asked.length === 0 ? offered.at(-1)! : asked.find((text) => offered.includes(text));
  if (protocol === undefined) {
    const text = `unable to upgrade: unable to negotiate protocol: client supports [${asked.join(' ')}], server accepts [${offered.join(' ')}]`;
    upgrade.refuse(403, text, { 'X-Accept-Stream-Protocol-Versions': offered });
    return;
  }
  if (target.kind === 'process' && target.refusal !== null) {
    upgrade.refuse(target.refusal.status, target.refusal.text);
    return;
  }
  const answer = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: SPDY/3.1'];
  if (asked.length > 0) answer.push(`X-Stream-Protocol-Version: ${protocol}`);
  if (head.length > 0) socket.unshift(head);
  socket.write(`${answer.join('\r\n')}\r\n\r\n`);
  if (target.kind === 'process') await serveProcessSession(socket, protocol, target, upgrade.closing);
  else await servePortsSession(socket, target, upgrade.closing);
}

function speaksVersion5(request: IncomingMessage): boolean {
  return socketProtocols(request).some((protocol) => protocol.startsWith('v5.'));
}
