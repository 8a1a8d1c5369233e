/** The SPDY/3.1 session against a client made of hand-written frames. */
import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import { constants, createDeflate, inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { controlFrame, dataHead, type Frame, FrameType, readFrames, words } from './frames.ts';
import { DICTIONARY, EmptyHeaderWriter } from './headers.ts';
import { SpdySession, type SpdyStream } from './session.ts';

/** Compresses header blocks the way clients do: one stream for the session, flushed after each block. */
class HeaderWriter {
  readonly #deflate = createDeflate({ dictionary: DICTIONARY });

  async block(headers: Record<string, string>): Promise<Buffer> {
    const parts = Object.entries(headers).flatMap((pair) =>
      pair.flatMap((text) => [words(Buffer.byteLength(text)), Buffer.from(text)]),
    );
    this.#deflate.write(Buffer.concat([words(Object.keys(headers).length), ...parts]));
    await new Promise<void>((resolve) => this.#deflate.flush(constants.Z_SYNC_FLUSH, resolve));
    return this.#deflate.read() as Buffer;
  }
}

function connection() {
  const [up, down] = [new PassThrough(), new PassThrough()];
  const streams: SpdyStream[] = [];
  const session = new SpdySession(Duplex.from({ readable: up, writable: down }), (stream) => streams.push(stream));
  const frames = readFrames(down);
  const headers = new HeaderWriter();
  return {
    up,
    session,
    streams,
    async open(id: number, values: Record<string, string>) {
      up.write(
        controlFrame(FrameType.synStream, Buffer.concat([words(id, 0), Buffer.alloc(2), await headers.block(values)])),
      );
      const reply = await this.next();
      expect(reply).toMatchObject({ kind: 'control', type: FrameType.synReply });
      return streams.at(-1)!;
    },
    async next(): Promise<Frame> {
      return (await frames.next()).value as Frame;
    },
  };
}

describe('spdy', () => {
  test('the dictionary is the one of the protocol', () => {
    expect(DICTIONARY).toHaveLength(1423);
  });

  test('answers carry empty header blocks in one zlib stream', () => {
    const writer = new EmptyHeaderWriter();
    const stream = Buffer.concat([writer.next(), writer.next(), writer.next()]);
    expect(inflateSync(stream, { finishFlush: constants.Z_SYNC_FLUSH })).toEqual(Buffer.alloc(12));
  });

  test('headers of later streams lean on those of earlier ones', async () => {
    const wire = connection();
    await wire.open(1, { streamtype: 'error', port: '80', requestid: '0' });
    const second = await wire.open(3, { StreamType: 'data', port: '80', requestid: '0' });
    expect(second.headers).toEqual({ streamtype: 'data', port: '80', requestid: '0' });
  });

  test('data goes both ways and either side can close its own', async () => {
    const wire = connection();
    const stream = await wire.open(1, { streamtype: 'data' });
    wire.up.write(Buffer.concat([dataHead(1, false, 5), Buffer.from('hello'), dataHead(1, true, 0)]));
    let text = '';
    for await (const chunk of stream) text += chunk;
    expect(text).toBe('hello');
    stream.end('bye');
    expect(await wire.next()).toMatchObject({ kind: 'data', stream: 1, fin: false, payload: Buffer.from('bye') });
    expect(await wire.next()).toMatchObject({ kind: 'data', stream: 1, fin: true });
  });

  test('pings are answered', async () => {
    const wire = connection();
    wire.up.write(controlFrame(FrameType.ping, words(7)));
    expect(await wire.next()).toMatchObject({ kind: 'control', type: FrameType.ping, payload: words(7) });
  });

  test('a reset ends the stream and leaves the session alone', async () => {
    const wire = connection();
    const stream = await wire.open(1, { streamtype: 'data' });
    const closed = once(stream, 'close');
    wire.up.write(controlFrame(FrameType.rstStream, words(1, 5)));
    await closed;
    await wire.open(3, { streamtype: 'data' });
    expect(wire.streams).toHaveLength(2);
  });

  test.each([
    ['what is no SPDY', Buffer.from('GET / HTTP/1.1\r\n\r\n\x80\x09\x00\x01aaaa', 'latin1')],
    ['headers that do not unpack', controlFrame(FrameType.synStream, Buffer.from('0123456789nonsense'))],
    ['a frame too short for its type', controlFrame(FrameType.synStream, Buffer.from('01'))],
    ['a control frame without end', Buffer.from([0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff])],
  ])('%s ends the session and every stream in it', async (_what, bytes) => {
    const wire = connection();
    const stream = await wire.open(1, { streamtype: 'data' });
    const ended = once(stream, 'close');
    wire.up.write(bytes);
    wire.up.end();
    await wire.session.closed;
    await ended;
  });
});
