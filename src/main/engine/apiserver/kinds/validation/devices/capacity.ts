/** How much of a device can be asked for. Source: KEP-5075; texts of the server's validation. */
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../../types.ts';
import { forbiddenField, invalidValue, required } from '../field.ts';
import { addQuantities, compareQuantities, nanoOf } from '../quantity.ts';
import { eachOfSet } from './common.ts';

const MOST_VALUES = 10;

/** `shared`: the device may be allocated more than once, so that a part of it can be asked for. */
export function validateCapacity({ value = '0', requestPolicy }: Json, at: string, shared: boolean): FieldError[] {
  if (!requestPolicy) return [];
  const where = `${at}.requestPolicy`;
  if (!shared) return [forbiddenField(where, 'allowMultipleAllocations must be true')];
  const { validValues, validRange, default: usual } = requestPolicy;
  const values = validValues?.length > 0;
  if (values && validRange) {
    const text = 'cannot specify "validValues" and "validRange" at the same time';
    return [forbiddenField(where, `exactly one policy can be specified, ${text}`)];
  }
  const field = values ? 'validValues' : 'validRange';
  if (!values && !validRange) return [];
  if ((usual ?? null) === null) return [required(`${where}.default`, `required when ${field} is defined`)];
  return values
    ? validateValues(validValues, usual, value, `${where}.${field}`)
    : validateRange(validRange, usual, value, `${where}.${field}`);
}

const isMore = (a: string, b: string): boolean => compareQuantities(a, b) > 0;

function validateValues(values: string[], usual: string, capacity: string, at: string): FieldError[] {
  const errors: FieldError[] = [];
  values.slice(1).forEach((value, index) => {
    if (isMore(values[index]!, value))
      errors.push(invalidValue(`${at}[${index + 1}]`, value, 'values must be sorted in ascending order'));
  });
  errors.push(
    ...eachOfSet(
      values,
      MOST_VALUES,
      at,
      (value) => String(wholeOf(String(value))),
      (value, where) =>
        isMore(value, capacity)
          ? [invalidValue(where, value, `option is larger than capacity value: ${capacity}`)]
          : [],
    ),
  );
  const known = values.length <= MOST_VALUES && values.some((value) => compareQuantities(value, usual) === 0);
  return known
    ? errors
    : [...errors, invalidValue(at, usual, 'default value is not valid according to the requestPolicy')];
}

function validateRange({ min, max, step }: Json, usual: string, capacity: string, at: string): FieldError[] {
  if (min === undefined) return [required(`${at}.min`, 'required when validRange is defined')];
  const errors: FieldError[] = [];
  const wrong = (field: string, value: string, text: string) =>
    errors.push(invalidValue(`${at}.${field}`, value, text));
  if (isMore(min, capacity)) wrong('min', min, `min is larger than capacity value: ${capacity}`);
  if (isMore(min, usual)) wrong('min', usual, `default is less than min: ${min}`);
  if (max !== undefined) {
    if (isMore(min, max)) wrong('max', min, `min is larger than max: ${max}`);
    if (isMore(max, capacity)) wrong('max', max, `max is larger than capacity value: ${capacity}`);
    if (isMore(usual, max)) wrong('max', usual, `default is more than max: ${max}`);
  }
  if (step === undefined) return errors;
  const first = addQuantities(min, step);
  if (isMore(first, capacity)) wrong('step', step, `one step ${first} is larger than capacity value: ${capacity}`);
  for (const value of [usual, ...(max === undefined ? [] : [max])])
    if (isBetweenSteps(value, min, step))
      wrong('step', value, `value is not a multiple of a given step (${step}) from (${min})`);
  return errors;
}

/** In whole units, rounded up as the server does. */
function wholeOf(quantity: string): bigint {
  const nano = nanoOf(quantity);
  const whole = nano / 1_000_000_000n;
  return nano > 0n && nano % 1_000_000_000n !== 0n ? whole + 1n : whole;
}

function isBetweenSteps(value: string, min: string, step: string): boolean {
  const size = wholeOf(step);
  return size !== 0n && (wholeOf(value) - wholeOf(min)) % size !== 0n;
}
