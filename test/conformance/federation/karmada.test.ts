/** Scheduler, overrides and built-in interpreter give the answers that Karmada v1.19.0-rc.0 gave to the same questions. */
import { expect, test } from 'vitest';
import { readCases } from '../recorded.ts';
import { type Case, topics } from './answers.ts';
import { canonical } from './cases.ts';

test.each(Object.keys(topics))('every recorded answer is the same: %s', (name) => {
  const topic = topics[name]!;
  const cases = readCases<Case>(new URL(`${name}.jsonl.gz`, import.meta.url));
  expect(cases.length).toBeGreaterThan(500);
  const differing: unknown[] = [];
  for (const recorded of cases) {
    const [expected, actual] = [canonical(topic.expected(recorded)), canonical(topic.answer(recorded))];
    if (expected !== actual) differing.push({ id: recorded.id, expected, actual });
  }
  expect(differing.slice(0, 3)).toEqual([]);
});

test.each(Object.keys(topics))('answering never changes what was asked: %s', (name) => {
  for (const question of readCases<Case>(new URL(`${name}.jsonl.gz`, import.meta.url)).slice(0, 200)) {
    const before = JSON.stringify(question);
    topics[name]!.answer(question);
    expect(JSON.stringify(question)).toBe(before);
  }
});
