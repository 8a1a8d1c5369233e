import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { HEAP_FLAGS, isWorthCompacting, nextInterval } from './heap.ts';

const MB = 1 << 20;
const space = (used: number, size: number) => ({ used: used * MB, size: size * MB });

test('a large heap that is mostly gaps is worth a pause; a full one and a small one are not', () => {
  expect(isWorthCompacting(space(600, 1300))).toBe(true);
  expect(isWorthCompacting(space(600, 1100))).toBe(false);
  expect(isWorthCompacting(space(20, 200))).toBe(false);
});

test('the wait grows as long as little is won', () => {
  const first = nextInterval(120_000, space(600, 1300), space(600, 1250));
  expect(first).toBe(240_000);
  expect(nextInterval(first, space(600, 1300), space(600, 620))).toBe(120_000);
  let interval = first;
  for (let times = 0; times < 20; times++) interval = nextInterval(interval, space(600, 1300), space(600, 1300));
  expect(interval).toBe(3_600_000);
});

/** Runs in a process of its own: objects in gaps between others that are gone, then collections until told. */
const SCRIPT = `
  const { keepHeapCompact } = await import(process.argv[1]);
  let objects = [];
  for (let i = 0; i < 1_500_000; i++) objects.push({ number: i, list: [i] });
  objects = objects.filter((_, i) => i % 20 === 0);
  const waiting = setInterval(() => gc({ type: 'major', execution: 'sync' }), 20);
  const stop = keepHeapCompact((before, after) => {
    clearInterval(waiting);
    stop();
    const whole = objects.every(({ number, list }, i) => number === i * 20 && list[0] === number);
    process.stdout.write(JSON.stringify({ before, after, whole }));
  }, 10 * 2 ** 20);
`;

function run(flags: readonly string[]) {
  const file = path.join(import.meta.dirname, 'heap.ts');
  return spawnSync(process.execPath, [...flags, '--input-type=module', '--eval', SCRIPT, file], { encoding: 'utf8' });
}

test('moves what lives together and gives the gaps back', () => {
  const { stdout, stderr } = run(HEAP_FLAGS);
  expect(stdout, stderr).not.toBe('');
  const { before, after, whole } = JSON.parse(stdout) as Record<string, { used: number; size: number }>;
  expect(whole).toBe(true);
  expect(isWorthCompacting(before!, 10 * MB)).toBe(true);
  expect(after!.size).toBeLessThan(before!.size / 2);
});
