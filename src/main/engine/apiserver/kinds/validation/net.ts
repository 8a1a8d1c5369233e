/** IP addresses and ranges as text. */
import { isIP } from 'node:net';

export function isIp(text: string): boolean {
  return isIP(text) !== 0;
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
