/**
 * What two lists of lines have in common, by the method of Ratcliff and Obershelp: the longest common run first, then
 * the same left and right of it. In a long list lines that are everywhere do not begin a run. The real server's
 * comparisons are made that way, and another method would show other lines.
 */

/** Lines `a..a+size` of the first list are lines `b..b+size` of the second. */
export interface Run {
  a: number;
  b: number;
  size: number;
}

const LONG = 200;

/** Runs in order, none of which touches the next; one of size 0 at the end of both closes them. */
export function commonRuns(before: readonly string[], after: readonly string[]): Run[] {
  const places = placesOf(after);
  const found: Run[] = [];
  const open: [number, number, number, number][] = [[0, before.length, 0, after.length]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [fromA, toA, fromB, toB] = next;
    const run = longestRun(before, after, places, next);
    if (run.size === 0) continue;
    found.push(run);
    if (fromA < run.a && fromB < run.b) open.push([fromA, run.a, fromB, run.b]);
    if (run.a + run.size < toA && run.b + run.size < toB) open.push([run.a + run.size, toA, run.b + run.size, toB]);
  }
  found.sort((one, other) => one.a - other.a || one.b - other.b);
  return [...joined(found), { a: before.length, b: after.length, size: 0 }];
}

/** Where each line is in `lines`, without those that are everywhere. */
function placesOf(lines: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [index, line] of lines.entries()) {
    const known = places.get(line);
    if (known === undefined) places.set(line, [index]);
    else known.push(index);
  }
  if (lines.length < LONG) return places;
  const many = Math.floor(lines.length / 100) + 1;
  for (const [line, at] of places) if (at.length > many) places.delete(line);
  return places;
}

function longestRun(
  before: readonly string[],
  after: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  [fromA, toA, fromB, toB]: readonly [number, number, number, number],
): Run {
  let best: Run = { a: fromA, b: fromB, size: 0 };
  // Length of the run that ends at a line of the second list and at the line before in the first.
  let lengths = new Map<number, number>();
  for (let a = fromA; a < toA; a += 1) {
    const next = new Map<number, number>();
    for (const b of places.get(before[a] ?? '') ?? []) {
      if (b < fromB) continue;
      if (b >= toB) break;
      const size = (lengths.get(b - 1) ?? 0) + 1;
      next.set(b, size);
      if (size > best.size) best = { a: a - size + 1, b: b - size + 1, size };
    }
    lengths = next;
  }
  // What is everywhere belongs to a run that it touches.
  let { a, b, size } = best;
  while (a > fromA && b > fromB && before[a - 1] === after[b - 1]) {
    a -= 1;
    b -= 1;
    size += 1;
  }
  while (a + size < toA && b + size < toB && before[a + size] === after[b + size]) size += 1;
  return { a, b, size };
}

function joined(runs: readonly Run[]): Run[] {
  const out: Run[] = [];
  for (const run of runs) {
    const last = out.at(-1);
    if (last !== undefined && last.a + last.size === run.a && last.b + last.size === run.b) last.size += run.size;
    else out.push({ ...run });
  }
  return out;
}
