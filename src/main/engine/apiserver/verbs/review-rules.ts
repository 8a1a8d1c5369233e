/**
 * What access reviews have to be like before they are answered, and what of them the answer leaves out of account.
 * Source: API reference, authorization.k8s.io/v1.
 */
import { isRecord } from '../json.ts';
import { forbiddenField, invalidValue, required } from '../kinds/validation/field.ts';
import { labelValue, qualifiedName } from '../kinds/validation/meta.ts';
import { parseLabelSelector } from '../selectors/labels.ts';
import type { FieldError } from '../types.ts';

type Values = Record<string, unknown>;

/** Null namespace: the review is about all of them. `ofOthers`: it names whom it is about. */
export function reviewProblems(
  metadata: Values,
  spec: Values,
  { ofOthers, namespace }: { ofOthers: boolean; namespace: string | null },
): FieldError[] {
  const errors: FieldError[] = [];
  const resource = isRecord(spec.resourceAttributes) ? spec.resourceAttributes : null;
  const other = isRecord(spec.nonResourceAttributes) ? spec.nonResourceAttributes : null;
  const shown = { Path: other?.path ?? '', Verb: other?.verb ?? '' };
  if (resource !== null && other !== null)
    errors.push(
      invalidValue('spec.nonResourceAttributes', shown, 'cannot be specified in combination with resourceAttributes'),
    );
  if (resource === null && other === null)
    errors.push(
      invalidValue(
        'spec.resourceAttributes',
        null,
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    );
  if (ofOthers && (spec.user ?? '') === '' && listOf(spec.groups).length === 0)
    errors.push(invalidValue('spec.user', '', 'at least one of user or group must be specified'));
  for (const name of ['fieldSelector', 'labelSelector'])
    if (isRecord(resource?.[name])) errors.push(...selectorProblems(resource[name], name === 'labelSelector', name));
  const given = Object.entries(metadata).filter(
    ([key, value]) => key !== 'managedFields' && !(key === 'namespace' && namespace !== null) && !isUnset(value),
  );
  if (given.length > 0)
    errors.push(
      invalidValue('metadata', metadata, namespace === null ? 'must be empty' : 'must be empty except for namespace'),
    );
  if (namespace !== null && resource !== null && (resource.namespace ?? '') !== namespace)
    errors.push(
      invalidValue('spec.resourceAttributes.namespace', resource.namespace ?? '', 'must match metadata.namespace'),
    );
  if (namespace !== null && other !== null)
    errors.push(invalidValue('spec.nonResourceAttributes', shown, 'disallowed on this kind of request'));
  return errors;
}

function isUnset(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);
}

function selectorProblems(selector: Values, ofLabels: boolean, name: string): FieldError[] {
  const at = `spec.resourceAttributes.${name}`;
  const errors: FieldError[] = [];
  const raw = String(selector.rawSelector ?? '');
  const requirements = listOf(selector.requirements) as Values[];
  if (raw !== '' && requirements.length > 0)
    errors.push(invalidValue(`${at}.rawSelector`, raw, 'may not specified at the same time as requirements'));
  if (raw === '' && requirements.length === 0)
    errors.push(required(`${at}.requirements`, `when ${at} is specified, requirements or rawSelector is required`));
  requirements.forEach((requirement, index) => {
    const where = `${at}.requirements[${index}]`;
    const key = String(requirement.key ?? '');
    const values = listOf(requirement.values).map(String);
    if (!ofLabels && key === '') errors.push(required(`${where}.key`, 'must be specified'));
    if ((requirement.operator === 'In' || requirement.operator === 'NotIn') && values.length === 0)
      errors.push(required(`${where}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    if ((requirement.operator === 'Exists' || requirement.operator === 'DoesNotExist') && values.length > 0)
      errors.push(
        forbiddenField(`${where}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
      );
    if (!ofLabels) return;
    errors.push(...qualifiedName(key).map((text) => invalidValue(`${where}.key`, key, text)));
    values.forEach((value, position) => {
      errors.push(...labelValue(value).map((text) => invalidValue(`${where}.values[${position}]`, value, text)));
    });
  });
  return errors;
}

const LABEL_OPERATORS = new Set<unknown>(['In', 'NotIn', 'Exists', 'DoesNotExist']);

/**
 * What the answer says of selectors that cannot be read: they are left out of account, which asks for more. Empty where
 * all is well.
 */
export function evaluationProblem(attributes: Values): string {
  const field = isRecord(attributes.fieldSelector) ? attributes.fieldSelector : {};
  const label = isRecord(attributes.labelSelector) ? attributes.labelSelector : {};
  const texts = [
    ignored('fieldSelector', isFieldText(String(field.rawSelector ?? '')), listOf(field.requirements), isFieldRule),
    ignored('labelSelector', isLabelText(String(label.rawSelector ?? '')), listOf(label.requirements), isLabelRule),
  ];
  return texts.filter((text) => text !== '').join('; ');
}

function ignored(name: string, isTextRead: boolean, rules: unknown[], isRead: (rule: Values) => boolean): string {
  const read = rules.filter((rule) => isRead(rule as Values)).length;
  if (isTextRead && read === rules.length) return '';
  return `spec.resourceAttributes.${name} ${read > 0 ? 'partially ignored' : 'ignored'} due to parse error`;
}

function isLabelRule({ operator }: Values): boolean {
  return LABEL_OPERATORS.has(operator);
}

/** Of fields one value alone can be asked for. */
function isFieldRule({ operator, values }: Values): boolean {
  return (operator === 'In' || operator === 'NotIn') && listOf(values).length === 1;
}

function isLabelText(text: string): boolean {
  try {
    parseLabelSelector(text);
    return true;
  } catch {
    return false;
  }
}

/** Terms `name=value`, `name==value`, `name!=value`; a comma or sign that is meant has a backslash before it. */
function isFieldText(text: string): boolean {
  if (text === '') return true;
  return text.split(/(?<!\\),/).every((term) => term === '' || /^[^=!]*(!=|==|=)(\\[\\,=]|[^\\,=])*$/.test(term));
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
