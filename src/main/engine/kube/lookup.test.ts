import type { LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { createLookup } from './lookup.ts';

/** A resolver whose answers the test gives. */
function controlled() {
  const asked: { host: string; answer: (error?: Error) => void }[] = [];
  const resolve: LookupFunction = (host, _options, callback) => {
    asked.push({
      host,
      answer: (error) => callback((error ?? null) as NodeJS.ErrnoException | null, error ? '' : '10.0.0.1', 4),
    });
  };
  return { asked, lookup: createLookup(resolve) };
}

function ask(lookup: LookupFunction, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    lookup(host, {}, (error, address) => (error === null ? resolve(String(address)) : reject(error)));
  });
}

test('questions for one name at the same time are one lookup', async () => {
  const { asked, lookup } = controlled();
  const answers = [ask(lookup, 'a'), ask(lookup, 'a'), ask(lookup, 'a')];
  expect(asked).toHaveLength(1);
  asked[0]?.answer();
  expect(await Promise.all(answers)).toEqual(['10.0.0.1', '10.0.0.1', '10.0.0.1']);
});

test('names that do not answer hold two lookups at most, and a name that works passes them', async () => {
  const { asked, lookup } = controlled();
  const good = ask(lookup, 'good');
  asked[0]?.answer();
  await good;
  const dead = ['d1', 'd2', 'd3', 'd4'].map((host) => ask(lookup, host).catch((error: Error) => error.message));
  expect(asked.map(({ host }) => host)).toEqual(['good', 'd1', 'd2']);
  const again = ask(lookup, 'good');
  expect(asked.at(-1)?.host).toBe('good');
  asked.at(-1)?.answer();
  expect(await again).toBe('10.0.0.1');
  for (let at = 1; at < 6; at++) if (asked[at]?.host !== 'good') asked[at]?.answer(new Error('no such name'));
  expect(await Promise.all(dead)).toEqual(Array(4).fill('no such name'));
});
