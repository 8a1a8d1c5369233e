/** Policies of jobs: pod failures, success, modes of completion. Source: API reference batch/v1; texts of the server's validation. */
import type { Json } from '#shared/kubernetes/types.ts';
import { asSent } from '../../openapi/sent-empty.ts';
import { shown } from '../../openapi/shown.ts';
import type { FieldError } from '../../types.ts';
import { duplicate, eachAt, invalidAll, invalidValue, notSupported, required, tooLong, tooMany } from './field.ts';
import { domainPath, qualifiedName } from './meta.ts';

const NEGATIVE = 'must be greater than or equal to 0';
const MODES = ['NonIndexed', 'Indexed'];
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const OPERATORS = ['In', 'NotIn'];
const STATUSES = ['False', 'True', 'Unknown'];
const MOST_PARALLEL = 100_000;
const MOST_FAILED = 100_000;
/** Beyond so many completions a limit per index costs too much without more limits. */
const MANY_COMPLETIONS = 100_000;
const MOST_WITH_MANY = 10_000;
const MOST_RULES = 20;
const MOST_EXIT_CODES = 255;
const MOST_PATTERNS = 20;
const MOST_MANAGER = 63;
const MOST_INDEXES = 64 * 1024;

const COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
];

const listOf = (values: readonly string[]): string => `valid values: [${values.map((each) => `"${each}"`).join(' ')}]`;

/** Everything of a job's spec but its selector and its pods. */
export function validateJobPolicies(spec: Json, at: string): FieldError[] {
  const errors = COUNTS.filter((field) => typeof spec[field] === 'number' && spec[field] < 0).map((field) =>
    invalidValue(`${at}.${field}`, spec[field], NEGATIVE),
  );
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    errors.push(required(`${at}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  const { managedBy } = spec;
  if (managedBy !== undefined) {
    errors.push(...domainPath(managedBy, `${at}.managedBy`));
    if (managedBy.length > MOST_MANAGER) errors.push(tooLong(`${at}.managedBy`, MOST_MANAGER));
  }
  if (!MODES.includes(spec.completionMode))
    errors.push(notSupported(`${at}.completionMode`, spec.completionMode, MODES));
  if (spec.completionMode === 'Indexed') errors.push(...validateIndexed(spec, at));
  if (spec.completionMode === 'NonIndexed') errors.push(...validateUnindexed(spec, at));
  if (spec.podFailurePolicy) errors.push(...validateFailurePolicy(spec, `${at}.podFailurePolicy`));
  if (spec.successPolicy) {
    const where = `${at}.successPolicy`;
    if (spec.completionMode !== 'Indexed')
      errors.push(
        invalidValue(where, shown('batch.SuccessPolicy', spec.successPolicy), 'requires indexed completion mode'),
      );
    else errors.push(...validateSuccessPolicy(spec, where));
  }
  return [...errors, ...validateReplacement(spec, `${at}.podReplacementPolicy`)];
}

function validateIndexed(spec: Json, at: string): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex } = spec;
  const errors: FieldError[] = [];
  if (completions === undefined) errors.push(required(`${at}.completions`, 'when completion mode is Indexed'));
  if (parallelism > MOST_PARALLEL) {
    const text = `must be less than or equal to ${MOST_PARALLEL} when completion mode is Indexed`;
    errors.push(invalidValue(`${at}.parallelism`, parallelism, text));
  }
  const failed = `${at}.maxFailedIndexes`;
  if (completions !== undefined && maxFailedIndexes > completions)
    errors.push(invalidValue(failed, maxFailedIndexes, 'must be less than or equal to completions'));
  if (maxFailedIndexes > MOST_FAILED)
    errors.push(invalidValue(failed, maxFailedIndexes, `must be less than or equal to ${MOST_FAILED}`));
  if (!(completions > MANY_COMPLETIONS) || backoffLimitPerIndex === undefined) return errors;
  const text = `must be less than or equal to ${MOST_WITH_MANY} when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined)
    errors.push(required(failed, `must be specified when completions is above ${MANY_COMPLETIONS}`));
  if (parallelism > MOST_WITH_MANY) errors.push(invalidValue(`${at}.parallelism`, parallelism, text));
  if (maxFailedIndexes > MOST_WITH_MANY) errors.push(invalidValue(failed, maxFailedIndexes, text));
  return errors;
}

function validateUnindexed(spec: Json, at: string): FieldError[] {
  return ['backoffLimitPerIndex', 'maxFailedIndexes']
    .filter((field) => spec[field] !== undefined)
    .map((field) => invalidValue(`${at}.${field}`, spec[field], 'requires indexed completion mode'));
}

function validateFailurePolicy(spec: Json, at: string): FieldError[] {
  const rules: Json[] = spec.podFailurePolicy.rules ?? [];
  const pod = spec.template?.spec ?? {};
  const names = [...(pod.containers ?? []), ...(pod.initContainers ?? [])].map(({ name }: Json) => name);
  const errors = rules.length > MOST_RULES ? [tooMany(`${at}.rules`, rules.length, MOST_RULES)] : [];
  return [...errors, ...eachAt(rules, `${at}.rules`, (rule, where) => validateFailureRule(rule, where, spec, names))];
}

function validateFailureRule(rule: Json, at: string, spec: Json, names: readonly string[]): FieldError[] {
  const { action = '', onExitCodes, onPodConditions = [] } = rule;
  const errors: FieldError[] = [];
  const where = `${at}.action`;
  if (action === '') errors.push(required(where, listOf(ACTIONS)));
  else if (!ACTIONS.includes(action)) errors.push(notSupported(where, action, ACTIONS));
  else if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined)
    errors.push(invalidValue(where, action, 'requires the backoffLimitPerIndex to be set'));
  if (onExitCodes) errors.push(...validateExitCodes(onExitCodes, `${at}.onExitCodes`, names));
  const patterns = `${at}.onPodConditions`;
  if (onPodConditions.length > MOST_PATTERNS) errors.push(tooMany(patterns, onPodConditions.length, MOST_PATTERNS));
  errors.push(
    ...eachAt(onPodConditions, patterns, ({ type = '', status = '' }, place) => {
      const found = invalidAll(`${place}.type`, type, qualifiedName(type));
      if (status === '') found.push(required(`${place}.status`, listOf(STATUSES)));
      else if (!STATUSES.includes(status)) found.push(notSupported(`${place}.status`, status, STATUSES));
      return found;
    }),
  );
  if (onExitCodes && onPodConditions.length > 0)
    errors.push(wrong(at, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (!onExitCodes && onPodConditions.length === 0)
    errors.push(wrong(at, 'specifying one of OnExitCodes and OnPodConditions is required'));
  return errors;
}

/** A refusal that does not show the value. */
function wrong(field: string, text: string): FieldError {
  return { type: 'FieldValueInvalid', field, message: `Invalid value: ${text}` };
}

function validateExitCodes(codes: Json, at: string, names: readonly string[]): FieldError[] {
  const { operator = '', containerName } = codes;
  const values: number[] = codes.values ?? [];
  const errors: FieldError[] = [];
  if (operator === '') errors.push(required(`${at}.operator`, listOf(OPERATORS)));
  else if (!OPERATORS.includes(operator)) errors.push(notSupported(`${at}.operator`, operator, OPERATORS));
  if (containerName !== undefined && containerName !== null && !names.includes(containerName)) {
    const text = 'must be one of the container or initContainer names in the pod template';
    errors.push(invalidValue(`${at}.containerName`, containerName, text));
  }
  const where = `${at}.values`;
  if (values.length === 0) errors.push(invalidValue(where, asSent(codes, 'values'), 'at least one value is required'));
  else if (values.length > MOST_EXIT_CODES) errors.push(tooMany(where, values.length, MOST_EXIT_CODES));
  values.forEach((value, index) => {
    if (operator === 'In' && value === 0)
      errors.push(invalidValue(`${where}[${index}]`, value, 'must not be 0 for the In operator'));
    if (values.indexOf(value) < index) errors.push(duplicate(`${where}[${index}]`, value));
  });
  if (values.some((value, index) => index > 0 && values[index - 1]! > value))
    errors.push(invalidValue(where, values, 'must be ordered'));
  return errors;
}

function validateSuccessPolicy(spec: Json, at: string): FieldError[] {
  const where = `${at}.rules`;
  const rules: Json[] = spec.successPolicy.rules ?? [];
  const errors: FieldError[] = [];
  if (rules.length === 0)
    errors.push(required(where, 'at least one rules must be specified when the successPolicy is specified'));
  if (rules.length > MOST_RULES) errors.push(tooMany(where, rules.length, MOST_RULES));
  return [...errors, ...eachAt(rules, where, (rule, place) => validateSuccessRule(rule, place, spec.completions ?? 0))];
}

function validateSuccessRule(
  { succeededIndexes, succeededCount }: Json,
  at: string,
  completions: number,
): FieldError[] {
  if (succeededIndexes === undefined && succeededCount === undefined)
    return [required(at, 'at least one of succeededCount or succeededIndexes must be specified')];
  const errors: FieldError[] = [];
  let total = 0;
  if (succeededIndexes !== undefined) {
    const where = `${at}.succeededIndexes`;
    if (succeededIndexes.length > MOST_INDEXES) errors.push(tooLong(where, MOST_INDEXES));
    const counted = countIndexes(succeededIndexes, completions);
    if (typeof counted === 'number') total = counted;
    else errors.push(invalidValue(where, succeededIndexes, `error parsing succeededIndexes: ${counted}`));
  }
  if (succeededCount === undefined) return errors;
  const where = `${at}.succeededCount`;
  const most = (count: number, what: string) =>
    invalidValue(where, succeededCount, `must be less than or equal to ${count} (the number of ${what})`);
  if (succeededCount < 0) errors.push(invalidValue(where, succeededCount, NEGATIVE));
  if (succeededCount > completions) errors.push(most(completions, 'specified completions'));
  if (succeededIndexes !== undefined && succeededCount > total)
    errors.push(most(total, 'indexes in the specified succeededIndexes field'));
  return errors;
}

/** How many indexes `0-2,5` names; a text says what is wrong with it. */
function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let total = 0;
  let last = -1;
  for (const part of text.split(',')) {
    const limits = part.split('-');
    if (limits.length > 2)
      return `the fragment "${part}" violates the requirement that an index interval can have at most two parts separated by '-'`;
    for (const limit of limits) {
      if (!/^\d+$/.test(limit)) return `cannot convert string to integer for index: "${limit}"`;
      if (Number(limit) >= completions) return `too large index: "${limit}"`;
    }
    const [from, to] = [Number(limits[0]), Number(limits.at(-1))];
    if (limits.length === 2 && from >= to) return `non-increasing order, previous: ${from}, current: ${to}`;
    if (last >= from) return `non-increasing order, previous: ${last}, current: ${from}`;
    total += to - from + 1;
    last = to;
  }
  return total;
}

function validateReplacement({ podReplacementPolicy: policy, podFailurePolicy }: Json, at: string): FieldError[] {
  const known = podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  return policy === undefined || known.includes(policy) ? [] : [notSupported(at, policy, known)];
}
