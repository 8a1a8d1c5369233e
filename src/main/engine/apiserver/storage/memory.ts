/** Backend that keeps nothing beyond the process: tests, throw-away servers. */
import type { StorageBackend } from './types.ts';

export function openMemory(): StorageBackend {
  const settings = new Map<string, string>();
  return {
    load: () => 0,
    loadHistory: () => 0,
    commit: () => undefined,
    readSetting: (name) => settings.get(name) ?? null,
    writeSetting: (name, value) => void settings.set(name, value),
    close: () => undefined,
  };
}
