/**
 * The text of YAML. Unlike JSON, whose bytes are replaced where they are no characters, YAML with such bytes, or with
 * characters that nobody can see, is refused: what is stored is what was meant. Source: go-yaml, texts of its reader.
 */

/** Tabs, ends of lines, printable characters and marks of byte order. */
function isAllowed(code: number): boolean {
  if (code < 0x7f) return code >= 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
  if (code < 0xa0) return code === 0x85;
  return code !== 0xfffe && code !== 0xffff;
}

/** Least character that is worth so many bytes. */
const LEAST = [0, 0, 0x80, 0x800, 0x10000];

function widthOf(octet: number): number {
  if (octet < 0x80) return 1;
  if ((octet & 0xe0) === 0xc0) return 2;
  if ((octet & 0xf0) === 0xe0) return 3;
  return (octet & 0xf8) === 0xf0 ? 4 : 0;
}

/** What is wrong with the bytes; null when nothing is. */
export function yamlBytesProblem(bytes: Uint8Array): string | null {
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!;
    const width = widthOf(first);
    if (width === 0) return 'yaml: invalid leading UTF-8 octet';
    if (at + width > bytes.length) return 'yaml: incomplete UTF-8 octet sequence';
    let code = width === 1 ? first : first & (0xff >> (width + 1));
    for (let next = at + 1; next < at + width; next++) {
      const octet = bytes[next]!;
      if ((octet & 0xc0) !== 0x80) return 'yaml: invalid trailing UTF-8 octet';
      code = (code << 6) | (octet & 0x3f);
    }
    if (code < LEAST[width]!) return 'yaml: invalid length of a UTF-8 sequence';
    if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return 'yaml: invalid Unicode character';
    if (!isAllowed(code)) return 'yaml: control characters are not allowed';
    at += width;
  }
  return null;
}
