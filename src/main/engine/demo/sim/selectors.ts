/** Label selectors, node selectors and tolerations, as pure predicates. Source: API reference, LabelSelector and Toleration. */
import type { Json } from '#shared/kubernetes/types.ts';

type Labels = Record<string, string>;

/** meta/v1 LabelSelector. An absent selector matches nothing, an empty one everything. */
export function matchesSelector(selector: Json, labels: Labels | undefined): boolean {
  if (selector === undefined || selector === null) return false;
  const have = labels ?? {};
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (have[key] !== value) return false;
  }
  return (selector.matchExpressions ?? []).every((expression: Json) => matchesExpression(expression, have));
}

/** Plain map of a Service; an empty or absent one matches nothing. */
export function matchesMap(selector: Labels | undefined, labels: Labels | undefined): boolean {
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value);
}

function matchesExpression(expression: Json, labels: Labels): boolean {
  const value = labels[expression.key];
  const values: string[] = expression.values ?? [];
  switch (expression.operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** core/v1 NodeSelector: terms are alternatives, an empty term matches nothing. */
export function matchesNodeSelector(selector: Json, node: { name: string; labels: Labels }): boolean {
  return (selector?.nodeSelectorTerms ?? []).some((term: Json) => matchesNodeTerm(term, node));
}

export function matchesNodeTerm(term: Json, node: { name: string; labels: Labels }): boolean {
  const expressions: Json[] = term?.matchExpressions ?? [];
  const fields: Json[] = term?.matchFields ?? [];
  if (expressions.length === 0 && fields.length === 0) return false;
  return (
    expressions.every((expression) => matchesExpression(expression, node.labels)) &&
    fields.every((field) => matchesExpression(field, { 'metadata.name': node.name }))
  );
}

export interface Taint {
  key: string;
  value?: string;
  effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  timeAdded?: string;
}

export function tolerates(tolerations: Json[] | undefined, taint: Taint): boolean {
  return (tolerations ?? []).some((toleration) => {
    if (toleration.effect !== undefined && toleration.effect !== '' && toleration.effect !== taint.effect) return false;
    if (toleration.key === undefined || toleration.key === '') return toleration.operator === 'Exists';
    if (toleration.key !== taint.key) return false;
    return toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? '');
  });
}
