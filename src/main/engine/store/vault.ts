/**
 * The secrets of the store: one sealed value per owner (`cluster/<id>/kubeconfig`). Each value remembers which kind of
 * key sealed it, so that after a lost key or a changed set-up the answer names what is missing, and the value stays.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '#shared/errors.ts';
import type { SecretBox } from '../types.ts';
import type { Database } from './database.ts';
import type { SettingsRepository } from './repositories/settings.ts';
import { keyFileBox, type LocalSecretBox, type PassphraseParameters, passphraseBox } from './secret-box.ts';

const KEY_FILE = 'secrets.key';
const PASSPHRASE_SETTING = 'secrets.passphrase';

export interface Vault {
  readonly box: SecretBox;
  /** Sealing may ask the keychain, so it comes before the transaction; the returned function stores the result. */
  prepare(owner: string, plain: string): Promise<() => void>;
  /** Null when there is none. @throws AppError SECRETS_LOCKED when it was sealed with a key that is not at hand. */
  get(owner: string): Promise<string | null>;
  remove(owner: string): void;
}

export interface VaultOptions {
  dir: string;
  /** The keychain's box, where the shell has one. */
  secretBox?: SecretBox | undefined;
  passphrase?: string | undefined;
}

/**
 * Chooses the box: the one given, else the passphrase's, else the key file's. A key file that is missing although
 * values were sealed with it is not replaced: the vault then opens locked, and says so at each use, until the file is
 * back or those values are removed.
 */
export async function openVault(db: Database, settings: SettingsRepository, options: VaultOptions): Promise<Vault> {
  const box = await chooseBox(db, settings, options);
  const keyId = (box as Partial<LocalSecretBox>).keyId ?? '';
  const find = db.statement<{ backend: string; key_id: string; sealed: Uint8Array }>(
    'SELECT backend, key_id, sealed FROM secrets WHERE owner = ?',
  );
  const put = db.statement(
    `INSERT INTO secrets (owner, backend, key_id, sealed) VALUES (?, ?, ?, ?)
     ON CONFLICT (owner) DO UPDATE SET backend = excluded.backend, key_id = excluded.key_id, sealed = excluded.sealed`,
  );
  const drop = db.statement('DELETE FROM secrets WHERE owner = ?');
  return {
    box,
    async prepare(owner, plain) {
      const sealed = await unlocked(box, () => box.seal(plain, owner));
      return () => {
        put.run(owner, box.backend, keyId, sealed);
      };
    },
    async get(owner) {
      const row = find.get(owner);
      if (row === undefined) return null;
      if (row.backend !== box.backend || row.key_id !== keyId)
        throw new AppError(
          'SECRETS_LOCKED',
          row.backend === box.backend
            ? `${owner} was encrypted with another key of ${row.backend}`
            : `${owner} was encrypted with ${row.backend}; in use now is ${box.backend}`,
          { params: { backend: row.backend, current: box.backend } },
        );
      return await unlocked(box, () => box.open(row.sealed, owner));
    },
    remove(owner) {
      drop.run(owner);
    },
  };
}

/** A keychain may be locked, denied or gone, and says so in words of its own. */
async function unlocked<T>(box: SecretBox, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('SECRETS_LOCKED', `${box.backend}: ${text}`, { params: { backend: box.backend }, cause });
  }
}

async function chooseBox(db: Database, settings: SettingsRepository, options: VaultOptions): Promise<SecretBox> {
  if (options.secretBox !== undefined) return options.secretBox;
  if (options.passphrase !== undefined && options.passphrase !== '') {
    const inUse = countSealedWith(db, 'passphrase') > 0;
    const known = inUse ? (settings.get(PASSPHRASE_SETTING) as PassphraseParameters | undefined) : undefined;
    const { box, parameters } = await passphraseBox(options.passphrase, known);
    if (known === undefined) settings.set(PASSPHRASE_SETTING, parameters);
    return box;
  }
  const file = path.join(options.dir, KEY_FILE);
  if (!existsSync(file) && countSealedWith(db, 'keyFile') > 0) return lockedBox(file);
  return keyFileBox(file);
}

function countSealedWith(db: Database, backend: SecretBox['backend']): number {
  return (db.statement<{ n: number }>('SELECT count(*) AS n FROM secrets WHERE backend = ?').get(backend) ?? { n: 0 })
    .n;
}

/** Stands for a key file that is gone: nothing opens, and nothing new is sealed with a key that would hide the loss. */
function lockedBox(file: string): LocalSecretBox {
  const refuse = (): never => {
    throw new AppError('SECRETS_LOCKED', `the key file ${file} is missing`, {
      params: { backend: 'keyFile', path: file },
    });
  };
  return { backend: 'keyFile', keyFile: file, keyId: '', seal: refuse, open: refuse };
}
