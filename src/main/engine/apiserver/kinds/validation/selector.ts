/** LabelSelectors: which labels they select, and whether they are well formed. Source: "Labels and Selectors". */
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../types.ts';
import { forbiddenField, invalidValue, required } from './field.ts';
import { labelValue, qualifiedName, validateLabels } from './meta.ts';

export function isEmptySelector(selector: Json): boolean {
  if (!selector) return true;
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;
}

export function selectorMatches(selector: Json, labels: Record<string, string>): boolean {
  const exact = Object.entries((selector.matchLabels ?? {}) as Record<string, string>);
  if (!exact.every(([key, value]) => labels[key] === value)) return false;
  return (selector.matchExpressions ?? []).every((expression: Json) => {
    const value = labels[expression.key];
    if (expression.operator === 'In') return value !== undefined && expression.values?.includes(value);
    if (expression.operator === 'NotIn') return value === undefined || !expression.values?.includes(value);
    return expression.operator === 'Exists' ? value !== undefined : value === undefined;
  });
}

export function validateSelector(selector: Json, at: string): FieldError[] {
  if (!selector) return [];
  const errors = validateLabels(selector.matchLabels, `${at}.matchLabels`);
  ((selector.matchExpressions ?? []) as Json[]).forEach((expression, index) => {
    const where = `${at}.matchExpressions[${index}]`;
    const values: string[] = expression.values ?? [];
    switch (expression.operator) {
      case 'In':
      case 'NotIn':
        if (values.length === 0)
          errors.push(required(`${where}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
        break;
      case 'Exists':
      case 'DoesNotExist':
        if (values.length > 0)
          errors.push(
            forbiddenField(`${where}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
          );
        break;
      default:
        errors.push(invalidValue(`${where}.operator`, expression.operator ?? '', 'not a valid selector operator'));
    }
    for (const text of qualifiedName(expression.key ?? ''))
      errors.push(invalidValue(`${where}.key`, expression.key ?? '', text));
    values.forEach((value, position) => {
      for (const text of labelValue(value)) errors.push(invalidValue(`${where}.values[${position}]`, value, text));
    });
  });
  return errors;
}
