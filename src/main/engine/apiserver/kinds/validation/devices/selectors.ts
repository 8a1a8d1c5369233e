/** Expressions that select devices. Source: KEP-4381; texts of the server's validation. */
import type { Json } from '#shared/kubernetes/types.ts';
import { CALL_LIMIT, compileExpression } from '../../../cel/index.ts';
import { BOOL, bounded, type CelType, DYN, map, QUANTITY, STRING } from '../../../cel/types.ts';
import type { FieldError } from '../../../types.ts';
import { forbiddenField, invalidValue, required, tooLong } from '../field.ts';
import { eachOf } from './common.ts';

export const MOST_SELECTORS = 32;
const LONGEST = 10 * 1024;
const MOST_NAMES = 32;

const byName = (value: CelType): CelType => {
  const names = bounded(map(bounded(STRING, 32), value), MOST_NAMES);
  return bounded(map(bounded(STRING, 63), names), MOST_NAMES);
};

const DEVICE: CelType = {
  kind: 'object',
  name: 'kubernetes.DRADevice',
  fields: new Map<string, CelType>([
    ['driver', bounded(STRING, 63)],
    ['allowMultipleAllocations', BOOL],
    ['attributes', byName(bounded(DYN, 64))],
    ['capacity', byName(QUANTITY)],
  ]),
};

export function validateSelectors(selectors: Json, at: string): FieldError[] {
  return eachOf(selectors, MOST_SELECTORS, at, ({ cel }, where) =>
    cel ? validateExpression(cel.expression ?? '', `${where}.cel.expression`) : [required(`${where}.cel`)],
  );
}

function validateExpression(text: string, at: string): FieldError[] {
  if (Buffer.byteLength(text) > LONGEST) return [tooLong(at, LONGEST)];
  const outcome = compileExpression(text, { device: DEVICE });
  if ('problem' in outcome) return [invalidValue(at, text, `compilation failed: ${outcome.problem}`)];
  const { type, cost } = outcome.program;
  if (type !== 'bool' && type !== 'dyn')
    return [invalidValue(at, text, `must evaluate to bool or the unknown type, not ${type}`)];
  return cost > CALL_LIMIT ? [forbiddenField(at, 'too complex, exceeds cost limit')] : [];
}
