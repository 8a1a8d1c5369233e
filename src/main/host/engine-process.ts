/**
 * The engine as a process of its own behind the desktop shell: Electron's utility process, or a child under plain Node
 * (FLEETDECK_ENGINE_NODE). It ends when the shell does.
 */
import type { EngineOptions } from '../engine/types.ts';
import { shapeOf } from './api.ts';
import { startDemo } from './demo.ts';
import { markInUse } from './demo-data.ts';
import type { FromEngine, StartMessage, ToEngine } from './engine-protocol.ts';
import { closeInTime, untilAskedToEnd } from './lifetime.ts';
import { createLog } from './log.ts';
import { openEngine } from './open-engine.ts';
import { type Port, servePorts } from './port-peer.ts';
import { RemoteSecretBox } from './remote-secret-box.ts';

/** The channel to the shell, whichever of the two kinds of process this is. */
interface Shell {
  send(message: FromEngine): void;
  listen(listener: (message: ToEngine, ports: readonly NativePort[]) => void): void;
}

/** Electron's MessagePortMain, as far as it is used; named here because this process may be plain Node. */
interface NativePort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
  on(event: 'close', listener: () => void): void;
  start(): void;
  close(): void;
}
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: ToEngine; ports: readonly NativePort[] }) => void): void;
}

function connectToShell(): Shell {
  const parent = (process as { parentPort?: ParentPort }).parentPort;
  if (parent !== undefined) {
    return {
      send: (message) => parent.postMessage(message),
      listen: (listener) => parent.on('message', ({ data, ports }) => listener(data, ports)),
    };
  }
  return {
    send: (message) => process.send?.(message, () => {}),
    listen: (listener) => process.on('message', (message) => listener(message as ToEngine, [])),
  };
}

function nativePort(port: NativePort): Port {
  return {
    send: (message) => port.postMessage(message),
    close: () => port.close(),
    onMessage: (listener) => {
      port.on('message', ({ data }) => listener(data));
      port.start();
    },
    onClose: (listener) => port.on('close', listener),
  };
}

/** A port made of numbered frames on the shell's channel. */
class FramedPort implements Port {
  private readonly connection: number;
  private readonly shell: Shell;
  private message: (message: unknown) => void = () => {};
  private gone: () => void = () => {};

  constructor(connection: number, shell: Shell) {
    this.connection = connection;
    this.shell = shell;
  }

  send(message: Parameters<Port['send']>[0]): void {
    const { connection } = this;
    if (typeof message === 'string') this.shell.send({ type: 'frame', connection, data: message });
    else this.shell.send({ type: message.type === 'open' ? 'accepted' : 'closed', connection });
  }

  close(): void {
    framed.delete(this.connection);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.message = listener;
  }

  onClose(listener: () => void): void {
    this.gone = listener;
  }

  receive(data: string): void {
    this.message(data);
  }

  disconnect(): void {
    this.gone();
  }
}

const shell = connectToShell();
const log = createLog();
const framed = new Map<number, FramedPort>();
const box = new RemoteSecretBox((message) => shell.send(message));
/** In the order of opening; closed in the opposite one. */
const open: (() => Promise<void> | void)[] = [];
let accept: ((port: Port) => { close(): void }) | null = null;

async function start({ dataDir, demo, keychain }: StartMessage): Promise<void> {
  const options: Omit<EngineOptions, 'log'> = {
    dataDir,
    host: 'electron',
    onSettings: (settings) => shell.send({ type: 'settings', settings }),
    ...(keychain ? { secretBox: box } : {}),
  };
  if (demo === null) {
    const engine = await openEngine({ ...options, log });
    open.push(() => engine.close());
    accept = servePorts(engine, log);
    shell.send({ type: 'ready' });
    return;
  }
  const { demo: running } = await startDemo(
    demo,
    async () => {
      const engine = await openEngine({ ...options, demo: true, log });
      markInUse(dataDir);
      // The window may come up while the clusters still do: it shows how they arrive.
      accept = servePorts(engine, log);
      shell.send({ type: 'ready' });
      return engine;
    },
    log,
    (end) => open.push(end),
  );
  shell.send({ type: 'demoReady', kubeconfigs: running.kubeconfigs });
  void running.lost.then(() => log.error('the simulated clusters are lost'));
}

function connect(connection: number, native: NativePort | undefined): void {
  if (accept === null) return;
  if (native !== undefined) {
    accept(nativePort(native));
    return;
  }
  const port = new FramedPort(connection, shell);
  framed.set(connection, port);
  accept(port);
}

async function end(): Promise<never> {
  await closeInTime(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });
  process.exit(0);
}

shell.listen((message, ports) => {
  switch (message.type) {
    case 'start':
      start(message).catch((error: unknown) => shell.send({ type: 'failed', error: shapeOf(error) }));
      break;
    case 'connect':
      connect(message.connection, ports[0]);
      break;
    case 'frame':
      framed.get(message.connection)?.receive(message.data);
      break;
    case 'disconnect':
      framed.get(message.connection)?.disconnect();
      break;
    case 'secret':
    case 'secretFailed':
      box.answered(message);
      break;
    case 'close':
      void end();
      break;
  }
});
void untilAskedToEnd().then(end);
// Lives until it is told to end: the channel to the shell does not keep a plain Node process running.
setInterval(() => {}, 1 << 30);
