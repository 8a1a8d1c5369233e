/**
 * Server side of a SPDY/3.1 session over any byte stream, as exec, attach and port-forward of Kubernetes use it: the
 * client opens streams, both sides write, either half closes. There are no flow-control windows, because the clients
 * (moby/spdystream) neither grant nor honour them: a reader that does not keep up holds up the whole session.
 */
import { Duplex } from 'node:stream';
import { controlFrame, dataHead, type Frame, FrameType, RST_CANCEL, RST_REFUSED, readFrames, words } from './frames.ts';
import { EmptyHeaderWriter, HeaderReader } from './headers.ts';

/** What one stream may keep unread before the session stops reading. */
const STREAM_BUFFER_BYTES = 256 * 1024;
/** The data frame's length has 24 bits; smaller pieces let streams take turns. */
const MAX_PIECE_BYTES = 64 * 1024;
const MAX_STREAMS = 4096;

export class SpdyStream extends Duplex {
  readonly id: number;
  /** As the client sent them, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly #session: SpdySession;
  #drained: (() => void) | null = null;
  #finished = false;
  #reset = false;

  constructor(session: SpdySession, id: number, headers: Record<string, string>) {
    super({ readableHighWaterMark: STREAM_BUFFER_BYTES, writableHighWaterMark: MAX_PIECE_BYTES });
    this.#session = session;
    this.id = id;
    this.headers = headers;
    // Who reads sees the end of the stream; nobody has to listen for resets.
    this.on('error', () => undefined);
  }

  /** Hands in what came; resolves when there is room for more. */
  receive(data: Buffer): Promise<void> | undefined {
    if (this.destroyed || this.push(data)) return undefined;
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  receiveEnd(): void {
    if (!this.destroyed) this.push(null);
  }

  receiveReset(): void {
    this.#reset = true;
    this.destroy();
  }

  override _read(): void {
    this.#drained?.();
    this.#drained = null;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#session.sendData(this.id, chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#finished = true;
    this.#session.sendEnd(this.id, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#drained?.();
    this.#drained = null;
    if (!this.#reset && !(this.#finished && this.readableEnded)) this.#session.sendReset(this.id);
    this.#session.forget(this.id);
    done(error);
  }
}

export class SpdySession {
  readonly #transport: Duplex;
  readonly #streams = new Map<number, SpdyStream>();
  readonly #headers = new HeaderReader();
  readonly #replies = new EmptyHeaderWriter();
  readonly #onStream: (stream: SpdyStream) => void;
  /** Resolves when the session is over, whoever ended it and for whatever reason. */
  readonly closed: Promise<void>;

  /** `onStream` is called for every stream the client opens, synchronously; streams may be read and written from then on. */
  constructor(transport: Duplex, onStream: (stream: SpdyStream) => void) {
    this.#transport = transport;
    this.#onStream = onStream;
    transport.on('error', () => undefined);
    this.closed = this.#run();
  }

  /** Says goodbye and closes after what was written. */
  close(): void {
    if (this.#transport.writable) this.#transport.end(controlFrame(FrameType.goAway, words(0, 0)));
  }

  destroy(): void {
    this.#transport.destroy();
  }

  sendData(id: number, chunk: Buffer, done: (error?: Error | null) => void): void {
    if (!this.#transport.writable) {
      done(new Error('the connection is closed'));
      return;
    }
    this.#transport.cork();
    for (let at = 0; at < chunk.length; at += MAX_PIECE_BYTES) {
      const piece = chunk.subarray(at, at + MAX_PIECE_BYTES);
      this.#transport.write(dataHead(id, false, piece.length));
      if (at + MAX_PIECE_BYTES < chunk.length) this.#transport.write(piece);
      else this.#transport.write(piece, done);
    }
    if (chunk.length === 0) done();
    this.#transport.uncork();
  }

  sendEnd(id: number, done: (error?: Error | null) => void): void {
    this.#send(dataHead(id, true, 0), done);
  }

  sendReset(id: number): void {
    this.#send(controlFrame(FrameType.rstStream, words(id, RST_CANCEL)));
  }

  forget(id: number): void {
    this.#streams.delete(id);
  }

  #send(bytes: Buffer, done: (error?: Error | null) => void = () => undefined): void {
    if (this.#transport.writable) this.#transport.write(bytes, done);
    else done();
  }

  async #run(): Promise<void> {
    try {
      for await (const frame of readFrames(this.#transport)) await this.#receive(frame);
    } catch {
      // A broken or foreign client: the same as one that went away.
    } finally {
      this.#headers.close();
      for (const stream of [...this.#streams.values()]) stream.receiveReset();
      this.#transport.destroy();
    }
  }

  async #receive(frame: Frame): Promise<void> {
    if (frame.kind === 'data') {
      const stream = this.#streams.get(frame.stream);
      if (frame.payload.length > 0) await stream?.receive(Buffer.from(frame.payload));
      if (frame.fin) stream?.receiveEnd();
      return;
    }
    switch (frame.type) {
      case FrameType.synStream:
        return this.#open(frame.payload, frame.fin);
      case FrameType.rstStream:
        this.#streams.get(frame.payload.readUInt32BE(0))?.receiveReset();
        return;
      case FrameType.ping:
        this.#send(controlFrame(FrameType.ping, frame.payload));
        return;
      default:
        // SETTINGS, WINDOW_UPDATE, HEADERS and GOAWAY ask for nothing that is done here.
        return;
    }
  }

  async #open(payload: Buffer, fin: boolean): Promise<void> {
    const id = payload.readUInt32BE(0) & 0x7fff_ffff;
    const headers = await this.#headers.read(payload.subarray(10));
    if (this.#streams.has(id) || this.#streams.size >= MAX_STREAMS) {
      this.#send(controlFrame(FrameType.rstStream, words(id, RST_REFUSED)));
      return;
    }
    const stream = new SpdyStream(this, id, headers);
    this.#streams.set(id, stream);
    this.#send(controlFrame(FrameType.synReply, Buffer.concat([words(id), this.#replies.next()])));
    this.#onStream(stream);
    if (fin) stream.receiveEnd();
  }
}
