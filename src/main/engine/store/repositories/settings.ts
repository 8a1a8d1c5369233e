/** Small values by key, as JSON: what the person chose, and marks other parts of the store keep about themselves. */
import type { Database } from '../database.ts';

export interface SettingsRepository {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  /** Every key that starts with `prefix`, without it. */
  all(prefix: string): Record<string, unknown>;
}

export function createSettingsRepository(db: Database): SettingsRepository {
  const get = db.statement<{ value: string }>('SELECT value FROM settings WHERE key = ?');
  const set = db.statement(
    'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const all = db.statement<{ key: string; value: string }>(
    'SELECT key, value FROM settings WHERE substr(key, 1, length(?)) = ?',
  );
  return {
    get(key) {
      const row = get.get(key);
      return row === undefined ? undefined : JSON.parse(row.value);
    },
    set(key, value) {
      set.run(key, JSON.stringify(value));
    },
    all: (prefix) =>
      Object.fromEntries(all.all(prefix, prefix).map((row) => [row.key.slice(prefix.length), JSON.parse(row.value)])),
  };
}
