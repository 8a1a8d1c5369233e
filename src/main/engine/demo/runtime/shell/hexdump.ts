/** `hexdump`: bytes as numbers, canonical with `-C`, else two by two as a little-endian machine has them. Source: busybox. */
import { absolute } from './container-files.ts';
import { flagsOf } from './options.ts';
import { said } from './said.ts';
import type { Run } from './shell.ts';

const LINE = 16;

export const hexdump: Run = async (args, io, { files, cwd }) => {
  const { flags, words } = flagsOf(args);
  const parts: Buffer[] = [];
  let failed = 0;
  if (words.length === 0) parts.push(await io.bytes());
  for (const word of words) {
    try {
      parts.push(Buffer.from(await files.readFileBuffer(absolute(cwd, word))));
    } catch (error) {
      io.err(`hexdump: ${word}: ${said(error)}\n`);
      failed = 1;
    }
  }
  io.out(dumped(Buffer.concat(parts), flags.has('C')));
  return failed;
};

/** Lines that repeat are one star. */
function dumped(bytes: Buffer, canonical: boolean): string {
  const width = canonical ? 8 : 7;
  const address = (at: number) => at.toString(16).padStart(width, '0');
  let text = '';
  let starred = false;
  for (let at = 0; at < bytes.length; at += LINE) {
    const line = bytes.subarray(at, at + LINE);
    const repeats = at > 0 && line.length === LINE && line.equals(bytes.subarray(at - LINE, at));
    if (!repeats) text += `${address(at)}${canonical ? canonicalLine(line) : wordsLine(line)}\n`;
    else if (!starred) text += '*\n';
    starred = repeats;
  }
  return bytes.length === 0 ? '' : `${text}${address(bytes.length)}\n`;
}

function canonicalLine(line: Buffer): string {
  const pairs = [...line].map((byte) => byte.toString(16).padStart(2, '0'));
  const halves = [pairs.slice(0, 8), pairs.slice(8)].map((half) => half.join(' ').padEnd(23));
  const shown = [...line].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
  return `  ${halves.join('  ')}  |${shown}|`;
}

function wordsLine(line: Buffer): string {
  const words = Array.from({ length: Math.ceil(line.length / 2) }, (_, at) =>
    ((line[at * 2] ?? 0) | ((line[at * 2 + 1] ?? 0) << 8)).toString(16).padStart(4, '0'),
  );
  return ` ${words.join(' ')}`;
}
