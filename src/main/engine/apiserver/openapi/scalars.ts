/** Times and bytes as texts: what is wrong with them, in the decoder's words. Source: Go's time and encoding/base64. */

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function isTime(text: string): boolean {
  return RFC3339.test(text) && !Number.isNaN(Date.parse(text));
}

/** Null for none and for good ones. */
export function timeProblem(value: unknown): string | null {
  if (typeof value !== 'string' || isTime(value)) return null;
  const extra = extraText(value);
  if (extra !== null) return extra;
  return unparsed(value, '2006-01-02T15:04:05Z07:00', value, '2006');
}

/** The finer kind of time has its fraction spelled out. */
export function microTimeProblem(value: string): string | null {
  const layout = '2006-01-02T15:04:05.000000Z07:00';
  if (RFC3339.test(value) && !/\.\d{6}/.test(value))
    return unparsed(value, layout, /(\.\d*)?(Z|[+-]\d\d:\d\d)$/i.exec(value)![0], '.000000');
  return isTime(value) ? null : (extraText(value) ?? unparsed(value, layout, value, '2006'));
}

/** A time with something behind it. */
function extraText(value: string): string | null {
  const whole = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))(.+)$/s.exec(value);
  if (whole === null || !isTime(whole[1]!)) return null;
  return `parsing time ${JSON.stringify(value)}: extra text: ${JSON.stringify(whole[2])}`;
}

function unparsed(value: string, layout: string, rest: string, element: string): string {
  return `parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${element}"`;
}

/** Null for what can be decoded; line breaks do not count. The form for addresses has no padding. */
export function base64Problem(value: string, form: 'padded' | 'url' = 'padded'): string | null {
  const text = value.replace(/[\r\n]/g, '');
  if (form === 'url') {
    const strange = /[^A-Za-z0-9_-]/.exec(text)?.index ?? (text.length % 4 === 1 ? text.length - 1 : null);
    return strange === null ? null : `illegal base64 data at input byte ${strange}`;
  }
  const bad = /[^A-Za-z0-9+/=]/.exec(text);
  if (bad !== null) return `illegal base64 data at input byte ${bad.index}`;
  const padding = text.indexOf('=');
  if (padding >= 0) {
    const place = strayPadding(text, padding);
    return place === null ? null : `illegal base64 data at input byte ${place}`;
  }
  if (text.length % 4 !== 0) return `illegal base64 data at input byte ${text.length - (text.length % 4)}`;
  return null;
}

/** Padding ends the text and completes the last four letters; what does not fit is at the returned place. */
function strayPadding(text: string, at: number): number | null {
  const letters = at % 4;
  if (letters < 2) return at;
  if (letters === 2 && text[at + 1] !== '=') return at + 1;
  const end = at + 4 - letters;
  return text.length > end ? end : null;
}
