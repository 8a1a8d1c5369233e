/**
 * Writes the few certificates that a server makes for itself, all of one shape: X.509 version 3, keys on P-256, signed with
 * ECDSA and SHA-256. A library that knows every shape of certificate takes longer to load than the server has for its whole
 * start; it is there for requests that others write (controllers/certificates.ts). Here one of DER alone is enough.
 * Source: RFC 5280.
 */
import { createHash, type KeyObject, sign, X509Certificate } from 'node:crypto';
import {
  type AsnType,
  BitString,
  Boolean as Bool,
  Constructed,
  fromBER,
  GeneralizedTime,
  Integer,
  ObjectIdentifier,
  OctetString,
  Primitive,
  PrintableString,
  Sequence,
  Set as SetOf,
  UTCTime,
  Utf8String,
} from 'asn1js';

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

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const NAME_PARTS: Readonly<Record<string, string>> = { CN: '2.5.4.3', O: '2.5.4.10' };
const LOOPBACK = Buffer.of(127, 0, 0, 1);
/** digitalSignature; and keyCertSign. */
const SIGNS = { octet: 0x80, unusedBits: 7 };
const SIGNS_CERTIFICATES = { octet: 0x84, unusedBits: 2 };
const PURPOSES = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' };

/** The certificate as PEM. */
export function writeCertificate(request: CertificateRequest): string {
  const { serial, issuer, subject, publicKey, notBefore, notAfter } = request;
  const body = sequence(
    explicit(0, new Integer({ value: 2 })),
    positive(serial),
    sequence(oid(ECDSA_WITH_SHA256)),
    parsed(issuer),
    sequence(time(notBefore), time(notAfter)),
    parsed(subject),
    parsed(spki(publicKey)),
    explicit(3, sequence(...extensionsOf(request))),
  );
  const signature = sign('sha256', encoded(body), request.signingKey);
  const whole = sequence(body, sequence(oid(ECDSA_WITH_SHA256)), new BitString({ valueHex: signature }));
  const lines =
    encoded(whole)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** A name of parts in their order: `O`, `CN`. */
export function distinguishedName(parts: readonly (readonly [keyof typeof NAME_PARTS, string])[]): Buffer {
  const sets = parts.map(([part, value]) => new SetOf({ value: [sequence(oid(NAME_PARTS[part]!), text(value))] }));
  return encoded(sequence(...sets));
}

/** DER of the name a certificate (PEM) is for: as an issuer it has to be the very same bytes. */
export function subjectOf(certificate: string): Buffer {
  const [body] = (parsed(new X509Certificate(certificate).raw) as Sequence).valueBlock.value;
  // version, serial, algorithm, issuer, validity, subject
  const subject = (body as Sequence).valueBlock.value[5];
  if (subject === undefined) throw new Error('the certificate has no subject');
  return Buffer.from(subject.valueBeforeDecodeView);
}

function extensionsOf({ usage, authority, names = [] }: CertificateRequest): Sequence[] {
  const own = usage === 'authority';
  const { octet, unusedBits } = own ? SIGNS_CERTIFICATES : SIGNS;
  const extensions = [
    extension('2.5.29.19', true, own ? sequence(new Bool({ value: true })) : sequence()),
    extension('2.5.29.15', true, new BitString({ valueHex: Buffer.of(octet), unusedBits })),
  ];
  if (usage !== 'authority') extensions.push(extension('2.5.29.37', false, sequence(oid(PURPOSES[usage]))));
  if (own) extensions.push(extension('2.5.29.14', false, new OctetString({ valueHex: keyId(authority) })));
  else extensions.push(extension('2.5.29.35', false, sequence(implicit(0, keyId(authority)))));
  if (names.length === 0) return extensions;
  const dns = names.map((name) => implicit(2, Buffer.from(name, 'latin1')));
  return [...extensions, extension('2.5.29.17', false, sequence(...dns, implicit(7, LOOPBACK)))];
}

function extension(id: string, critical: boolean, value: AsnType): Sequence {
  const weight = critical ? [new Bool({ value: true })] : [];
  return sequence(oid(id), ...weight, new OctetString({ valueHex: encoded(value) }));
}

/** SHA-1 of the point, which ends the encoded key: one octet that says that it is not compressed, two coordinates. */
function keyId(key: KeyObject): Buffer {
  return createHash('sha1').update(spki(key).subarray(-65)).digest();
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function text(value: string): PrintableString | Utf8String {
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? new PrintableString({ value }) : new Utf8String({ value });
}

function positive(hex: string): Integer {
  return Integer.fromBigInt(BigInt(`0x${hex}`));
}

/** Two digits for the year up to 2049, then four; whole seconds, since no reader takes a fraction. */
function time(date: Date): UTCTime | GeneralizedTime {
  const valueDate = new Date(Math.floor(date.getTime() / 1000) * 1000);
  return valueDate.getUTCFullYear() < 2050 ? new UTCTime({ valueDate }) : new GeneralizedTime({ valueDate });
}

const oid = (value: string): ObjectIdentifier => new ObjectIdentifier({ value });
const sequence = (...value: AsnType[]): Sequence => new Sequence({ value });
/** Both context-specific: around a value with its own tag, and in place of that tag. */
const explicit = (tagNumber: number, value: AsnType): Constructed =>
  new Constructed({ idBlock: { tagClass: 3, tagNumber }, value: [value] });
const implicit = (tagNumber: number, valueHex: Buffer): Primitive =>
  new Primitive({ idBlock: { tagClass: 3, tagNumber }, valueHex });

const encoded = (value: AsnType): Buffer => Buffer.from(value.toBER());

function parsed(der: Buffer): AsnType {
  const { result, offset } = fromBER(der);
  if (offset === -1) throw new Error(`not DER: ${result.error}`);
  return result;
}
