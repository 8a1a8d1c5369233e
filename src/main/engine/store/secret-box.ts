/**
 * Encryption of secrets at rest where no keychain is given: AES-256-GCM under a key that lies in a file of mode 0600,
 * or is derived from a passphrase by scrypt. The context (which row a value belongs to) is authenticated data, so a
 * sealed value that was moved to another row does not open.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import type { SecretBox } from '../types.ts';
import { storeError } from './errors.ts';

const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 128 * 1024 * 1024 };

/** A box that can say which key it holds, so that the store can name what is missing when another is needed. */
export interface LocalSecretBox extends SecretBox {
  readonly keyId: string;
  seal(plain: string, context: string): Uint8Array;
  open(sealed: Uint8Array, context: string): string;
}

/** What is kept beside the data to know a passphrase again: never the key. */
export interface PassphraseParameters {
  salt: string;
  /** Hash of the derived key under a label of its own: tells a wrong passphrase before any value is touched. */
  check: string;
}

/** The key of a file, made when absent. Two processes that race both end with the same key. */
export function keyFileBox(path: string): LocalSecretBox {
  const key = readKey(path) ?? createKey(path);
  return { ...localBox('keyFile', key), keyFile: path };
}

/** The key of a passphrase. Without parameters new ones are made. @throws AppError SECRETS_LOCKED for the wrong one. */
export async function passphraseBox(
  passphrase: string,
  known: PassphraseParameters | undefined,
): Promise<{ box: LocalSecretBox; parameters: PassphraseParameters }> {
  const salt = known === undefined ? randomBytes(16) : Buffer.from(known.salt, 'base64');
  const key = await derive(passphrase, salt);
  const check = label(key, 'check');
  if (known !== undefined) {
    const expected = Buffer.from(known.check, 'hex');
    if (expected.length !== check.length || !timingSafeEqual(expected, check))
      throw new AppError('SECRETS_LOCKED', 'the passphrase is not the one the stored secrets were encrypted with', {
        params: { backend: 'passphrase' },
      });
  }
  return {
    box: localBox('passphrase', key),
    parameters: { salt: salt.toString('base64'), check: check.toString('hex') },
  };
}

function localBox(backend: 'keyFile' | 'passphrase', key: Buffer): LocalSecretBox {
  return {
    backend,
    keyId: label(key, 'id').subarray(0, 8).toString('hex'),
    seal(plain, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context, 'utf8'));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(FORMAT), nonce, cipher.getAuthTag(), body]);
    },
    open(sealed, context) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      try {
        if (bytes.length < 1 + NONCE_BYTES + TAG_BYTES || bytes[0] !== FORMAT) throw new Error('unknown format');
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + NONCE_BYTES), {
          authTagLength: TAG_BYTES,
        }).setAAD(Buffer.from(context, 'utf8'));
        decipher.setAuthTag(bytes.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES));
        return decipher.update(bytes.subarray(1 + NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      } catch (cause) {
        throw new AppError('SECRETS_LOCKED', `the stored value ${context} does not open with this key`, {
          params: { backend },
          cause,
        });
      }
    },
  };
}

/** A value derived from the key that does not help to find it. */
function label(key: Buffer, purpose: string): Buffer {
  return createHash('sha256').update(`fleetdeck ${purpose}\0`).update(key).digest();
}

function derive(passphrase: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), salt, KEY_BYTES, SCRYPT, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

function readKey(path: string): Buffer | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return null;
    throw storeError(error, path);
  }
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== KEY_BYTES)
    throw new AppError('SECRETS_LOCKED', `${path} does not hold a key`, { params: { backend: 'keyFile', path } });
  return key;
}

/** Written in full under another name, then linked: no one ever reads half a key, and an existing key is never replaced. */
function createKey(path: string): Buffer {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeSync(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    try {
      linkSync(temporary, path);
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
    }
  } catch (error) {
    throw storeError(error, path);
  } finally {
    try {
      unlinkSync(temporary);
    } catch {
      // It was never made, or is gone already.
    }
  }
  const key = readKey(path);
  if (key === null) throw new AppError('SECRETS_LOCKED', `${path} vanished`, { params: { backend: 'keyFile', path } });
  return key;
}
