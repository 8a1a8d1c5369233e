/** Deterministic random numbers: the same seed gives the same fleet. Never used for anything secret. */

export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Whole number in [from, to]. */
  integer(from: number, to: number): number;
  between(from: number, to: number): number;
  pick<T>(items: readonly T[]): T;
  text(length: number, alphabet: string): string;
}

export const HEX = '0123456789abcdef';
export const LOWER_DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Without vowels and look-alikes, as k8s.io/apimachinery/pkg/util/rand has it. */
export const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** mulberry32 over a hash of the parts. */
export function createRandom(...parts: (string | number)[]): Random {
  let state = fnv1a(parts.join('\u0000'));
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const integer = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    integer,
    between: (from, to) => from + next() * (to - from),
    pick: (items) => {
      const item = items[integer(0, items.length - 1)];
      if (item === undefined) throw new RangeError('pick from an empty list');
      return item;
    },
    text: (length, alphabet) => {
      let out = '';
      for (let i = 0; i < length; i++) out += alphabet[integer(0, alphabet.length - 1)];
      return out;
    },
  };
}

/** 32-bit FNV-1a, the hash the controllers of Kubernetes use for templates. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** rand.SafeEncodeString: digits to letters that cannot form words. */
export function safeEncode(text: string): string {
  let out = '';
  for (const char of text) out += SAFE_ALPHABET[(char.codePointAt(0) ?? 0) % SAFE_ALPHABET.length];
  return out;
}
