/** Kubernetes' own libraries: quantities, URLs, semantic versions, named formats. Source: "CEL in Kubernetes", libraries. */

import { canonicalQuantity, isQuantity, nanoOf, quantityOfNano } from '../../kinds/validation/quantity.ts';
import { namedFormat, namedFormatNames } from '../named-formats.ts';
import {
  BOOL,
  DOUBLE,
  FORMAT,
  INT,
  list,
  map,
  optional,
  QUANTITY,
  SEMVER,
  STRING,
  typeName,
  URL_TYPE,
} from '../types.ts';
import { type CelValue, EvaluationError, type MapKey, Opaque, Optional } from '../values.ts';
import { fn, method, type Overload } from './overload.ts';

type Quantity = Opaque<bigint>;
const NANO = 1_000_000_000n;

function quantityOf(text: string): Quantity {
  if (!isQuantity(text))
    throw new EvaluationError(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  return new Opaque(typeName(QUANTITY), nanoOf(text), canonicalQuantity(text));
}

const made = (nano: bigint): Quantity => new Opaque(typeName(QUANTITY), nano, quantityOfNano(nano));

function comparison(holds: (a: bigint, b: bigint) => boolean): Overload[] {
  return [method([QUANTITY, QUANTITY], BOOL, (a: Quantity, b: Quantity) => holds(a.value, b.value))];
}

function urlOf(text: string): URL | null {
  // Absolute URIs and absolute paths; nothing relative.
  try {
    if (text.startsWith('/')) return new URL(text, 'relative://');
    return /^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text) ? new URL(text) : null;
  } catch {
    return null;
  }
}

const isRelative = (url: URL): boolean => url.protocol === 'relative:';

type Version = Opaque<{ core: readonly bigint[]; pre: readonly string[] }>;
const SEMANTIC =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+[0-9a-zA-Z.-]+)?$/;

/** `normalize` takes `v1.2` for `1.2.0`. */
function versionOf(text: string, normalize: boolean): Version | null {
  const whole = normalize
    ? text.replace(/^v/, '').replace(/^([^-+]*)/, (core) => {
        const parts = core.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
        return [...parts, '0', '0'].slice(0, Math.max(3, parts.length)).join('.');
      })
    : text;
  const parts = SEMANTIC.exec(whole);
  if (parts === null) return null;
  const core = parts.slice(1, 4).map((part) => BigInt(part!));
  return new Opaque(typeName(SEMVER), { core, pre: parts[4]?.split('.') ?? [] }, whole);
}

function needVersion(text: string, normalize: boolean): Version {
  const version = versionOf(text, normalize);
  if (version === null) throw new EvaluationError(`Invalid Semantic Version ${JSON.stringify(text)}`);
  return version;
}

function compareVersions({ value: a }: Version, { value: b }: Version): number {
  for (let i = 0; i < 3; i++) if (a.core[i] !== b.core[i]) return a.core[i]! < b.core[i]! ? -1 : 1;
  if (a.pre.length === 0 || b.pre.length === 0) return Math.sign(b.pre.length - a.pre.length);
  for (let i = 0; i < Math.max(a.pre.length, b.pre.length); i++) {
    const [left, right] = [a.pre[i], b.pre[i]];
    if (left === right) continue;
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    const [numeric, other] = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (numeric !== other) return numeric ? -1 : 1;
    if (numeric) return BigInt(left) < BigInt(right) ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return 0;
}

const sign = (value: bigint): bigint => (value < 0n ? -1n : value > 0n ? 1n : 0n);

const formats = Object.fromEntries(
  namedFormatNames.map((name) => [`format.${name}`, [fn([], FORMAT, () => new Opaque(typeName(FORMAT), name, name))]]),
);

export const kubernetes: Readonly<Record<string, readonly Overload[]>> = {
  quantity: [fn([STRING], QUANTITY, quantityOf)],
  isQuantity: [fn([STRING], BOOL, (text: string) => isQuantity(text))],
  sign: [method([QUANTITY], INT, ({ value }: Quantity) => sign(value))],
  isGreaterThan: [
    ...comparison((a, b) => a > b),
    method([SEMVER, SEMVER], BOOL, (a: Version, b: Version) => compareVersions(a, b) > 0),
  ],
  isLessThan: [
    ...comparison((a, b) => a < b),
    method([SEMVER, SEMVER], BOOL, (a: Version, b: Version) => compareVersions(a, b) < 0),
  ],
  compareTo: [
    method([QUANTITY, QUANTITY], INT, (a: Quantity, b: Quantity) => sign(a.value - b.value)),
    method([SEMVER, SEMVER], INT, (a: Version, b: Version) => BigInt(compareVersions(a, b))),
  ],
  asApproximateFloat: [method([QUANTITY], DOUBLE, ({ value }: Quantity) => Number(value) / Number(NANO))],
  asInteger: [
    method([QUANTITY], INT, ({ value }: Quantity) => {
      if (value % NANO !== 0n) throw new EvaluationError('cannot convert value to integer');
      return value / NANO;
    }),
  ],
  isInteger: [method([QUANTITY], BOOL, ({ value }: Quantity) => value % NANO === 0n)],
  add: [
    method([QUANTITY, QUANTITY], QUANTITY, (a: Quantity, b: Quantity) => made(a.value + b.value)),
    method([QUANTITY, INT], QUANTITY, (a: Quantity, b: bigint) => made(a.value + b * NANO)),
  ],
  sub: [
    method([QUANTITY, QUANTITY], QUANTITY, (a: Quantity, b: Quantity) => made(a.value - b.value)),
    method([QUANTITY, INT], QUANTITY, (a: Quantity, b: bigint) => made(a.value - b * NANO)),
  ],
  url: [
    fn([STRING], URL_TYPE, (text: string) => {
      const url = urlOf(text);
      if (url === null)
        throw new EvaluationError(
          `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
        );
      return new Opaque(typeName(URL_TYPE), url, text);
    }),
  ],
  isURL: [fn([STRING], BOOL, (text: string) => urlOf(text) !== null)],
  getScheme: [
    method([URL_TYPE], STRING, ({ value }: Opaque<URL>) => (isRelative(value) ? '' : value.protocol.slice(0, -1))),
  ],
  getHost: [method([URL_TYPE], STRING, (url: Opaque<URL>) => hostOf(url))],
  getHostname: [
    method([URL_TYPE], STRING, (url: Opaque<URL>) =>
      hostOf(url)
        .replace(/:\d*$/, '')
        .replace(/^\[|\]$/g, ''),
    ),
  ],
  getPort: [method([URL_TYPE], STRING, (url: Opaque<URL>) => /:(\d*)$/.exec(hostOf(url))?.[1] ?? '')],
  getEscapedPath: [
    method(
      [URL_TYPE],
      STRING,
      ({ text }: Opaque<URL>) => /^(?:[^/?#]*:)?(?:\/\/[^/?#]*)?([^?#]*)/.exec(text)?.[1] ?? '',
    ),
  ],
  getQuery: [
    method([URL_TYPE], map(STRING, list(STRING)), ({ value }: Opaque<URL>) => {
      const query = new Map<MapKey, CelValue>();
      for (const name of new Set(value.searchParams.keys())) query.set(name, value.searchParams.getAll(name));
      return query;
    }),
  ],
  semver: [fn([STRING], SEMVER, (text: string) => needVersion(text, false)), fn([STRING, BOOL], SEMVER, needVersion)],
  isSemver: [
    fn([STRING], BOOL, (text: string) => versionOf(text, false) !== null),
    fn([STRING, BOOL], BOOL, (text: string, normalize: boolean) => versionOf(text, normalize) !== null),
  ],
  major: [method([SEMVER], INT, ({ value }: Version) => value.core[0]!)],
  minor: [method([SEMVER], INT, ({ value }: Version) => value.core[1]!)],
  patch: [method([SEMVER], INT, ({ value }: Version) => value.core[2]!)],
  'jsonpatch.escapeKey': [fn([STRING], STRING, (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1'))],
  ...formats,
  'format.named': [
    fn([STRING], optional(FORMAT), (name: string) =>
      namedFormatNames.includes(name) ? new Optional(new Opaque(typeName(FORMAT), name, name)) : Optional.none,
    ),
  ],
  validate: [
    method([FORMAT, STRING], optional(list(STRING)), ({ value }: Opaque<string>, text: string) => {
      const complaints = namedFormat(value, text);
      return complaints.length === 0 ? Optional.none : new Optional(complaints);
    }),
  ],
};

/** Host and port as they were written: a default port counts too. */
function hostOf({ value, text }: Opaque<URL>): string {
  if (isRelative(value)) return '';
  return /^[^/?#]*:\/\/(?:[^/?#@]*@)?([^/?#]*)/.exec(text)?.[1] ?? '';
}
