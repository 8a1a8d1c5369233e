/** IP addresses and ranges. Source: "CEL in Kubernetes", IP and CIDR libraries. */
import { isIP } from 'node:net';
import { BOOL, CIDR, INT, IP, STRING, typeName } from '../types.ts';
import { EvaluationError, Opaque } from '../values.ts';
import { fn, method, type Overload } from './overload.ts';

interface Address {
  family: 4 | 6;
  bits: bigint;
}
interface Range extends Address {
  prefix: number;
}

const widthOf = (family: 4 | 6): number => (family === 4 ? 32 : 128);

/** Null for what is no address; zones and addresses of one family inside the other are none here. */
function parseAddress(text: string): Address | null {
  const family = isIP(text);
  if (family === 4) return { family, bits: text.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n) };
  if (family !== 6 || text.includes('%') || text.includes('.')) return null;
  const [head = '', tail] = text.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const middle = Array.from({ length: 8 - left.length - right.length }, () => '0');
  const bits = [...left, ...middle, ...right].reduce((all, group) => (all << 16n) | BigInt(`0x${group}`), 0n);
  return { family: 6, bits };
}

/** Canonical text: the longest run of zero groups left out. Source: RFC 5952. */
function addressText({ family, bits }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((bits >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  let [best, length] = [-1, 1];
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === '0') end++;
    if (end - start > length) [best, length] = [start, end - start];
  }
  if (best < 0) return groups.join(':');
  return `${groups.slice(0, best).join(':')}::${groups.slice(best + length).join(':')}`;
}

function parseRange(text: string): Range | null {
  const parts = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text);
  const address = parts === null ? null : parseAddress(parts[1]!);
  const prefix = Number(parts?.[2]);
  return address === null || prefix > widthOf(address.family) ? null : { ...address, prefix };
}

function ip(text: string): Opaque<Address> {
  const address = parseAddress(text);
  if (address === null)
    throw new EvaluationError(
      `IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`,
    );
  return ipOf(address);
}

const ipOf = (address: Address): Opaque<Address> => new Opaque(typeName(IP), address, addressText(address));

function cidr(text: string): Opaque<Range> {
  const range = parseRange(text);
  if (range === null)
    throw new EvaluationError(
      `network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): no '/'`,
    );
  return cidrOf(range);
}

const cidrOf = (range: Range): Opaque<Range> =>
  new Opaque(typeName(CIDR), range, `${addressText(range)}/${range.prefix}`);

const inside = (outer: Range, address: Address): boolean => {
  const shift = BigInt(widthOf(outer.family) - outer.prefix);
  return outer.family === address.family && outer.bits >> shift === address.bits >> shift;
};
const covers = (outer: Range, inner: Range): boolean => outer.prefix <= inner.prefix && inside(outer, inner);

/** Read when first asked for: hardly any expression does. */
const within = (...ranges: string[]) => {
  let parsed: Range[] | null = null;
  return (address: Address): boolean => {
    parsed ??= ranges.map((text) => parseRange(text)!);
    return parsed.some((range) => inside(range, address));
  };
};
const isUnspecified = within('0.0.0.0/32', '::/128');
const isLoopback = within('127.0.0.0/8', '::1/128');
const isLinkLocalMulticast = within('224.0.0.0/24', 'ff02::/16');
const isLinkLocalUnicast = within('169.254.0.0/16', 'fe80::/10');
const isMulticast = within('224.0.0.0/4', 'ff00::/8');
const isBroadcast = within('255.255.255.255/32');
const isGlobalUnicast = (address: Address): boolean =>
  ![isUnspecified, isLoopback, isMulticast, isLinkLocalUnicast, isBroadcast].some((is) => is(address));

const question = (holds: (address: Address) => boolean): Overload[] => [
  method([IP], BOOL, ({ value }: Opaque<Address>) => holds(value)),
];

export const net: Readonly<Record<string, readonly Overload[]>> = {
  ip: [
    fn([STRING], IP, ip),
    method([CIDR], IP, ({ value }: Opaque<Range>) => ipOf({ family: value.family, bits: value.bits })),
  ],
  isIP: [fn([STRING], BOOL, (text: string) => parseAddress(text) !== null)],
  'ip.isCanonical': [fn([STRING], BOOL, (text: string) => ip(text).text === text)],
  family: [method([IP], INT, ({ value }: Opaque<Address>) => BigInt(value.family))],
  isUnspecified: question(isUnspecified),
  isLoopback: question(isLoopback),
  isLinkLocalMulticast: question(isLinkLocalMulticast),
  isLinkLocalUnicast: question(isLinkLocalUnicast),
  isGlobalUnicast: question(isGlobalUnicast),
  cidr: [fn([STRING], CIDR, cidr)],
  isCIDR: [fn([STRING], BOOL, (text: string) => parseRange(text) !== null)],
  containsIP: [
    method([CIDR, STRING], BOOL, ({ value }: Opaque<Range>, text: string) => inside(value, ip(text).value)),
    method([CIDR, IP], BOOL, ({ value }: Opaque<Range>, address: Opaque<Address>) => inside(value, address.value)),
  ],
  containsCIDR: [
    method([CIDR, STRING], BOOL, ({ value }: Opaque<Range>, text: string) => covers(value, cidr(text).value)),
    method([CIDR, CIDR], BOOL, ({ value }: Opaque<Range>, inner: Opaque<Range>) => covers(value, inner.value)),
  ],
  prefixLength: [method([CIDR], INT, ({ value }: Opaque<Range>) => BigInt(value.prefix))],
  masked: [
    method([CIDR], CIDR, ({ value }: Opaque<Range>) => {
      const shift = BigInt(widthOf(value.family) - value.prefix);
      return cidrOf({ ...value, bits: (value.bits >> shift) << shift });
    }),
  ],
  string: [
    fn([IP], STRING, ({ text }: Opaque<Address>) => text),
    fn([CIDR], STRING, ({ text }: Opaque<Range>) => text),
  ],
};
