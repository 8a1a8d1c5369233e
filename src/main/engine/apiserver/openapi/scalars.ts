/** Times and bytes as texts: what is wrong with them, in the decoder's words. Source: Go's time and encoding/base64. */

/** The parts of a time and how Go's layouts name them; `fixed` ones have two digits. */
const PARTS = [
  { before: '', name: '2006', fixed: true },
  { before: '-', name: '01', fixed: true, range: 'month', from: 1, to: 12 },
  { before: '-', name: '02', fixed: true },
  { before: 'T', name: '15', fixed: false, range: 'hour', from: 0, to: 23 },
  { before: ':', name: '04', fixed: true, range: 'minute', from: 0, to: 59 },
  { before: ':', name: '05', fixed: true, range: 'second', from: 0, to: 59 },
] as const;
const PLAIN = '2006-01-02T15:04:05Z07:00';
const MICRO = '2006-01-02T15:04:05.000000Z07:00';
const ZONE = 'Z07:00';

interface ReadTime {
  /** Milliseconds of the whole second, UTC. */
  seconds: number;
  /** Digits of the fraction. */
  fraction: string;
}

/** Reads a time as Go does by one of its layouts; a text says what is wrong. */
export function readTime(value: string, micro: boolean): ReadTime | string {
  const given = JSON.stringify(value);
  const unlike = (rest: string, element: string) =>
    `parsing time ${given} as "${micro ? MICRO : PLAIN}": cannot parse ${JSON.stringify(rest)} as "${element}"`;
  const outside = (what: string) => `parsing time ${given}: ${what} out of range`;
  let rest = value;
  const numbers: number[] = [];
  for (const part of PARTS) {
    if (!rest.startsWith(part.before)) return unlike(rest, part.before);
    rest = rest.slice(part.before.length);
    const pattern = part.name === '2006' ? /^\d[\s\S]{3}/ : part.fixed ? /^\d\d/ : /^\d\d?/;
    const digits = pattern.exec(rest)?.[0];
    if (digits === undefined || !/^\d+$/.test(digits)) return unlike(rest, part.name);
    rest = rest.slice(digits.length);
    const number = Number(digits);
    if ('range' in part && (number < part.from || number > part.to)) return outside(part.range);
    numbers.push(number);
  }
  const fraction = (micro ? /^[.,]\d{6}/ : /^(?:[.,]\d+)?/).exec(rest)?.[0];
  if (fraction === undefined) return unlike(rest, '.000000');
  rest = rest.slice(fraction.length);
  const zone = /^(?:Z|([+-])(\d\d):(\d\d))/.exec(rest);
  if (zone === null) return unlike(rest, ZONE);
  const [whole, sign, hours = '0', minutes = '0'] = zone;
  // Some people write offsets of whole days and hours.
  if (Number(hours) > 24) return outside('time zone offset hour');
  if (Number(minutes) > 60) return outside('time zone offset minute');
  rest = rest.slice(whole.length);
  if (rest !== '') return `parsing time ${given}: extra text: ${JSON.stringify(rest)}`;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = numbers;
  const lastDay = new Date(Date.UTC(2000, month, 0));
  lastDay.setUTCFullYear(year, month, 0);
  if (day < 1 || day > lastDay.getUTCDate()) return outside('day');
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute, second));
  date.setUTCFullYear(year, month - 1, day);
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return { seconds: date.getTime() - (sign === '-' ? -offset : offset), fraction: fraction.slice(1) };
}

/** Null for none and for good ones. */
export function timeProblem(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const read = readTime(value, false);
  return typeof read === 'string' ? read : null;
}

/** The finer kind of time has its fraction spelled out. */
export function microTimeProblem(value: string): string | null {
  const read = readTime(value, true);
  return typeof read === 'string' ? read : null;
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
