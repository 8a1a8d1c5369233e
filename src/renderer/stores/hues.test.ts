import { describe, expect, test } from 'vitest';
import { assignHues, createHues, HUES, type Named } from './hues.ts';

const named = (name: string, minute: number): Named => ({
  name,
  createdAt: `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`,
});
const many = (count: number) => Array.from({ length: count }, (_, index) => named(`cluster-${index}`, index));

describe('colours of clusters and federations', () => {
  test('as many as there are colours get one each', () => {
    expect(new Set(assignHues(many(HUES), new Map()).values()).size).toBe(HUES);
  });

  test('more than there are colours still all get one', () => {
    const hues = assignHues(many(HUES + 5), new Map());
    expect(hues.size).toBe(HUES + 5);
    expect([...hues.values()].every((hue) => hue >= 0 && hue < HUES)).toBe(true);
  });

  test('the order of registration decides, not the order of the list', () => {
    const list = many(8);
    expect(assignHues([...list].reverse(), new Map())).toEqual(assignHues(list, new Map()));
  });

  test('whoever comes later takes nothing from the others, and whoever goes changes nothing for them', () => {
    const store = createHues();
    const colours = () => store.getState().hues;
    store.getState().know('clusters', many(6));
    const before = new Map(colours());
    store.getState().know('federations', [named('before-all-others', 0)]);
    for (const [name, hue] of before) expect(colours().get(name)).toBe(hue);
    store.getState().know('clusters', many(6).slice(3));
    for (const { name } of many(6).slice(3)) expect(colours().get(name)).toBe(before.get(name));
  });
});
