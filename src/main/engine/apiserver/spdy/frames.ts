/** Frames of SPDY/3.1 as bytes. Source: SPDY protocol draft 3, section 2.2 and 2.6. */
const VERSION = 3;
const HEADER_BYTES = 8;
/** No control frame of ours or of a well-behaved client comes near. */
const MAX_CONTROL_BYTES = 128 * 1024;

export const FrameType = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7 } as const;
export const FLAG_FIN = 1;
export const RST_REFUSED = 3;
export const RST_CANCEL = 5;

export type Frame =
  | { kind: 'data'; stream: number; fin: boolean; payload: Buffer }
  | { kind: 'control'; type: number; fin: boolean; payload: Buffer };

/** Cuts a byte stream into frames. Throws for what is not SPDY/3; a stream that ends inside a frame just ends. */
export async function* readFrames(source: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let kept: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    kept = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
    for (;;) {
      if (kept.length < HEADER_BYTES) break;
      const word = kept.readUInt32BE(0);
      const control = word >= 0x8000_0000;
      const length = kept.readUIntBE(5, 3);
      if (control && ((word >>> 16) & 0x7fff) !== VERSION) throw new Error('not a SPDY/3 frame');
      if (control && length > MAX_CONTROL_BYTES) throw new Error('a control frame is too large');
      if (kept.length < HEADER_BYTES + length) break;
      const fin = (kept[4]! & FLAG_FIN) !== 0;
      const payload = kept.subarray(HEADER_BYTES, HEADER_BYTES + length);
      kept = kept.subarray(HEADER_BYTES + length);
      yield control
        ? { kind: 'control', type: word & 0xffff, fin, payload }
        : { kind: 'data', stream: word, fin, payload };
    }
  }
}

export function controlFrame(type: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt16BE(0x8000 | VERSION, 0);
  head.writeUInt16BE(type, 2);
  head.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([head, payload]);
}

/** Head of a data frame; its payload follows. */
export function dataHead(stream: number, fin: boolean, length: number): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt32BE(stream, 0);
  head[4] = fin ? FLAG_FIN : 0;
  head.writeUIntBE(length, 5, 3);
  return head;
}

export function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}
