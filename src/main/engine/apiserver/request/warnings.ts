/** Warning headers of an answer. Source: apiserver, WithWarningRecorder; RFC 7234, 5.5. */

/** In code points: of all texts together, before they are cut; of one text that is cut. */
const MAX_TOTAL = 4096;
const MAX_CUT = 256;

/** One header per text, each text once. One that is no single line is left out; too much text is cut. */
export function warningHeaders(texts: readonly string[]): string[] {
  const once = [...new Set(texts)].filter((text) => text !== '');
  const whole = once.flatMap((text) => header(text));
  const total = once.reduce((sum, text) => sum + (header(text).length === 0 ? 0 : lengthOf(text)), 0);
  if (total <= MAX_TOTAL) return whole;
  const headers: string[] = [];
  let written = 0;
  for (const text of once) {
    if (written >= MAX_TOTAL) break;
    const cut = [...text].slice(0, MAX_CUT).join('');
    const made = header(cut);
    if (made.length > 0) written += lengthOf(cut);
    headers.push(...made);
  }
  return headers;
}

function lengthOf(text: string): number {
  return [...text].length;
}

function header(text: string): string[] {
  return /\p{Cc}/u.test(text) ? [] : [`299 - "${text.replace(/["\\]/g, '\\$&')}"`];
}
