/** Parsing of the few response headers that carry meaning for a person. */

/** Texts of `Warning: 299 - "text"` headers (several are joined by commas in one value). RFC 7234 5.5, KEP-1693. */
export function parseWarnings(value: string | undefined): string[] {
  if (value === undefined) return [];
  const texts: string[] = [];
  for (const match of value.matchAll(/\b299\s+\S+\s+"((?:[^"\\]|\\.)*)"/g)) {
    texts.push((match[1] ?? '').replace(/\\(.)/g, '$1'));
  }
  return texts;
}
