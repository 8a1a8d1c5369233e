/** exec, attach and port-forward over WebSocket channels. Source: k8s.io/kubelet remotecommand and portforward, websocket.go. */
import { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { WebSocket } from 'ws';
import type { PortsTarget, ProcessTarget } from '../request/types.ts';
import { Channels } from './channels.ts';
import { type ExitStatus, internalStatus, runProcess, TerminalSizes, textOfError } from './process.ts';

export const CHANNEL_PROTOCOLS = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
];
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 };

export async function serveProcessSocket(
  socket: WebSocket,
  protocol: string,
  target: ProcessTarget,
  closing: AbortSignal,
): Promise<void> {
  const channels = new Channels(socket, protocol);
  const gone = endOf(socket, closing);
  const sizes = new TerminalSizes();
  channels.onMessage(CHANNEL.resize, (data) => data !== null && sizes.receive(data.toString('utf8')));
  const stdin = target.stdin ? channels.readable(CHANNEL.stdin) : null;
  const stdout = target.stdout ? channels.writable(CHANNEL.stdout) : null;
  const stderr = target.stderr ? channels.writable(CHANNEL.stderr) : null;
  // An empty message says that the connection stands.
  channels.send(target.stdout ? CHANNEL.stdout : target.stderr ? CHANNEL.stderr : CHANNEL.error, new Uint8Array());
  const status =
    target.refusal === null
      ? await runProcess(target, { stdin, stdout, stderr, onResize: sizes.onResize }, gone)
      : internalStatus(`unable to upgrade connection: ${target.refusal.text}`);
  const outgoing = [stdout, stderr].filter((stream) => stream !== null);
  for (const stream of outgoing) stream.end();
  await Promise.allSettled(outgoing.map((stream) => finished(stream)));
  const text = statusText(status, protocol);
  if (text !== '') channels.send(CHANNEL.error, Buffer.from(text));
  socket.resume();
  socket.close(1000);
}

function statusText(status: ExitStatus, protocol: string): string {
  if (/^v[45]\./.test(protocol)) return JSON.stringify(status);
  return status.status === 'Success' ? '' : (status.message ?? '');
}

/** The oldest form of port-forward: every port of the query has two channels, data and error, and one connection. */
export async function servePortsSocket(
  socket: WebSocket,
  protocol: string,
  target: PortsTarget,
  closing: AbortSignal,
): Promise<void> {
  const channels = new Channels(socket, protocol);
  const gone = endOf(socket, closing);
  await Promise.all(
    target.ports.map(async (port, index) => {
      const [dataChannel, errorChannel] = [index * 2, index * 2 + 1];
      const number = Buffer.from([port & 0xff, port >> 8]);
      const [readable, writable] = [channels.readable(dataChannel), channels.writable(dataChannel)];
      channels.send(dataChannel, number);
      channels.send(errorChannel, number);
      const data = Duplex.from({ readable, writable });
      data.on('error', () => undefined);
      try {
        await target.connect(port, data, gone);
      } catch (error) {
        channels.send(errorChannel, Buffer.from(textOfError(error)));
      }
      data.end();
      await finished(writable).catch(() => undefined);
    }),
  );
  socket.resume();
  socket.close(1000);
}

/** Aborted when the client is gone; a server that closes takes its clients along. */
function endOf(socket: WebSocket, closing: AbortSignal): AbortSignal {
  const gone = new AbortController();
  const stop = () => socket.terminate();
  closing.addEventListener('abort', stop, { once: true });
  socket.once('close', () => {
    closing.removeEventListener('abort', stop);
    gone.abort();
  });
  return gone.signal;
}
