/** Audit events as lines of JSON in a file (mode 0600), which is put aside when it grows too large. */
import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import type { AuditEvent, AuditSink } from './auditor.ts';

const MAX_BYTES = 100 * 1024 * 1024;
const KEPT = 3;
/** Lines are written together: one call per line would cost more than the request it tells of. */
const FLUSH_MS = 100;

export interface AuditLog {
  readonly sink: AuditSink;
  /** Everything is in the file afterwards. */
  close(): void;
}

/** Throws when the file cannot be opened. Later failures go to `onError`: requests do not wait for their record. */
export function openAuditLog(
  file: string,
  onError: (error: unknown, where: string) => void,
  maxBytes = MAX_BYTES,
): AuditLog {
  let handle = openSync(file, 'a', 0o600);
  let size = statSync(file).size;
  let lines: string[] = [];
  let timer: NodeJS.Timeout | null = null;

  const rotate = () => {
    closeSync(handle);
    for (let age = KEPT - 1; age >= 1; age--) moveIfThere(`${file}.${age}`, `${file}.${age + 1}`);
    moveIfThere(file, `${file}.1`);
    handle = openSync(file, 'a', 0o600);
    size = 0;
  };
  const flush = () => {
    timer = null;
    if (lines.length === 0) return;
    const text = Buffer.from(lines.join(''));
    lines = [];
    try {
      if (size > 0 && size + text.length > maxBytes) rotate();
      writeSync(handle, text);
      size += text.length;
    } catch (error) {
      onError(error, 'audit log');
    }
  };
  return {
    sink: (event: AuditEvent) => {
      lines.push(`${JSON.stringify(event)}\n`);
      timer ??= setTimeout(flush, FLUSH_MS).unref();
    },
    close: () => {
      if (timer !== null) clearTimeout(timer);
      flush();
      closeSync(handle);
    },
  };
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
