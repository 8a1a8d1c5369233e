/** The one thing that tutorials have Perl do: the first example of a Job prints so many digits of pi. */
import type { Run } from './shell.ts';

const MOST_DIGITS = 10_000;

/** How many digits the words of a Perl command ask for; null: they ask for something else, which nobody here can run. */
export function digitsAsked(words: readonly string[]): number | null {
  const digits = Number(/\bprint\s+bpi\(\s*(\d+)\s*\)/.exec(words.at(-1) ?? '')?.[1]);
  return words.some((word) => /^-Mbignum=.*\bbpi\b/.test(word)) && digits > 0 && digits <= MOST_DIGITS ? digits : null;
}

export const perl: Run = (args, io) => {
  const digits = digitsAsked(args);
  if (digits === null) {
    io.err('perl: not simulated\n');
    return 127;
  }
  io.out(`${pi(digits)}\n`);
  return 0;
};

/** So many significant digits, the last one rounded. Source: Machin's formula. */
export function pi(digits: number): string {
  const guard = 10n;
  const one = 10n ** (BigInt(digits - 1) + guard);
  const arctan = (inverse: bigint): bigint => {
    let power = one / inverse;
    let sum = power;
    for (let n = 3n, sign = -1n; power !== 0n; n += 2n, sign = -sign) {
      power /= inverse * inverse;
      sum += (sign * power) / n;
    }
    return sum;
  };
  const scaled = 4n * (4n * arctan(5n) - arctan(239n));
  const half = 10n ** guard / 2n;
  const text = String((scaled + half) / 10n ** guard);
  return digits === 1 ? text : `${text[0]}.${text.slice(1)}`;
}
