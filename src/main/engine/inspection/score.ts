/** The score of an inspection: Polaris' formula over pairs of object and rule, graded as Popeye does. */
import type { Score, Tally } from '#shared/contract/inspection.ts';

const WEIGHTS = { passed: 2, danger: 2, warning: 1 } as const;

/** 0 to 100; 100 when nothing was looked at. */
export function scoreOf({ evaluated, danger, warning }: Tally): Score {
  // A notice is worth knowing and costs nothing.
  const passed = evaluated - danger - warning;
  const total = WEIGHTS.passed * passed + WEIGHTS.warning * warning + WEIGHTS.danger * danger;
  const value = total === 0 ? 100 : Math.floor((100 * WEIGHTS.passed * passed) / total);
  const grades: [number, Score['grade']][] = [
    [90, 'A'],
    [80, 'B'],
    [70, 'C'],
    [60, 'D'],
    [50, 'E'],
  ];
  return { value, grade: grades.find(([least]) => value >= least)?.[1] ?? 'F' };
}
