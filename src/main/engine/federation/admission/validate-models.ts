/** Resource models of a Cluster: grades without gaps, each with the same resources in the same order. Source: Karmada's rules. */
import type { FieldError } from '../../apiserver/index.ts';
import type { ResourceModel } from '../api.ts';
import { unitValue } from '../quantity.ts';
import { bad } from './field-errors.ts';

const MAX = 2 ** 63;

export function validateModels(models: readonly ResourceModel[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const sorted = [...models].sort((a, b) => a.grade - b.grade);
  for (const [index, { grade, ranges = [] }] of sorted.entries()) {
    const field = `${path}[${index}]`;
    if (grade !== index) errors.push(bad(`${field}.grade`, grade, 'grades must begin with 0 and have no gap'));
    const previous = sorted[index - 1]?.ranges ?? null;
    if (previous !== null && previous.length !== ranges.length)
      errors.push(bad(`${field}.ranges`, ranges.length, 'every grade must have the same resources'));
    for (const [position, { name, min, max }] of ranges.entries()) {
      const range = `${field}.ranges[${position}]`;
      if (!(unitValue(min) < unitValue(max))) errors.push(bad(range, max, 'max must be greater than min'));
      const before = previous?.[position];
      if (before === undefined) continue;
      if (before.name !== name) errors.push(bad(`${range}.name`, name, `must be ${before.name} as in the grade below`));
      else if (unitValue(before.max) !== unitValue(min))
        errors.push(bad(`${range}.min`, min, 'must be the max of the grade below'));
    }
  }
  for (const { min } of sorted[0]?.ranges ?? [])
    if (unitValue(min) !== 0) errors.push(bad(`${path}[0]`, min, 'the lowest grade must begin with 0'));
  for (const { max } of sorted.at(-1)?.ranges ?? [])
    if (unitValue(max) < MAX * (1 - Number.EPSILON))
      errors.push(bad(`${path}[${sorted.length - 1}]`, max, 'the highest grade must end with MaxInt64'));
  return errors;
}
