/**
 * Writes the few certificates that a server makes for itself, all of one shape: X.509 version 3, keys on P-256, signed with
 * ECDSA and SHA-256. A library that knows every shape takes longer to load than the server has for its whole start; it is
 * there for requests that others write (controllers/certificates.ts). Source: RFC 5280; ITU-T X.690 (DER).
 */
import { createHash, type KeyObject, sign, X509Certificate } from 'node:crypto';

export interface CertificateRequest {
  /** Positive, hexadecimal. */
  serial: string;
  /** DER of the issuer's name (`distinguishedName`, `subjectOf`). */
  issuer: Buffer;
  subject: Buffer;
  publicKey: KeyObject;
  signingKey: KeyObject;
  /** Public key of the issuer. */
  authority: KeyObject;
  notBefore: Date;
  notAfter: Date;
  usage: 'authority' | 'server' | 'client';
  /** DNS names; the loopback address is added to them. None: no names at all. */
  names?: readonly string[];
}

const BOOLEAN = 0x01;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const PRINTABLE_STRING = 0x13;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const SEQUENCE = 0x30;
const SET = 0x31;
/** Context-specific, constructed. */
const EXPLICIT = 0xa0;
/** Context-specific, primitive. */
const IMPLICIT = 0x80;

const TRUE = der(BOOLEAN, Buffer.of(0xff));
const ECDSA_WITH_SHA256 = der(SEQUENCE, oid('1.2.840.10045.4.3.2'));
const NAME_PARTS: Readonly<Record<string, string>> = { CN: '2.5.4.3', O: '2.5.4.10' };
const LOOPBACK = Buffer.of(127, 0, 0, 1);
/** digitalSignature; and keyCertSign. The first octet counts the unused bits. */
const SIGNS = Buffer.of(7, 0x80);
const SIGNS_CERTIFICATES = Buffer.of(2, 0x84);
const PURPOSES = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' };

/** The certificate as PEM. */
export function writeCertificate(request: CertificateRequest): string {
  const { serial, issuer, subject, publicKey, notBefore, notAfter } = request;
  const body = der(
    SEQUENCE,
    der(EXPLICIT, der(INTEGER, Buffer.of(2))),
    positive(serial),
    ECDSA_WITH_SHA256,
    issuer,
    der(SEQUENCE, time(notBefore), time(notAfter)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(EXPLICIT + 3, der(SEQUENCE, ...extensionsOf(request))),
  );
  const signature = sign('sha256', body, request.signingKey);
  const whole = der(SEQUENCE, body, ECDSA_WITH_SHA256, der(BIT_STRING, Buffer.of(0), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** A name of parts in their order: `O`, `CN`. */
export function distinguishedName(parts: readonly (readonly [keyof typeof NAME_PARTS, string])[]): Buffer {
  return der(SEQUENCE, ...parts.map(([part, value]) => der(SET, der(SEQUENCE, oid(NAME_PARTS[part]!), text(value)))));
}

/** DER of the name a certificate (PEM) is for: as an issuer it has to be the very same bytes. */
export function subjectOf(certificate: string): Buffer {
  const [body = Buffer.alloc(0)] = elements(content(new X509Certificate(certificate).raw));
  // version, serial, algorithm, issuer, validity, subject
  const subject = elements(content(body))[5];
  if (subject === undefined) throw new Error('the certificate has no subject');
  return subject;
}

function extensionsOf({ usage, authority, names = [] }: CertificateRequest): Buffer[] {
  const own = usage === 'authority';
  const extensions = [
    extension('2.5.29.19', true, own ? der(SEQUENCE, TRUE) : der(SEQUENCE)),
    extension('2.5.29.15', true, der(BIT_STRING, own ? SIGNS_CERTIFICATES : SIGNS)),
  ];
  if (usage !== 'authority') extensions.push(extension('2.5.29.37', false, der(SEQUENCE, oid(PURPOSES[usage]))));
  if (own) extensions.push(extension('2.5.29.14', false, der(OCTET_STRING, keyId(authority))));
  else extensions.push(extension('2.5.29.35', false, der(SEQUENCE, der(IMPLICIT, keyId(authority)))));
  if (names.length === 0) return extensions;
  const dns = names.map((name) => der(IMPLICIT + 2, Buffer.from(name, 'latin1')));
  return [...extensions, extension('2.5.29.17', false, der(SEQUENCE, ...dns, der(IMPLICIT + 7, LOOPBACK)))];
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return der(SEQUENCE, oid(id), ...(critical ? [TRUE] : []), der(OCTET_STRING, value));
}

/** SHA-1 of the point, which ends the encoded key: one octet that says that it is not compressed, two coordinates. */
function keyId(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }).subarray(-65))
    .digest();
}

function text(value: string): Buffer {
  return der(/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? PRINTABLE_STRING : UTF8_STRING, Buffer.from(value, 'utf8'));
}

/** With as few octets as it takes; the first bit of the first one would make it negative. */
function positive(hex: string): Buffer {
  const octets = Buffer.from(hex, 'hex');
  const from = octets.findIndex((octet) => octet !== 0);
  const value = octets.subarray(from < 0 ? octets.length - 1 : from);
  return (value[0] ?? 0) < 0x80 ? der(INTEGER, value) : der(INTEGER, Buffer.of(0), value);
}

/** Two digits for the year up to 2049, then four. */
function time(date: Date): Buffer {
  const digits = date
    .toISOString()
    .replace(/\.\d+|\D/g, '')
    .slice(0, 14);
  const late = date.getUTCFullYear() >= 2050;
  return der(late ? GENERALIZED_TIME : UTC_TIME, Buffer.from(`${late ? digits : digits.slice(2)}Z`, 'latin1'));
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const octets = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    octets.push(...groups);
  }
  return der(OBJECT_ID, Buffer.from(octets));
}

/** Tag, length, content. */
function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), ...parts]);
}

/** Where the content of an element begins and ends, seen from its start. */
function bounds(data: Buffer): { from: number; to: number } {
  const first = data[1] ?? 0;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  const length = octets === 0 ? first : data.readUIntBE(2, octets);
  return { from: 2 + octets, to: 2 + octets + length };
}

function content(data: Buffer): Buffer {
  const { from, to } = bounds(data);
  return data.subarray(from, to);
}

function elements(data: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let rest = data; rest.length > 0; ) {
    const { to } = bounds(rest);
    found.push(rest.subarray(0, to));
    rest = rest.subarray(to);
  }
  return found;
}
