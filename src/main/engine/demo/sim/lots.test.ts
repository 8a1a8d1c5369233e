/** Lots drawn from a seed, and what the API server makes of them. */
import { expect, test } from 'vitest';
import { drawSuffix, drawUid } from '#engine/apiserver/index.ts';
import { seededLots } from './lots.ts';

test('the same seed draws the same, another seed or subject something else', () => {
  const uid = (seed: number, subject: string) => drawUid(seededLots(seed).draw, subject);
  expect(uid(1, 'pods a')).toBe(uid(1, 'pods a'));
  expect(new Set([uid(1, 'pods a'), uid(2, 'pods a'), uid(1, 'pods b')]).size).toBe(3);
  expect(uid(1, 'pods a')).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});

test('what is drawn again for a subject differs, in whatever order subjects come', () => {
  const [one, other] = [seededLots(1), seededLots(1)];
  const forwards = ['web-', 'web-', 'db-'].map((subject) => drawSuffix(one.draw, subject));
  expect(forwards[0]).not.toBe(forwards[1]);
  const backwards = ['db-', 'web-', 'web-'].map((subject) => drawSuffix(other.draw, subject));
  expect(backwards.sort()).toEqual(forwards.sort());
});

test('after its end everything is chance', () => {
  const lots = seededLots(1);
  lots.end();
  expect(lots.draw('pods a')).toBeNull();
  expect(drawUid(lots.draw, 'pods a')).not.toBe(drawUid(lots.draw, 'pods a'));
});
