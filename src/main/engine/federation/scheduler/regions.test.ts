import { describe, expect, test } from 'vitest';
import { chooseRegions } from './regions.ts';

const groups = (...list: [string, number, number][]) => list.map(([name, value, weight]) => ({ name, value, weight }));

describe('choosing regions', () => {
  test.each([
    [
      groups(['R1', 1, 80], ['R3', 1, 80], ['R2', 1, 60], ['R5', 2, 60], ['R4', 5, 50], ['R6', 3, 50]),
      1,
      3,
      10,
      ['R5', 'R4', 'R6'],
    ],
    [
      groups(['R1', 1, 80], ['R2', 4, 40], ['R3', 1, 30], ['R4', 3, 30], ['R5', 3, 20], ['R6', 5, 10]),
      2,
      6,
      5,
      ['R1', 'R2'],
    ],
    [
      groups(['R1', 1, 60], ['R2', 1, 50], ['R3', 1, 40], ['R4', 3, 30], ['R5', 3, 20], ['R6', 3, 10]),
      1,
      3,
      6,
      ['R1', 'R4', 'R5'],
    ],
    [groups(['R1', 1, 60], ['R2', 2, 50], ['R3', 3, 40], ['R4', 4, 30]), 1, 2, 5, ['R1', 'R4']],
  ])('takes the best combination of case %#', (given, min, max, target, expected) => {
    expect(chooseRegions(given, min, max, target)?.map(({ name }) => name)).toEqual(expected);
  });

  test('says so when there are too few regions', () => {
    expect(chooseRegions(groups(['R1', 1, 80]), 2, 3, 1)).toBeNull();
  });
});
