/** How Redis and its clients talk: its configuration, the protocol (RESP 2, or plain lines), and what `redis-cli` shows. Pure. */
import type { Reply } from './redis.ts';

/** The settings of `redis-server`: lines of a file, and words `--name value` after it. */
export function settingsOf(file: string, words: readonly string[]): Map<string, string> {
  const settings = new Map<string, string>();
  for (const line of file.split('\n')) {
    const [, name, value] = /^\s*([a-z][\w-]*)\s+(.*\S)\s*$/i.exec(line) ?? [];
    if (name !== undefined && value !== undefined) settings.set(name.toLowerCase(), value.replace(/^"(.*)"$/, '$1'));
  }
  let name: string | null = null;
  for (const word of words)
    if (word.startsWith('--')) {
      name = word.slice(2).toLowerCase();
      settings.set(name, '');
    } else if (name !== null) settings.set(name, `${settings.get(name)} ${word}`.trim());
  return settings;
}

/** As `redis-cli` shows it: with types on a terminal, bare elsewhere. */
export function shown(reply: Reply, terminal: boolean, indent = ''): string {
  if (reply === null) return terminal ? '(nil)' : '';
  if (typeof reply === 'number') return terminal ? `(integer) ${reply}` : String(reply);
  if (typeof reply === 'string') return terminal && !reply.includes('\r\n') ? JSON.stringify(reply) : reply;
  if (!Array.isArray(reply)) return 'ok' in reply ? reply.ok : terminal ? `(error) ${reply.error}` : `${reply.error}\n`;
  if (reply.length === 0) return terminal ? '(empty array)' : '';
  const width = String(reply.length).length;
  return reply
    .map((item, index) => {
      if (!terminal) return shown(item, false);
      const sign = `${String(index + 1).padStart(width)}) `;
      return `${index === 0 ? '' : indent}${sign}${shown(item, true, indent + ' '.repeat(sign.length))}`;
    })
    .join('\n');
}

/** On the wire. */
export function encoded(reply: Reply): string {
  if (reply === null) return '$-1\r\n';
  if (typeof reply === 'number') return `:${reply}\r\n`;
  if (typeof reply === 'string') return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`;
  if (Array.isArray(reply)) return `*${reply.length}\r\n${reply.map(encoded).join('')}`;
  return 'ok' in reply ? `+${reply.ok}\r\n` : `-${reply.error}\r\n`;
}

/** Commands that are whole in what has come, as arrays of RESP or as plain lines, and the rest. @throws Error for what is neither */
export function decoded(bytes: Buffer): { commands: string[][]; rest: Buffer } {
  const commands: string[][] = [];
  let rest = bytes;
  for (;;) {
    const taken = rest[0] === 0x2a ? arrayIn(rest) : lineIn(rest);
    if (taken === null) return { commands, rest };
    if (taken.words.length > 0) commands.push(taken.words);
    rest = rest.subarray(taken.length);
  }
}

function lineIn(bytes: Buffer): { words: string[]; length: number } | null {
  const end = bytes.indexOf('\n');
  return end < 0 ? null : { words: wordsIn(bytes.subarray(0, end).toString('utf8')), length: end + 1 };
}

function arrayIn(bytes: Buffer): { words: string[]; length: number } | null {
  const words: string[] = [];
  let at = 0;
  const number = (mark: string): number | null => {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return null;
    const text = bytes.subarray(at, end).toString('latin1');
    if (!new RegExp(`^\\${mark}\\d{1,7}$`).test(text)) throw new Error('Protocol error');
    at = end + 2;
    return Number(text.slice(1));
  };
  const count = number('*');
  if (count === null) return null;
  for (let index = 0; index < count; index++) {
    const length = number('$');
    if (length === null || bytes.length < at + length + 2) return null;
    words.push(bytes.subarray(at, at + length).toString('utf8'));
    at += length + 2;
  }
  return { words, length: at };
}

/** Words of a line, quoted or not. */
export function wordsIn(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double?.replace(/\\(.)/g, '$1') ?? single ?? bare ?? '',
  );
}
