/**
 * What a schema of a custom resource says of numbers. Whole numbers that 64 bits hold are judged as such: limits lose
 * what is behind their point then, as they do in the API server. Source: kube-openapi, pkg/validation/validate, values.go.
 */
import { invalidValue } from '../kinds/validation/field.ts';
import type { FieldError } from '../types.ts';
import type { CustomSchema } from './structural.ts';

const TWO_63 = 2 ** 63;

/** Whether Go keeps the number as an int64; anything else is a float64. */
export function isWhole(value: number): boolean {
  return Number.isInteger(value) && value >= -TWO_63 && value < TWO_63;
}

/** What of `schema` the number does not fulfil; `format` is empty when it means nothing. */
export function numberProblems(value: number, schema: CustomSchema, format: string, path: string): FieldError[] {
  const { type, minimum, maximum, multipleOf } = schema;
  const fits = (number: number, what: string): FieldError[] => {
    if (type !== 'integer' || isIn(number, format)) return [];
    const kind = format === '' ? '(default format)' : `with format ${format}`;
    return [invalidValue('<nil>', '', `${what} value must be of type integer ${kind} in ${path}`)];
  };
  const bad = (text: string): FieldError => ({
    type: 'FieldValueInvalid',
    field: path,
    message: `Invalid value: ${shownNumber(value)}: ${path} in body ${text}`,
  });
  /** The limit as it is compared and shown, beside what is wrong with it. */
  const limitOf = (limit: number, what: string): { limit: number; errors: FieldError[] } => {
    const errors = fits(limit, what);
    return { limit: errors.length === 0 && isWhole(value) ? Math.trunc(limit) : limit, errors };
  };
  const errors = fits(value, 'Checked');
  if (multipleOf !== undefined) {
    const { limit: factor, errors: own } = limitOf(multipleOf, 'MultipleOf');
    errors.push(...own);
    if (factor <= 0)
      errors.push(
        invalidValue(path, factor, `factor MultipleOf declared for ${path} must be positive: ${shownNumber(factor)}`),
      );
    else if (!isMultiple(value, factor)) errors.push(bad(`should be a multiple of ${shownNumber(factor)}`));
  }
  if (minimum !== undefined) {
    const { limit, errors: own } = limitOf(minimum, 'Minimum boundary');
    errors.push(...own);
    if (schema.exclusiveMinimum === true ? value <= limit : value < limit)
      errors.push(
        bad(`should be greater than ${schema.exclusiveMinimum === true ? '' : 'or equal to '}${shownNumber(limit)}`),
      );
  }
  if (maximum !== undefined) {
    const { limit, errors: own } = limitOf(maximum, 'Maximum boundary');
    errors.push(...own);
    if (schema.exclusiveMaximum === true ? value >= limit : value > limit)
      errors.push(
        bad(`should be less than ${schema.exclusiveMaximum === true ? '' : 'or equal to '}${shownNumber(limit)}`),
      );
  }
  return errors;
}

function isIn(value: number, format: string): boolean {
  if (format === 'int32') return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;
  return isWhole(value);
}

function isMultiple(value: number, factor: number): boolean {
  if (isWhole(value) && isWhole(factor)) return value % factor === 0;
  return isJsonInteger(factor < 1 ? (1 / factor) * value : value / factor);
}

/** A whole number that every reader of JSON takes for one. */
export function isJsonInteger(value: number): boolean {
  return Number.isSafeInteger(value);
}

/** As Go prints it: floats with an exponent from seven digits before the point on. */
export function shownNumber(value: number): string {
  if (isWhole(value)) return String(value);
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  // Between these the notation without an exponent is used, and up to 21 digits where nothing is behind the point.
  if (exponent >= -4 && exponent < (Number.isInteger(value) ? 6 : 21)) return String(value);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
