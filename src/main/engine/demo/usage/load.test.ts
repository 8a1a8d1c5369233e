import { describe, expect, test } from 'vitest';
import { containerLoad, integral, memoryAt, parseLoad, valueAt } from './load.ts';

const web = {
  name: 'web',
  resources: { requests: { cpu: '200m', memory: '100Mi' }, limits: { cpu: '1', memory: '200Mi' } },
};
const noon = Date.UTC(2026, 0, 1, 12);
const load = (wish: string, container: unknown = web, sharers = 1) =>
  containerLoad(container, parseLoad(wish), ['seed', 'web-0'], sharers);

describe('a load', () => {
  test('is the same for the same seed and pod, and another for another pod', () => {
    expect(load('')).toEqual(load(''));
    expect(containerLoad(web, {}, ['seed', 'web-1'], 1)).not.toEqual(load(''));
  });

  test('stays between nothing and the limits without being asked for', () => {
    for (let hour = 0; hour < 48; hour++) {
      const at = noon + hour * 1_800_000;
      expect(valueAt(load('').cpu, at)).toBeGreaterThan(0);
      expect(valueAt(load('').cpu, at)).toBeLessThanOrEqual(1);
      expect(memoryAt(load('').memory, noon, at)).toBeLessThanOrEqual(200 * 2 ** 20);
    }
  });

  test.each([
    ['cpu=80%', 0.16],
    ['cpu=250m', 0.25],
    [' memory=50Mi , cpu=0.3', 0.3],
    ['cpu=5', 1],
  ])('%j is %d cores', (wish, cores) => {
    expect(valueAt(load(wish).cpu, noon)).toBeCloseTo(cores);
  });

  test('of a workload is shared out over its ready pods', () => {
    expect(valueAt(load('total-cpu=900m', web, 3).cpu, noon)).toBeCloseTo(0.3);
    expect(valueAt(load('total-cpu=900m', web, 0).cpu, noon)).toBeCloseTo(0.9);
  });

  test('that comes and goes reaches both ends within its period', () => {
    const { cpu } = load('cpu=100m..300m/10m');
    const values = Array.from({ length: 61 }, (_, index) => valueAt(cpu, noon + index * 10_000));
    expect(Math.min(...values)).toBeCloseTo(0.1, 3);
    expect(Math.max(...values)).toBeCloseTo(0.3, 3);
  });

  test('that cannot be read is none', () => {
    expect(parseLoad('cpu=much,disk=3,memory')).toEqual({});
  });

  test('adds up to its integral', () => {
    const { cpu } = load('');
    let sum = 0;
    for (let at = noon; at < noon + 600_000; at += 100) sum += valueAt(cpu, at) * 0.1;
    expect(integral(cpu, noon, noon + 600_000)).toBeCloseTo(sum, 1);
  });

  test('of memory grows while the process warms up', () => {
    const { memory } = load('memory=80Mi');
    expect(memoryAt(memory, noon, noon)).toBeCloseTo(40 * 2 ** 20);
    expect(memoryAt(memory, noon, noon + 3_600_000)).toBeCloseTo(80 * 2 ** 20, -3);
  });
});
