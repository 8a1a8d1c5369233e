/**
 * The values of `format` that mean something. Source: API reference of apiextensions.k8s.io/v1, "JSONSchemaProps.format";
 * a format that is not known accepts everything.
 */
import { isIP } from 'node:net';
import { labelName, subdomainName } from '../kinds/validation/meta.ts';
import { isCidr } from '../kinds/validation/net.ts';
import { parseDuration } from './functions/conversions.ts';

/** A single label, or labels and a last one of at least two letters. */
const HOST =
  /^(?:[a-zA-Z0-9](?:-?[a-zA-Z0-9]{0,62})?|(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,63})$/;
const WORDED_DURATION =
  /^(?:\d+\s*(?:ns|nanosec(?:ond)?s?|us|µs|microsec(?:ond)?s?|ms|millisec(?:ond)?s?|s|sec(?:ond)?s?|m|min(?:ute)?s?|h|hrs?|hours?|d|days?|w|wks?|weeks?)\s*)+$/i;
const EMAIL =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?([0-9a-f])[0-9a-f]{3}-?([0-9a-f])[0-9a-f]{3}-?[0-9a-f]{12}$/i;
const MAC = /^([0-9a-f]{2}([:-]))([0-9a-f]{2}\2){4}[0-9a-f]{2}$|^([0-9a-f]{4}\.){2}[0-9a-f]{4}$/i;

function uuid(version?: string): (text: string) => boolean {
  return (text) => {
    const parts = UUID.exec(text);
    if (parts === null) return false;
    if (version === undefined) return true;
    return parts[1] === version && (version === '3' || '89ab'.includes(parts[2]!.toLowerCase()));
  };
}

function isDate(text: string): boolean {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (parts === null) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function isDateTime(text: string): boolean {
  const parts = /^(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:?\d\d)$/.exec(text);
  return (
    parts !== null && isDate(parts[1]!) && Number(parts[2]) < 24 && Number(parts[3]) < 60 && Number(parts[4]) <= 60
  );
}

function isBase64(text: string): boolean {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
}

/** An absolute URI or an absolute path. */
export function isUri(text: string): boolean {
  if (text === '' || /[\s\p{Cc}]/u.test(text)) return false;
  if (text.startsWith('/')) return true;
  return /^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text);
}

function isbn10(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  const sum = [...digits].reduce((all, digit, index) => all + (10 - index) * (digit === 'X' ? 10 : Number(digit)), 0);
  return sum % 11 === 0;
}

function isbn13(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^\d{13}$/.test(digits)) return false;
  return [...digits].reduce((all, digit, index) => all + Number(digit) * (index % 2 === 0 ? 1 : 3), 0) % 10 === 0;
}

function isCardNumber(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  if (!/^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11})$/.test(digits))
    return false;
  const sum = [...digits].reverse().reduce((all, digit, index) => {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
    return all + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

function isColour(text: string): boolean {
  const parts = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(text);
  return parts?.slice(1).every((part) => Number(part) <= 255) === true;
}

const formats: Readonly<Record<string, (text: string) => boolean>> = {
  bsonobjectid: (text) => /^[0-9a-f]{24}$/i.test(text),
  uri: isUri,
  email: (text) => EMAIL.test(text),
  hostname: (text) => text.length <= 255 && HOST.test(text),
  // Leading zeros are no octal digits but ignored.
  ipv4: (text) => isIP(text.replace(/\b0+(?=\d)/g, '')) === 4,
  ipv6: (text) => isIP(text) === 6,
  cidr: isCidr,
  mac: (text) => MAC.test(text),
  uuid: uuid(),
  uuid3: uuid('3'),
  uuid4: uuid('4'),
  uuid5: uuid('5'),
  isbn: (text) => isbn10(text) || isbn13(text),
  isbn10,
  isbn13,
  creditcard: isCardNumber,
  ssn: (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  hexcolor: (text) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text),
  rgbcolor: isColour,
  byte: isBase64,
  date: isDate,
  datetime: isDateTime,
  'date-time': isDateTime,
  duration: (text) => parseDuration(text) !== undefined || WORDED_DURATION.test(text),
  'k8s-short-name': (text) => labelName(text).length === 0,
  'k8s-long-name': (text) => subdomainName(text).length === 0,
};

/** Whether a value of a format has to look like something. */
export function isFormat(name: string): boolean {
  return name === 'password' || Object.hasOwn(formats, name);
}

export function matchesFormat(text: string, format: string): boolean {
  return Object.hasOwn(formats, format) ? formats[format]!(text) : true;
}
