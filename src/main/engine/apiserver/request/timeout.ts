/** The `timeout` parameter of requests that are no watches. Source: apiserver, WithRequestDeadline. */
import { badRequest, timeout as timedOut } from '../status.ts';
import type { ApiAnswer } from './types.ts';

const MAX_MS = 60_000;
const UNITS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of what Go's time.ParseDuration takes (`1m30s`, `0`); null for anything else. */
export function parseDuration(text: string): number | null {
  if (/^[+-]?0$/.test(text)) return 0;
  const match = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text);
  if (match === null) return null;
  let total = 0;
  for (const [, amount, unit] of match[2]!.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g))
    total += Number(amount) * UNITS[unit!]!;
  return match[1] === '-' ? -total : total;
}

/** Throws 400 for what is no duration; null where the server's own limit is all there is. */
export function requestTimeout(query: URLSearchParams): number | null {
  const text = query.get('timeout');
  if (text === null || text === '') return null;
  const limit = parseDuration(text);
  if (limit === null)
    throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(text)}`);
  return limit <= 0 || limit >= MAX_MS ? null : limit;
}

/** The answer, or a refusal (504) when it takes longer. What is under way goes on: nobody can call back a write. */
export async function within(limitMs: number, answer: Promise<ApiAnswer>): Promise<ApiAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = timedOut('request did not complete within the allotted timeout');
    timer = setTimeout(() => reject(error), limitMs).unref();
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
