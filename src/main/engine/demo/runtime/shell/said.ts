/** What a file system's error says, in the words of the C library. */
const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
  EEXIST: 'File exists',
  EROFS: 'Read-only file system',
  EACCES: 'Permission denied',
  ENOTEMPTY: 'Directory not empty',
  ENOSPC: 'No space left on device',
};

export function said(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return WORDS[/^([A-Z]+):/.exec(text)?.[1] ?? ''] ?? text;
}
