/**
 * Fairness on one event loop: work that never waits for anything outside the process would keep timers and connections
 * waiting for as long as there is more of it. Whoever does a piece of such work asks for its turn first; after a slice of
 * time everybody else comes in between.
 */

const SLICE_MS = 8;

let waiting: (() => void)[] = [];
let sliceEnd = 0;
let scheduled = false;

/** Undefined: go on. Otherwise wait for it. */
export function nextTurn(): Promise<void> | undefined {
  if (waiting.length === 0 && performance.now() < sliceEnd) return undefined;
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => void release());
  });
}

/** One after the other, as many as the slice has time for: each runs to where it waits before the next is let go. */
async function release(): Promise<void> {
  sliceEnd = performance.now() + SLICE_MS;
  const turn = waiting;
  waiting = [];
  let next = 0;
  while (next < turn.length && performance.now() < sliceEnd) {
    turn[next++]?.();
    await null;
  }
  waiting = [...turn.slice(next), ...waiting];
  if (waiting.length > 0) setImmediate(() => void release());
  else scheduled = false;
}
