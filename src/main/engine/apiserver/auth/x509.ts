/** The library for certificates, loaded only when some have to be made or read: an ordinary start does without. */
import { randomBytes } from 'node:crypto';

export const EC_P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(crypto as never);
  return x509;
}

/** A positive number in hexadecimal that nobody else has. */
export function newSerial(): string {
  return `00${randomBytes(15).toString('hex')}`.replace(/^00([89a-f])/, '007');
}
