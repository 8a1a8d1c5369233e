/**
 * What the server leaves to chance: uids, the ends of generated names, addresses and ports of Services. A simulation that
 * is to be the same again for the same seed draws the lots itself.
 */
import { randomInt, randomUUID } from 'node:crypto';

/**
 * Sixteen bytes for a subject, other ones each time it is asked for the same; null: whatever comes. What is drawn must be as
 * good as random, for nothing checks that no uid comes twice.
 */
export type Chance = (subject: string) => Uint8Array | null;

/** Real chance. */
export const anyChance: Chance = () => null;

/** As k8s.io/apimachinery/pkg/util/rand has them: no vowels and look-alikes. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
export const SUFFIX_LENGTH = 5;

export function drawUid(chance: Chance, subject: string): string {
  const bytes = chance(subject);
  if (bytes === null) return randomUUID();
  const hex = Buffer.from(bytes.subarray(0, 16));
  hex[6] = ((hex[6] ?? 0) & 0x0f) | 0x40;
  hex[8] = ((hex[8] ?? 0) & 0x3f) | 0x80;
  return hex.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The end of a generated name. */
export function drawSuffix(chance: Chance, subject: string): string {
  const bytes = chance(subject);
  let suffix = '';
  for (let i = 0; i < SUFFIX_LENGTH; i++)
    suffix += LETTERS[bytes === null ? randomInt(LETTERS.length) : at(bytes, i) % LETTERS.length];
  return suffix;
}

/** In [0, below). */
export function drawInteger(chance: Chance, subject: string, below: number): number {
  const bytes = chance(subject);
  return bytes === null ? randomInt(below) : at(bytes, 0) % below;
}

/** Two bytes more than a letter or a port needs, so that none comes more often than others. */
function at(bytes: Uint8Array, index: number): number {
  const from = index * 3;
  return ((bytes[from] ?? 0) << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0);
}
