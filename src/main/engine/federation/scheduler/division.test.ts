import { describe, expect, test } from 'vitest';
import { divide } from './division.ts';

const EVEN = '4858ca61-3ff8-4095-8267-f3d059d8074c';
const ODD = 'd43fdeeb-d750-4e2b-bee3-64eb94534f4c';

function split(replicas: number, votes: Record<string, number>, uid = ''): number[] {
  const parties = Object.entries(votes).map(([name, count]) => ({ name, votes: count }));
  return divide(replicas, parties, uid).map((seat) => seat.replicas);
}

describe('dividing replicas by weight', () => {
  test.each([
    [3, { demo1: 1, demo2: 2 }, [1, 2], [1, 2]],
    [7, { a: 1, b: 1, c: 1 }, [3, 2, 2], [2, 2, 3]],
    [2, { a: 1, b: 1, c: 1 }, [1, 1, 0], [0, 1, 1]],
    [5, { a: 2, b: 1 }, [3, 2], [3, 2]],
    [7, { a: 5, b: 3, c: 1 }, [4, 2, 1], [4, 2, 1]],
    [5, { a: 3, b: 2, c: 2 }, [2, 2, 1], [2, 1, 2]],
    [10, { a: 1, b: 2, c: 3 }, [2, 3, 5], [2, 3, 5]],
    [11, { a: 6, b: 5, c: 1 }, [5, 5, 1], [5, 5, 1]],
    [12, { a: 18, b: 12, c: 6 }, [6, 4, 2], [6, 4, 2]],
    [4, { a: 100, b: 1 }, [4, 0], [4, 0]],
    [7, { a: 7, b: 4, c: 3 }, [3, 2, 2], [3, 2, 2]],
  ])('%i replicas by %o', (replicas, votes, even, odd) => {
    expect(split(replicas, votes, EVEN)).toEqual(even);
    expect(split(replicas, votes, ODD)).toEqual(odd);
  });

  test('nobody gets a replica when nobody has weight', () => {
    expect(split(3, { a: 0, b: 0 })).toEqual([0, 0]);
  });

  test('with votes equal to room nobody gets more than its room', () => {
    for (let seed = 1; seed < 400; seed++) {
      const votes = { a: (seed * 7) % 11, b: (seed * 5) % 13, c: (seed * 3) % 17 };
      const room = votes.a + votes.b + votes.c;
      for (let replicas = 0; replicas <= room; replicas += 3) {
        const [a, b, c] = split(replicas, votes) as [number, number, number];
        expect(a <= votes.a && b <= votes.b && c <= votes.c && a + b + c === replicas).toBe(true);
      }
    }
  });
});
