/**
 * Header blocks of SPDY/3.1. One zlib stream per direction runs through the whole session, primed with a dictionary that
 * the protocol fixes. Source: SPDY protocol draft 3, sections 2.6.10 and 2.6.10.1.
 */
import { constants, createInflate, type Inflate } from 'node:zlib';

const LENGTH_PREFIXED =
  'options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow authorization cache-control connection content-base content-encoding content-language content-length content-location content-md5 content-range content-type date etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie keep-alive origin';
const STATUS_CODES = '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505';
const STATUS_TEXTS =
  '203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable';
const VALUES =
  'Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.';

function withLength(word: string): Buffer {
  const bytes = Buffer.from(word.replace('_', ' '));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export const DICTIONARY = Buffer.concat([
  ...LENGTH_PREFIXED.split(' ').map(withLength),
  Buffer.from(STATUS_CODES + STATUS_TEXTS + VALUES),
]);

/** Streams of exec and port-forward carry a handful of short headers. */
const MAX_BLOCK_BYTES = 64 * 1024;

/** Reads the header blocks of one direction, in the order in which they came. */
export class HeaderReader {
  readonly #inflate: Inflate = createInflate({ dictionary: DICTIONARY, finishFlush: constants.Z_SYNC_FLUSH });
  #pieces: Buffer[] = [];
  #size = 0;
  #failure: Error | null = null;
  #settle: ((error: Error | null) => void) | null = null;

  constructor() {
    this.#inflate.on('error', (error: Error) => this.#fail(error));
    this.#inflate.on('data', (piece: Buffer) => {
      this.#size += piece.length;
      if (this.#size > MAX_BLOCK_BYTES) this.#inflate.destroy(new Error('the headers of a stream are too large'));
      else this.#pieces.push(piece);
    });
  }

  /** Names in lower case; several values of one name are joined by NUL. Rejects for what is no header block. */
  async read(block: Uint8Array): Promise<Record<string, string>> {
    await new Promise<void>((resolve, reject) => {
      const settle = (error: Error | null) => {
        this.#settle = null;
        if (error === null) resolve();
        else reject(error);
      };
      this.#settle = settle;
      if (this.#failure !== null) settle(this.#failure);
      else this.#inflate.write(block, (error) => settle(error ?? this.#failure));
    });
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#size = 0;
    return parseHeaders(bytes);
  }

  close(): void {
    this.#inflate.destroy();
  }

  #fail(error: Error): void {
    this.#failure = error;
    this.#settle?.(error);
  }
}

function parseHeaders(bytes: Buffer): Record<string, string> {
  const headers: Record<string, string> = {};
  let at = 4;
  const text = (): string => {
    const length = bytes.readUInt32BE(at);
    at += 4 + length;
    if (at > bytes.length) throw new RangeError('a header is cut off');
    return bytes.toString('utf8', at - length, at);
  };
  for (let left = bytes.readUInt32BE(0); left > 0; left--) {
    const name = text().toLowerCase();
    headers[name] = text();
  }
  return headers;
}

/**
 * Writes empty header blocks, all that an answer to a stream needs. Nothing is worth compressing in them, so the zlib
 * stream is one of stored blocks: its header once, then per block the count 0 and an empty block that flushes it.
 */
export class EmptyHeaderWriter {
  #started = false;

  next(): Buffer {
    const stored = [0x00, 0x04, 0x00, 0xfb, 0xff, 0, 0, 0, 0, 0x00, 0x00, 0x00, 0xff, 0xff];
    const block = Buffer.from(this.#started ? stored : [0x78, 0x01, ...stored]);
    this.#started = true;
    return block;
  }
}
