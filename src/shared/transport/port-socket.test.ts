import { MessageChannel } from 'node:worker_threads';
import { describe, expect, test, vi } from 'vitest';
import { type PortLike, portSocketClass } from './port-socket.ts';

/** Node's MessagePort has the same listeners; its types differ only in the event class. */
function channel(): { ours: PortLike; theirs: InstanceType<typeof MessageChannel>['port2'] } {
  const { port1, port2 } = new MessageChannel();
  return { ours: port1 as unknown as PortLike, theirs: port2 };
}

function next(target: EventTarget, type: string): Promise<Event> {
  return new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
}

describe('a MessagePort as a socket', () => {
  test('is open only after the engine has accepted it', async () => {
    const { ours, theirs } = channel();
    const socket = new (portSocketClass(async () => ours))('ws://ignored');
    await new Promise((resolve) => setImmediate(resolve));
    expect(socket.readyState).toBe(0);
    expect(() => socket.send('x')).toThrow();
    const opened = next(socket, 'open');
    theirs.postMessage({ type: 'open' });
    await opened;
    expect(socket.readyState).toBe(1);
    socket.close();
  });

  test('carries text frames both ways', async () => {
    const { ours, theirs } = channel();
    const socket = new (portSocketClass(async () => ours))('ws://ignored');
    const opened = next(socket, 'open');
    theirs.postMessage({ type: 'open' });
    await opened;
    const received = new Promise((resolve) => theirs.once('message', resolve));
    socket.send('{"a":1}');
    expect(await received).toBe('{"a":1}');
    const answer = next(socket, 'message');
    theirs.postMessage('{"b":2}');
    expect(((await answer) as MessageEvent).data).toBe('{"b":2}');
    socket.close();
  });

  test('closes when the engine closes, and when the engine dies', async () => {
    for (const die of [false, true]) {
      const { ours, theirs } = channel();
      const socket = new (portSocketClass(async () => ours))('ws://ignored');
      const opened = next(socket, 'open');
      theirs.postMessage({ type: 'open' });
      await opened;
      const closed = next(socket, 'close');
      if (die) theirs.close();
      else theirs.postMessage({ type: 'close' });
      expect((await closed) as CloseEvent).toMatchObject({ code: die ? 1006 : 1001 });
      expect(socket.readyState).toBe(3);
      theirs.close();
    }
  });

  test('tells the engine when the page closes it', async () => {
    const { ours, theirs } = channel();
    const socket = new (portSocketClass(async () => ours))('ws://ignored');
    const opened = next(socket, 'open');
    theirs.postMessage({ type: 'open' });
    await opened;
    const told = new Promise((resolve) => theirs.once('message', resolve));
    const closed = next(socket, 'close');
    socket.close();
    expect(await told).toEqual({ type: 'close' });
    await closed;
  });

  test('reports a shell that gives no port as error and close, once', async () => {
    const socket = new (portSocketClass(() => Promise.reject(new Error('gone'))))('ws://ignored');
    const errors = vi.fn();
    const closes = vi.fn();
    socket.addEventListener('error', errors);
    socket.addEventListener('close', closes);
    await next(socket, 'close');
    expect(errors).toHaveBeenCalledTimes(1);
    expect(closes).toHaveBeenCalledTimes(1);
  });

  test('a port that arrives after close is given back', async () => {
    const { ours, theirs } = channel();
    let give: (port: PortLike) => void = () => {};
    const socket = new (portSocketClass(() => new Promise((resolve) => (give = resolve))))('ws://ignored');
    const closed = next(socket, 'close');
    socket.close();
    await closed;
    const ended = new Promise((resolve) => theirs.once('close', () => resolve('closed')));
    theirs.start();
    give(ours);
    expect(await ended).toBe('closed');
  });
});
