/**
 * Name resolution that a dead resolver cannot spread. getaddrinfo blocks one of libuv's four worker threads for as long
 * as the resolver takes to give up; a handful of clusters with unreachable names would stop file access and the names
 * of healthy clusters. So: one lookup per name at a time, and names that have not answered well hold two threads at most.
 */
import dns from 'node:dns';
import type { LookupFunction } from 'node:net';

type Callback = Parameters<LookupFunction>[2];

const SLOW_MS = 1_000;
const MAX_UNPROVEN = 2;

export function createLookup(resolve: LookupFunction = dns.lookup as LookupFunction): LookupFunction {
  const proven = new Set<string>();
  const inFlight = new Map<string, Callback[]>();
  const waiting: (() => void)[] = [];
  let unproven = 0;

  function start(hostname: string, options: dns.LookupOptions, key: string): void {
    const fast = proven.has(hostname);
    if (!fast) unproven += 1;
    const startedAt = Date.now();
    resolve(hostname, options, (...answer) => {
      const [error] = answer;
      if (error === null && Date.now() - startedAt < SLOW_MS) proven.add(hostname);
      else proven.delete(hostname);
      if (!fast) {
        unproven -= 1;
        waiting.shift()?.();
      }
      const callbacks = inFlight.get(key) ?? [];
      inFlight.delete(key);
      for (const callback of callbacks) callback(...answer);
    });
  }

  return (hostname, options, callback) => {
    const key = `${hostname}|${options.family ?? 0}|${options.hints ?? 0}|${options.all ?? false}`;
    const others = inFlight.get(key);
    if (others !== undefined) {
      others.push(callback);
      return;
    }
    inFlight.set(key, [callback]);
    if (proven.has(hostname) || unproven < MAX_UNPROVEN) start(hostname, options, key);
    else waiting.push(() => start(hostname, options, key));
  };
}

/** Shared by all connections: the worker threads are shared too. */
export const sharedLookup = createLookup();
