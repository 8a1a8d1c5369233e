/** Text as Go's `%q` quotes it, where the real server names what somebody sent. Source: package strconv, Quote. */

const NAMED: Readonly<Record<string, string>> = { '07': '\\a', '0b': '\\v' };

export function goQuoted(text: string): string {
  return JSON.stringify(text)
    .replace(/\\u00([01][\da-f])/g, (_whole, code: string) => NAMED[code] ?? `\\x${code}`)
    .replace(/\x7f/g, '\\x7f')
    .replace(/[\x80-\xa0\xad]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
}
