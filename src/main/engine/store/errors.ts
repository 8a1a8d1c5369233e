/** Turns what SQLite and the file system say into errors a person can act on. Nothing else of ours knows SQLite's codes. */
import { AppError, type ErrorCode } from '#shared/errors.ts';

/** The code of a failure of the database at `path`, as an AppError; errors of our own pass unchanged. */
export function storeError(error: unknown, path: string): AppError {
  if (error instanceof AppError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const errno = String((error as { code?: unknown } | null)?.code ?? '');
  return new AppError(codeOf(errno), `${path}: ${text}${errno === '' ? '' : ` (${errno})`}`, {
    params: { path },
    cause: error,
    retryable: errno === 'SQLITE_BUSY' || errno === 'SQLITE_LOCKED',
  });
}

function codeOf(errno: string): ErrorCode {
  if (errno === 'SQLITE_FULL' || errno === 'ENOSPC' || errno === 'EDQUOT') return 'DISK_FULL';
  if (errno === 'SQLITE_NOTADB' || errno.startsWith('SQLITE_CORRUPT') || errno === 'SQLITE_IOERR_SHORT_READ')
    return 'STORE_DAMAGED';
  if (
    errno.startsWith('SQLITE_CANTOPEN') ||
    errno.startsWith('SQLITE_READONLY') ||
    ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT', 'EISDIR'].includes(errno)
  )
    return 'DATA_DIR_UNWRITABLE';
  return 'INTERNAL';
}
