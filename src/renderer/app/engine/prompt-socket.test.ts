import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { promptSocketClass } from './prompt-socket.ts';

/** The browser's socket as far as it matters: it tells its end when the other side says so. */
class Peerless extends EventTarget {
  closes = 0;
  close(): void {
    this.closes += 1;
  }
  end(): void {
    this.dispatchEvent(new CloseEvent('close', { code: 1000, wasClean: true }));
  }
}

const Prompt = promptSocketClass(Peerless as unknown as typeof WebSocket, 1_000);

function open() {
  const socket = new Prompt('ws://127.0.0.1/') as unknown as Peerless;
  const codes: number[] = [];
  socket.addEventListener('close', (event) => codes.push((event as CloseEvent).code));
  return { socket, codes };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('the end is told a second after the close though nobody answers, and once', () => {
  const { socket, codes } = open();
  socket.close();
  socket.close();
  vi.advanceTimersByTime(999);
  expect(codes).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(codes).toEqual([1006]);
  socket.end();
  socket.close();
  vi.advanceTimersByTime(5_000);
  expect(codes).toEqual([1006]);
  expect(socket.closes).toBe(3);
});

test('an answer in time is what is told', () => {
  const { socket, codes } = open();
  socket.close();
  socket.end();
  vi.advanceTimersByTime(5_000);
  expect(codes).toEqual([1000]);
});

test('an end that nobody asked for is told at once', () => {
  const { socket, codes } = open();
  socket.end();
  expect(codes).toEqual([1000]);
});
