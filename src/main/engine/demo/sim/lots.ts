/**
 * What a cluster's API server leaves to chance, drawn from the seed: the same seed gives the same uids, names, addresses
 * and ports while a cluster is made. It ends when the cluster is left to itself, or has drawn very many: which of two
 * objects comes first is then chance as well.
 */
import { createHash } from 'node:crypto';
import type { Chance } from '#engine/apiserver/index.ts';

/** Each subject is remembered, for what is drawn for it again must differ. */
const DRAWN_AT_MOST = 50_000;

export interface Lots {
  draw: Chance;
  /** From now on by real chance. */
  end(): void;
}

export function seededLots(...seed: (string | number)[]): Lots {
  const prefix = seed.join('\u0000');
  const drawn = new Map<string, number>();
  let ended = false;
  const end = (): void => {
    ended = true;
    drawn.clear();
  };
  return {
    draw(subject) {
      if (ended) return null;
      const times = drawn.get(subject) ?? 0;
      drawn.set(subject, times + 1);
      if (drawn.size > DRAWN_AT_MOST) end();
      return createHash('sha256').update(`${prefix}\u0000${subject}\u0000${times}`).digest();
    },
    end,
  };
}
