/** IP addresses and ranges as text. */
import { isIP } from 'node:net';
import type { FieldError } from '../../types.ts';
import { invalidAll, invalidValue } from './field.ts';

const IP_TEXT = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const CIDR_TEXT = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

/** The address of an interface, which names it after `%`, is none of the network. */
export function isIp(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

export function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  const family = isIP(address);
  return family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

/** An IPv4 address as a number; null for anything else. */
export function ipv4Number(text: string): number | null {
  if (isIP(text) !== 4) return null;
  return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function ipv4Text(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** IPv4 with zeros before its numbers, which some read as octal, without them. */
export const withoutZeros = (text: string): string =>
  isIP(text) === 0 ? text.replace(/(^|[.:/])0+(?=\d)/g, '$1') : text.replace(/\/0+(?=\d)/, '/');

const isMapped = (address: string): boolean => /^(0*:)*:?ffff:/i.test(address) && address.includes('.');

export function validateIp(text: string, at: string): FieldError[] {
  return invalidAll(at, text, ipProblems(text));
}

export function ipProblems(text: string): string[] {
  if (isIp(text)) return isMapped(text) ? ['must not be an IPv4-mapped IPv6 address'] : [];
  return [isIp(withoutZeros(text)) ? 'must not have leading 0s' : IP_TEXT];
}

export function validateCidr(text: string, at: string): FieldError[] {
  const problem = cidrProblem(text);
  return problem === null ? [] : [invalidValue(at, text, problem)];
}

function cidrProblem(text: string): string | null {
  const [address = '', length = ''] = text.split('/');
  if (!isCidr(text) || /^0\d/.test(length))
    return isCidr(withoutZeros(text)) ? 'must not have leading 0s in IP or prefix length' : CIDR_TEXT;
  if (isMapped(address)) return 'must not have an IPv4-mapped IPv6 address';
  return bitsOf(address)?.slice(Number(length)).includes('1')
    ? 'must not have bits set beyond the prefix length'
    : null;
}

/** The bits of an address, most significant first; null for what is none. */
function bitsOf(address: string): string | null {
  const family = isIP(address);
  if (family === 4) return ipv4Number(address)!.toString(2).padStart(32, '0');
  if (family !== 6) return null;
  const [head = '', tail] = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, inHex).split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [first, last] = [groups(head), groups(tail ?? '')];
  const middle = tail === undefined ? [] : Array(8 - first.length - last.length).fill('0');
  return [...first, ...middle, ...last].map((group) => parseInt(group, 16).toString(2).padStart(16, '0')).join('');
}

function inHex(_whole: string, ...parts: string[]): string {
  const [a, b, c, d] = parts.slice(0, 4).map(Number) as [number, number, number, number];
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

/** Whether every address of the range `inner` is one of `outer`, and not the other way round. */
export function isStrictSubset(inner: string, outer: string): boolean {
  const [address = '', length = ''] = inner.split('/');
  const [base = '', baseLength = ''] = outer.split('/');
  const [bits, baseBits] = [bitsOf(address), bitsOf(base)];
  if (bits === null || baseBits === null || bits.length !== baseBits.length) return false;
  const kept = Number(baseLength);
  return kept < Number(length) && bits.slice(0, kept) === baseBits.slice(0, kept);
}
