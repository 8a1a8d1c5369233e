/** Parsing of the few response headers that carry meaning for a person. */

/** Texts of `Warning: 299 - "text"` headers (several are joined by commas in one value). RFC 7234 5.5, KEP-1693. */
export function parseWarnings(value: string | undefined): string[] {
  if (value === undefined) return [];
  const texts: string[] = [];
  for (const match of unicode(value).matchAll(/\b299\s+\S+\s+"((?:[^"\\]|\\.)*)"/g)) {
    texts.push((match[1] ?? '').replace(/\\(.)/g, '$1'));
  }
  return texts;
}

/** API servers write UTF-8, of which Node makes a letter per byte; what is no UTF-8 is taken as it is. */
function unicode(value: string): string {
  if (!/[\u0080-\u00ff]/.test(value) || /[\u0100-\uffff]/.test(value)) return value;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1'));
  } catch {
    return value;
  }
}
