/** Text of clusters on its way into files that other programs open: it must stay text there. Pure. */

/** Control characters and those that turn the direction of writing: they make a text look like another one. */
const UNSEEN = /[\p{Cc}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/** The same text with what cannot be seen made visible; tabs and line breaks stay. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (char) =>
    char === '\n' || char === '\t' ? char : `\\u{${char.codePointAt(0)?.toString(16)}}`,
  );
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** For HTML, between tags and in quoted attributes. */
export function html(text: string): string {
  return visible(text).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

/**
 * One field of a CSV file (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV
 * Injection"), full-width signs included.
 */
export function csvField(text: string): string {
  const plain = visible(text);
  const safe = /^\s*[=+\-@\t\r＝＋－＠]/.test(plain) ? `'${plain}` : plain;
  return `"${safe.replaceAll('"', '""')}"`;
}
