/** Addresses that have a plainer form. Source: texts of the real server's warnings; RFC 5952. */
import { isIP } from 'node:net';

/** The canonical form of an IPv6 address. */
export const plainIp = (address: string): string => new URL(`http://[${address}]/`).hostname.slice(1, -1);

/** Of a valid address; what is none is refused elsewhere. */
export function ipWarnings(address: string, at: string): string[] {
  if (isIP(address) !== 6 || address.includes('.') || address.includes('%')) return [];
  const wanted = plainIp(address);
  if (wanted === address) return [];
  return [`${at}: IPv6 address "${address}" should be in RFC 5952 canonical format ("${wanted}")`];
}

/** Of a valid range. */
export function cidrWarnings(range: string, at: string): string[] {
  const [address = '', length = ''] = range.split('/');
  if (isIP(address) !== 6 || address.includes('.')) return [];
  const wanted = `${plainIp(address)}/${length}`;
  if (wanted === range) return [];
  return [`${at}: IPv6 CIDR value "${range}" should be in RFC 5952 canonical format ("${wanted}")`];
}
