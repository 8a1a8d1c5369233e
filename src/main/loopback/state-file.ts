/**
 * What the loopback server remembers between starts, in `<data directory>/loopback.json` (mode 0600): the key its
 * cookies are signed with and the port it had, so that an open page reconnects after a restart. Losing the file only
 * signs browsers out; a damaged one is replaced.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const Stored = z.object({ key: z.string().length(43), port: z.number().int().min(1).max(65535).optional() });

export interface LoopbackState {
  key: Uint8Array;
  /** Port of the last start; undefined before the first. */
  port: number | undefined;
}

export function readState(dataDir: string): LoopbackState {
  try {
    const stored = Stored.parse(JSON.parse(readFileSync(fileIn(dataDir), 'utf8')));
    return { key: Buffer.from(stored.key, 'base64url'), port: stored.port };
  } catch {
    return { key: randomBytes(32), port: undefined };
  }
}

export function writeState(dataDir: string, state: { key: Uint8Array; port: number }): void {
  const fresh = `${fileIn(dataDir)}.new`;
  const text = JSON.stringify({ key: Buffer.from(state.key).toString('base64url'), port: state.port });
  writeFileSync(fresh, `${text}\n`, { mode: 0o600 });
  renameSync(fresh, fileIn(dataDir));
}

function fileIn(dataDir: string): string {
  return path.join(dataDir, 'loopback.json');
}
