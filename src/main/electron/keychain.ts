/**
 * Sealing with the operating system's keychain (safeStorage). On Linux without a secret service Electron would only
 * obscure with a fixed password: that is no protection, so the keychain is not offered then and the engine falls back to
 * its key file, which the interface names.
 */
import { safeStorage } from 'electron';
import type { FromEngine } from '../host/engine-protocol.ts';

export async function keychainAvailable(platform: NodeJS.Platform): Promise<boolean> {
  if (platform === 'linux' && ['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend())) return false;
  return await safeStorage.isAsyncEncryptionAvailable();
}

/** `seal`: text in, base64 out; `open`: the other way round. */
export async function answerSecret({ type, value }: Extract<FromEngine, { type: 'seal' | 'open' }>): Promise<string> {
  if (type === 'seal') return (await safeStorage.encryptStringAsync(value)).toString('base64');
  return (await safeStorage.decryptStringAsync(Buffer.from(value, 'base64'))).result;
}
