/**
 * exec and attach over SPDY: one stream per direction, told apart by their `streamType` header.
 * Source: k8s.io/kubelet remotecommand protocol, versions 1 to 4.
 */
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ProcessTarget } from '../request/types.ts';
import { SpdySession, type SpdyStream } from '../spdy/session.ts';
import { runProcess, TerminalSizes } from './process.ts';

/** In the order of preference of a client that names several. */
export const PROCESS_SESSION_PROTOCOLS = [
  'v4.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
];
const OPEN_TIMEOUT_MS = 30_000;
const CLOSE_TIMEOUT_MS = 5_000;

export async function serveProcessSession(
  transport: Duplex,
  protocol: string,
  target: ProcessTarget,
  closing: AbortSignal,
): Promise<void> {
  const resizes = target.tty && /^v[34]\./.test(protocol);
  const wanted = ['error'];
  if (target.stdin) wanted.push('stdin');
  if (target.stdout) wanted.push('stdout');
  if (target.stderr) wanted.push('stderr');
  if (resizes) wanted.push('resize');

  const streams = new Map<string, SpdyStream>();
  let allOpen: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    allOpen = resolve;
  });
  const session = new SpdySession(transport, (stream) => {
    streams.set(stream.headers.streamtype ?? '', stream);
    if (wanted.every((type) => streams.has(type))) allOpen();
  });
  const gone = new AbortController();
  const stop = () => session.destroy();
  closing.addEventListener('abort', stop, { once: true });
  void session.closed.then(() => {
    closing.removeEventListener('abort', stop);
    gone.abort();
  });
  const impatient = setTimeout(stop, OPEN_TIMEOUT_MS);
  await Promise.race([opened, session.closed]);
  clearTimeout(impatient);
  const errors = streams.get('error');
  if (gone.signal.aborted || errors === undefined) return;

  const sizes = new TerminalSizes();
  const resize = streams.get('resize');
  if (resize !== undefined) readSizes(resize, sizes);
  const status = await runProcess(
    target,
    {
      stdin: target.stdin ? (streams.get('stdin') ?? null) : null,
      stdout: target.stdout ? (streams.get('stdout') ?? null) : null,
      stderr: target.stderr ? (streams.get('stderr') ?? null) : null,
      onResize: sizes.onResize,
    },
    gone.signal,
  );
  if (protocol.startsWith('v4.')) errors.write(JSON.stringify(status));
  else if (status.status !== 'Success') errors.write(status.message ?? '');
  const outgoing = ['stdout', 'stderr', 'error'].flatMap((type) => streams.get(type) ?? []);
  for (const stream of outgoing) stream.end();
  await Promise.allSettled(outgoing.map((stream) => finished(stream, { readable: false })));
  session.close();
  setTimeout(stop, CLOSE_TIMEOUT_MS).unref();
  await session.closed;
}

/** One JSON document per line. */
function readSizes(stream: SpdyStream, sizes: TerminalSizes): void {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
    const lines = text.split('\n');
    // A client that never ends its line gets no memory for it.
    text = lines.pop()!.slice(0, 1024);
    for (const line of lines) sizes.receive(line);
  });
}
