/** How workloads are updated and disrupted: strategies, budgets. Source: API reference apps/v1, policy/v1; texts of the server's validation. */
import type { Json } from '#shared/kubernetes/types.ts';
import { shown, shownField } from '../../openapi/shown.ts';
import type { FieldError } from '../../types.ts';
import { forbiddenField, invalidValue, notSupported, required, sameJson } from './field.ts';

const PERCENT =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** A number or a percentage, neither negative. */
export function validateCountOrPercent(value: Json, at: string): FieldError[] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'number')
    return value < 0 ? [invalidValue(at, value, 'must be greater than or equal to 0')] : [];
  return /^[0-9]+%$/.test(value) ? [] : [invalidValue(at, value, PERCENT)];
}

/** What cannot be more than all of something. */
export function validateAtMostAll(value: Json, at: string): FieldError[] {
  return percentOf(value) > 100 ? [invalidValue(at, value, 'must not be greater than 100%')] : [];
}

const percentOf = (value: Json): number => (/^[0-9]+%$/.test(value) ? Number.parseInt(value, 10) : 0);

/** A text that is neither a percentage nor a number stands for no pods. */
function isNone(value: Json): boolean {
  if (typeof value !== 'string') return value === undefined || value === null || value === 0;
  return /^[+-]?[0-9]+$/.test(value) ? Number(value) === 0 : percentOf(value) === 0;
}

export function validateDeploymentStrategy(spec: Json): FieldError[] {
  const at = 'spec.strategy';
  const { type, rollingUpdate } = spec.strategy ?? {};
  if (type === 'Recreate')
    return rollingUpdate
      ? [forbiddenField(`${at}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")]
      : [];
  if (type !== 'RollingUpdate') {
    const value = shownField('apps.DeploymentSpec', 'strategy', spec);
    return [notSupported(at, value, ['Recreate', 'RollingUpdate'])];
  }
  const { maxUnavailable, maxSurge } = rollingUpdate ?? {};
  const errors = [
    ...validateCountOrPercent(maxUnavailable, `${at}.rollingUpdate.maxUnavailable`),
    ...validateCountOrPercent(maxSurge, `${at}.rollingUpdate.maxSurge`),
  ];
  if (isNone(maxUnavailable) && isNone(maxSurge))
    errors.push(
      invalidValue(`${at}.rollingUpdate.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'),
    );
  return [...errors, ...validateAtMostAll(maxUnavailable, `${at}.rollingUpdate.maxUnavailable`)];
}

export function validateDaemonSetStrategy(spec: Json): FieldError[] {
  const at = 'spec.updateStrategy';
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate') {
    const value = shownField('apps.DaemonSetSpec', 'updateStrategy', spec);
    return [notSupported(at, value, ['RollingUpdate', 'OnDelete'])];
  }
  const { maxUnavailable, maxSurge } = rollingUpdate ?? {};
  const where = `${at}.rollingUpdate`;
  const errors = [
    ...validateCountOrPercent(maxUnavailable, `${where}.maxUnavailable`),
    ...validateAtMostAll(maxUnavailable, `${where}.maxUnavailable`),
    ...validateCountOrPercent(maxSurge, `${where}.maxSurge`),
    ...validateAtMostAll(maxSurge, `${where}.maxSurge`),
  ];
  if (isNone(maxUnavailable) && isNone(maxSurge))
    errors.push(required(`${where}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  else if (!isNone(maxUnavailable) && !isNone(maxSurge))
    errors.push(invalidValue(`${where}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  return errors;
}

/** What a person may change of a stateful set. */
const CHANGEABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];
const UNCHANGEABLE =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/** The number that the first replica has. */
function validateFirst(ordinals: Json): FieldError[] {
  const { start = 0 } = ordinals ?? {};
  return start < 0 ? [invalidValue('spec.ordinals.start', start, 'must be greater than or equal to 0')] : [];
}

export function validateStatefulSetStrategy(spec: Json, old: Json | null): FieldError[] {
  const errors: FieldError[] = [];
  const { podManagementPolicy = '', updateStrategy = {}, persistentVolumeClaimRetentionPolicy: retention = {} } = spec;
  if (podManagementPolicy === '') errors.push(required('spec.podManagementPolicy'));
  else if (!['OrderedReady', 'Parallel'].includes(podManagementPolicy))
    errors.push(invalidValue('spec.podManagementPolicy', podManagementPolicy, "must be 'OrderedReady' or 'Parallel'"));
  const { type = '', rollingUpdate } = updateStrategy;
  if (type === '') errors.push(required('spec.updateStrategy'));
  else if (type === 'OnDelete') {
    if (rollingUpdate)
      errors.push(
        invalidValue(
          'spec.updateStrategy.rollingUpdate',
          shown('apps.RollingUpdateStatefulSetStrategy', rollingUpdate),
          "only allowed for updateStrategy 'RollingUpdate'",
        ),
      );
  } else if (type !== 'RollingUpdate')
    errors.push(
      invalidValue(
        'spec.updateStrategy',
        shownField('apps.StatefulSetSpec', 'updateStrategy', spec),
        "must be 'RollingUpdate' or 'OnDelete'",
      ),
    );
  else if (rollingUpdate?.partition < 0)
    errors.push(
      invalidValue(
        'spec.updateStrategy.rollingUpdate.partition',
        rollingUpdate.partition,
        'must be greater than or equal to 0',
      ),
    );
  for (const field of ['whenDeleted', 'whenScaled'])
    if (retention[field] !== undefined && !['Retain', 'Delete'].includes(retention[field]))
      errors.push(
        notSupported(`spec.persistentVolumeClaimRetentionPolicy.${field}`, retention[field], ['Retain', 'Delete']),
      );
  errors.push(...validateFirst(spec.ordinals));
  if (old !== null) {
    const fixed = (given: Json): Json =>
      Object.fromEntries(Object.entries(given ?? {}).filter(([key]) => !CHANGEABLE.includes(key)));
    if (!sameJson(fixed(spec), fixed(old))) errors.push(forbiddenField('spec', UNCHANGEABLE));
  }
  return errors;
}
