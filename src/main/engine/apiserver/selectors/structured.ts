/** meta/v1 LabelSelector as objects carry it: matching, and the text form that scale shows. */
import { isRecord } from '../json.ts';
import type { Labels } from './labels.ts';

interface Expression {
  key: string;
  operator: string;
  values?: string[] | null;
}

/** An empty selector matches everything, an absent one nothing. */
export function matchesLabelSelector(selector: unknown, labels: Labels): boolean {
  if (!isRecord(selector)) return false;
  for (const [key, value] of Object.entries(isRecord(selector.matchLabels) ? selector.matchLabels : {}))
    if (labels?.[key] !== value) return false;
  return expressionsOf(selector).every(({ key, operator, values }) => {
    const value = labels?.[key];
    switch (operator) {
      case 'In':
        return value !== undefined && (values ?? []).includes(value);
      case 'NotIn':
        return value === undefined || !(values ?? []).includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false;
    }
  });
}

/** `app=web,tier in (a,b)`. A selector that already is text, as custom resources keep it, stays. */
export function labelSelectorText(selector: unknown): string {
  if (typeof selector === 'string') return selector;
  if (!isRecord(selector)) return '';
  const plain = !('matchLabels' in selector) && !('matchExpressions' in selector);
  const labels = Object.entries(plain ? selector : isRecord(selector.matchLabels) ? selector.matchLabels : {});
  const terms = labels.map(([key, value]) => `${key}=${String(value)}`);
  for (const { key, operator, values } of plain ? [] : expressionsOf(selector)) {
    const list = `(${[...(values ?? [])].sort().join(',')})`;
    if (operator === 'Exists') terms.push(key);
    else if (operator === 'DoesNotExist') terms.push(`!${key}`);
    else terms.push(`${key} ${operator === 'In' ? 'in' : 'notin'} ${list}`);
  }
  return terms.sort().join(',');
}

function expressionsOf(selector: Record<string, unknown>): Expression[] {
  return Array.isArray(selector.matchExpressions) ? (selector.matchExpressions as Expression[]) : [];
}
