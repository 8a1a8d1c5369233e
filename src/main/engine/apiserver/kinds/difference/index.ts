/**
 * How a part of an object differs from what it was, for people to read: a unified diff of both as the real server has
 * them in memory. It stands below refusals of updates; clients ignore it. Source: apimachinery, util/diff.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import { withoutMarkup } from '../../json.ts';
import { internalForm } from './internal.ts';
import { commonRuns } from './matcher.ts';

const CONTEXT = 3;

/** Between two values of a type of the core group, on lines of its own below a text. */
export function differenceBelow(type: string, before: Json, after: Json): string {
  return `\n${unifiedDiff(linesOf(type, before), linesOf(type, after))}`;
}

function linesOf(type: string, value: Json): string[] {
  return withoutMarkup(JSON.stringify(internalForm(type, value), null, 1)).split('\n');
}

/** Lines `fromA..toA` became `fromB..toB`; the same lines when `same`. */
interface Step {
  same: boolean;
  fromA: number;
  toA: number;
  fromB: number;
  toB: number;
}

export function unifiedDiff(before: readonly string[], after: readonly string[]): string {
  const out: string[] = [];
  for (const group of groupsOf(stepsOf(before, after))) {
    const [first, last] = [group[0]!, group.at(-1)!];
    out.push(`@@ -${range(first.fromA, last.toA)} +${range(first.fromB, last.toB)} @@`);
    for (const { same, fromA, toA, fromB, toB } of group) {
      const old = before.slice(fromA, toA);
      if (same) out.push(...old.map((line) => ` ${line}`));
      else out.push(...old.map((line) => `-${line}`), ...after.slice(fromB, toB).map((line) => `+${line}`));
    }
  }
  return out.map((line) => `${line}\n`).join('');
}

function stepsOf(before: readonly string[], after: readonly string[]): Step[] {
  const steps: Step[] = [];
  let [a, b] = [0, 0];
  for (const run of commonRuns(before, after)) {
    if (a < run.a || b < run.b) steps.push({ same: false, fromA: a, toA: run.a, fromB: b, toB: run.b });
    [a, b] = [run.a + run.size, run.b + run.size];
    if (run.size > 0) steps.push({ same: true, fromA: run.a, toA: a, fromB: run.b, toB: b });
  }
  return steps;
}

/** Changes with some lines around them; those that are near each other together. */
function groupsOf(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = [];
  let group: Step[] = [];
  for (const [index, step] of steps.entries()) {
    if (!step.same) {
      group.push(step);
      continue;
    }
    const [isFirst, isLast] = [index === 0, index === steps.length - 1];
    const head = {
      ...step,
      toA: Math.min(step.toA, step.fromA + CONTEXT),
      toB: Math.min(step.toB, step.fromB + CONTEXT),
    };
    const tail = {
      ...step,
      fromA: Math.max(step.fromA, step.toA - CONTEXT),
      fromB: Math.max(step.fromB, step.toB - CONTEXT),
    };
    if (isFirst) group.push(tail);
    else if (isLast) group.push(head);
    else if (step.toA - step.fromA > 2 * CONTEXT) {
      groups.push([...group, head]);
      group = [tail];
    } else group.push(step);
  }
  if (group.some(({ same }) => !same)) groups.push(group);
  return groups;
}

/** Lines are counted from one; a range of none stands behind the line before it. */
function range(from: number, to: number): string {
  const length = to - from;
  if (length === 1) return String(from + 1);
  return length === 0 ? `${from},0` : `${from + 1},${length}`;
}
