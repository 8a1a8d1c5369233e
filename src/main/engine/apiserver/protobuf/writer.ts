/** Protocol buffers wire format, writing. A message is written behind one byte for its length, and moved when that needs more. */
export class ProtoWriter {
  private buffer = Buffer.allocUnsafe(256);
  private length = 0;

  string(number: number, value: string): this {
    const size = Buffer.byteLength(value);
    this.varint((number << 3) | 2)
      .varint(size)
      .reserve(size);
    this.length += this.buffer.write(value, this.length, 'utf8');
    return this;
  }

  bool(number: number, value: boolean): this {
    return this.varint(number << 3).varint(value ? 1 : 0);
  }

  varintField(number: number, value: number): this {
    return this.varint(number << 3).varint(value);
  }

  /** What is already encoded. */
  bytes(value: Uint8Array): this {
    this.reserve(value.length);
    this.buffer.set(value, this.length);
    this.length += value.length;
    return this;
  }

  message(number: number, fill: (part: ProtoWriter) => void): this {
    this.varint((number << 3) | 2).reserve(1);
    const at = this.length;
    this.length += 1;
    fill(this);
    const end = this.length;
    const size = end - at - 1;
    // How many bytes the length takes is known when it is written; then it is written again in its place.
    this.varint(size);
    const more = this.length - end - 1;
    if (more > 0) this.buffer.copyWithin(at + 1 + more, at + 1, end);
    this.length = at;
    this.varint(size).length = end + more;
    return this;
  }

  finish(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private varint(value: number): this {
    this.reserve(6);
    let rest = value;
    while (rest > 0x7f) {
      this.buffer[this.length] = (rest & 0x7f) | 0x80;
      this.length += 1;
      rest >>>= 7;
    }
    this.buffer[this.length] = rest;
    this.length += 1;
    return this;
  }

  private reserve(size: number): void {
    if (this.length + size <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + size));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}
