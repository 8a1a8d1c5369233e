import { expect, test } from 'vitest';
import { hexdump } from './hexdump.ts';
import { inputOf } from './shell.ts';

async function dump(content: Buffer, ...args: string[]): Promise<string> {
  const out: string[] = [];
  const io = {
    ...inputOf(content),
    out: (text: string | Uint8Array) => void out.push(String(text)),
    err: () => undefined,
  };
  await hexdump(args, io, {} as never);
  return out.join('');
}

test('bytes with their characters beside them, and the length at the end', async () => {
  expect(await dump(Buffer.from('decafebad0feff', 'hex'), '-C')).toBe(
    '00000000  de ca fe ba d0 fe ff                              |.......|\n00000007\n',
  );
  expect(await dump(Buffer.from('0123456789abcdefgh'), '-C')).toBe(
    '00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|\n' +
      '00000010  67 68                                             |gh|\n00000012\n',
  );
});

test('words of two bytes; lines that repeat are one star', async () => {
  expect(await dump(Buffer.concat([Buffer.alloc(48), Buffer.from('abc')]))).toBe(
    '0000000 0000 0000 0000 0000 0000 0000 0000 0000\n*\n0000030 6261 0063\n0000033\n',
  );
  expect(await dump(Buffer.alloc(0), '-C')).toBe('');
});
