import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import { describe, expect, test, vi } from 'vitest';
import type { AppRouter } from '#shared/contract/router.ts';
import { type PortLike, portSocketClass } from '#shared/transport/port-socket.ts';
import { fakeEngine, memoryLog } from '../../../test/fixtures/fake-engine.ts';
import { type Port, servePorts } from './port-peer.ts';

function asPort(port: MessagePort): Port {
  return {
    send: (message) => port.postMessage(message),
    close: () => port.close(),
    onMessage: (listener) => port.on('message', listener),
    onClose: (listener) => port.on('close', listener),
  };
}

function connect(engine = fakeEngine()) {
  const accept = servePorts(engine, memoryLog());
  const engineEnds: MessagePort[] = [];
  const socket = createWSClient({
    url: 'ws://port',
    retryDelayMs: () => 0,
    WebSocket: portSocketClass(async () => {
      const { port1, port2 } = new MessageChannel();
      engineEnds.push(port1);
      accept(asPort(port1));
      return port2 as unknown as PortLike;
    }),
  });
  const client = createTRPCClient<AppRouter>({ links: [wsLink({ client: socket })] });
  return { engine, client, socket, engineEnds };
}

describe('the contract over a port', () => {
  test('answers queries and carries errors as plain data, without their traces', async () => {
    const { client, socket } = connect();
    expect((await client.system.info.query()).operator.name).toBe('tester');
    const error = await client.fleets.list.query().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ data: { app: { code: 'UNSUPPORTED' } } });
    expect((error as { data: object }).data).not.toHaveProperty('stack');
    await socket.close();
  });

  test('a subscription ends in the engine when the page closes its port', async () => {
    const { engine, client, socket } = connect();
    client.system.heartbeat.subscribe(undefined, { onData: () => {} });
    await vi.waitFor(() => expect(engine.heartbeats).toBe(1));
    await socket.close();
    await vi.waitFor(() => expect(engine.heartbeats).toBe(0));
  });

  test('when the engine dies the page connects again by itself and its subscriptions go on', async () => {
    const { client, socket, engineEnds } = connect();
    const beats = vi.fn();
    client.system.heartbeat.subscribe(undefined, { onData: beats });
    await vi.waitFor(() => expect(beats).toHaveBeenCalledTimes(1));
    engineEnds[0]?.close();
    await vi.waitFor(() => expect(beats).toHaveBeenCalledTimes(2));
    expect(engineEnds).toHaveLength(2);
    await socket.close();
  });

  test('what is no frame ends the connection', () => {
    const events = new EventEmitter();
    const sent: unknown[] = [];
    const close = vi.fn();
    servePorts(
      fakeEngine(),
      memoryLog(),
    )({
      send: (message) => sent.push(message),
      close,
      onMessage: (listener) => events.on('message', listener),
      onClose: (listener) => events.on('close', listener),
    });
    events.emit('message', { some: 'object' });
    expect(sent).toEqual([{ type: 'open' }, { type: 'close' }]);
    expect(close).toHaveBeenCalledTimes(1);
  });
});
