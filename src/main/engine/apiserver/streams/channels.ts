/**
 * Several streams in one WebSocket: the first byte of a message is the channel. In the base64 variants messages are text:
 * a digit, then the data in base64. Source: k8s.io/apiserver wsstream; KEP-4006 for version 5, which can close a channel.
 */
import { Readable, Writable } from 'node:stream';
import type { RawData, WebSocket } from 'ws';

const CLOSE_CHANNEL = 255;
const BUFFER_BYTES = 64 * 1024;

export class Channels {
  readonly #socket: WebSocket;
  readonly #base64: boolean;
  readonly #canClose: boolean;
  readonly #readers = new Map<number, (data: Buffer | null) => void>();

  constructor(socket: WebSocket, protocol: string) {
    this.#socket = socket;
    this.#base64 = protocol.includes('base64');
    this.#canClose = protocol.startsWith('v5.');
    socket.on('error', () => socket.terminate());
    socket.on('message', (data: RawData) => this.#receive(bufferOf(data)));
    socket.on('close', () => {
      for (const reader of this.#readers.values()) reader(null);
    });
  }

  /** Calls back for every message of a channel, with null at its end. */
  onMessage(channel: number, reader: (data: Buffer | null) => void): void {
    this.#readers.set(channel, reader);
  }

  /** A channel as a stream; while nobody reads, the client has to wait. */
  readable(channel: number): Readable {
    const stream = new Readable({ highWaterMark: BUFFER_BYTES, read: () => this.#socket.resume() });
    stream.on('error', () => undefined);
    this.onMessage(channel, (data) => {
      if (stream.destroyed || stream.readableEnded) return;
      if (!stream.push(data) && data !== null) this.#socket.pause();
    });
    return stream;
  }

  writable(channel: number): Writable {
    const stream = new Writable({
      highWaterMark: BUFFER_BYTES,
      write: (chunk: Buffer, _encoding, done) => this.send(channel, chunk, done),
    });
    stream.on('error', () => undefined);
    return stream;
  }

  send(channel: number, data: Uint8Array, done?: (error?: Error | null) => void): void {
    const message = this.#base64
      ? channel + Buffer.from(data).toString('base64')
      : Buffer.concat([Buffer.of(channel), data]);
    this.#socket.send(message, (error) => done?.(error));
  }

  #receive(message: Buffer): void {
    if (message.length === 0) return;
    const channel = this.#base64 ? message[0]! - 0x30 : message[0]!;
    const rest = message.subarray(1);
    if (channel === CLOSE_CHANNEL && this.#canClose) this.#readers.get(rest[0] ?? CLOSE_CHANNEL)?.(null);
    else this.#readers.get(channel)?.(this.#base64 ? Buffer.from(rest.toString('latin1'), 'base64') : rest);
  }
}

function bufferOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
