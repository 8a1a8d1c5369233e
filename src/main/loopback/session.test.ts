import { describe, expect, test } from 'vitest';
import { Sessions } from './session.ts';

const key = new Uint8Array(32).fill(7);
const DAY_MS = 24 * 3600 * 1000;

/** The cookie of a Set-Cookie header, as a browser sends it back. */
const cookieOf = (header: string): string => header.split(';')[0] as string;

describe('the session cookie', () => {
  test('admits until it expires, not longer', () => {
    let now = 1_000_000;
    const sessions = new Sessions(key, 4000, () => now);
    const cookie = cookieOf(sessions.issue());
    expect(sessions.knows(cookie)).toBe(true);
    expect(sessions.knows(`theme=dark; ${cookie}; other=1`)).toBe(true);
    now += 7 * DAY_MS;
    expect(sessions.knows(cookie)).toBe(true);
    now += 1;
    expect(sessions.knows(cookie)).toBe(false);
  });

  test('cannot be prolonged, moved to another port, or made with another key', () => {
    const sessions = new Sessions(key, 4000, () => 1_000_000);
    const cookie = cookieOf(sessions.issue());
    const [name, expires, signature] = cookie.split(/[=.]/) as [string, string, string];
    expect(sessions.knows(`${name}=${Number(expires) + 1}.${signature}`)).toBe(false);
    expect(sessions.knows(`${name}=${expires}.`)).toBe(false);
    expect(sessions.knows(`${name}=${expires}`)).toBe(false);
    expect(sessions.knows(`${name}=1e99.${signature}`)).toBe(false);
    expect(sessions.knows(`${name}=`)).toBe(false);
    expect(sessions.knows('')).toBe(false);
    expect(sessions.knows(undefined)).toBe(false);
    const elsewhere = cookieOf(new Sessions(key, 4001, () => 1_000_000).issue());
    expect(sessions.knows(elsewhere)).toBe(false);
    expect(sessions.knows(elsewhere.replace('4001', '4000'))).toBe(false);
    const forged = cookieOf(new Sessions(new Uint8Array(32).fill(8), 4000, () => 1_000_000).issue());
    expect(sessions.knows(forged)).toBe(false);
  });
});

test('the token is new for every start, long, and compared as a whole', () => {
  const sessions = new Sessions(key, 4000);
  expect(sessions.token).toMatch(/^[\w-]{32}$/);
  expect(new Sessions(key, 4000).token).not.toBe(sessions.token);
  expect(sessions.admits(sessions.token)).toBe(true);
  for (const wrong of [null, '', sessions.token.slice(1), `${sessions.token}x`, sessions.token.toLowerCase() + 'X'])
    expect(sessions.admits(wrong)).toBe(false);
});
