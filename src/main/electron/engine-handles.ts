/**
 * The two ways to run the engine process. Usually Electron's utility process, which is given each page's port itself.
 * With FLEETDECK_ENGINE_NODE a child under that Node: ports cannot be sent to it, so their frames are passed on.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { MessageChannelMain, type MessagePortMain, utilityProcess } from 'electron';
import { isControl } from '#shared/transport/port-socket.ts';
import type { FromEngine, ToEngine } from '../host/engine-protocol.ts';
import type { EngineHandle } from './engine-launcher.ts';

/** The page's frame: takes the page's end of a channel. */
export interface PageFrame {
  give(port: MessagePortMain): void;
}

export function launchEngine(appRoot: string, node: string | undefined): EngineHandle<PageFrame> {
  const entry = path.join(appRoot, 'dist', 'main', 'engine.js');
  return node === undefined || node === '' ? utility(entry) : child(node, entry);
}

function utility(entry: string): EngineHandle<PageFrame> {
  const engine = utilityProcess.fork(entry, [], {
    serviceName: 'Fleetdeck engine',
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const lastWords = tail(engine.stderr);
  return {
    send: (message: ToEngine) => engine.postMessage(message),
    onMessage: (listener) => engine.on('message', (message: FromEngine) => listener(message)),
    onExit: (listener) => engine.once('exit', () => listener(lastWords())),
    connect(connection, page) {
      const { port1, port2 } = new MessageChannelMain();
      engine.postMessage({ type: 'connect', connection } satisfies ToEngine, [port1]);
      page.give(port2);
    },
    kill: () => void engine.kill(),
  };
}

function child(node: string, entry: string): EngineHandle<PageFrame> {
  const engine: ChildProcess = spawn(node, [entry], { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
  const lastWords = tail(engine.stderr);
  const ports = new Map<number, MessagePortMain>();
  const send = (message: ToEngine): void => void engine.send(message, () => {});
  engine.on('error', () => {});
  engine.on('message', (raw) => {
    const message = raw as FromEngine;
    if (message.type === 'frame') ports.get(message.connection)?.postMessage(message.data);
    else if (message.type === 'accepted') ports.get(message.connection)?.postMessage({ type: 'open' });
    else if (message.type === 'closed') forget(message.connection);
  });
  const forget = (connection: number): void => {
    const port = ports.get(connection);
    ports.delete(connection);
    port?.postMessage({ type: 'close' });
    port?.close();
  };
  return {
    send,
    onMessage: (listener) => engine.on('message', (message) => listener(message as FromEngine)),
    onExit: (listener) =>
      engine.once('close', () => {
        for (const connection of [...ports.keys()]) forget(connection);
        listener(lastWords());
      }),
    connect(connection, page) {
      const { port1, port2 } = new MessageChannelMain();
      ports.set(connection, port1);
      const gone = (): void => {
        if (ports.delete(connection)) send({ type: 'disconnect', connection });
      };
      port1.on('message', ({ data }) => {
        if (typeof data === 'string') send({ type: 'frame', connection, data });
        else if (isControl(data, 'close')) gone();
      });
      port1.on('close', gone);
      port1.start();
      send({ type: 'connect', connection });
      page.give(port2);
    },
    kill: () => void engine.kill('SIGKILL'),
  };
}

/** Passes standard error on and remembers its end. */
function tail(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.on('data', (chunk: Buffer) => {
    process.stderr.write(chunk);
    text = (text + chunk.toString('utf8')).slice(-4000);
  });
  return () => text;
}
