/** Label selectors and tolerations. Source: API reference, LabelSelector and Toleration. */
import type { LabelSelector, Taint, Toleration } from '../api.ts';

export function matchesRequirement(
  value: string | undefined,
  requirement: { operator: string; values?: string[] },
): boolean {
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && (requirement.values ?? []).includes(value);
    case 'NotIn':
      return value === undefined || !(requirement.values ?? []).includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** An absent selector matches nothing, an empty one everything; callers decide what absence means to them. */
export function matchesLabels(selector: LabelSelector, labels: Record<string, string> | undefined): boolean {
  const given = labels ?? {};
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (given[key] !== value) return false;
  for (const requirement of selector.matchExpressions ?? [])
    if (!matchesRequirement(given[requirement.key], requirement)) return false;
  return true;
}

export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  if (toleration.operator === 'Exists') return true;
  if (toleration.operator && toleration.operator !== 'Equal') return false;
  return (toleration.value ?? '') === (taint.value ?? '');
}

/** The first taint with an effect that counts and no toleration. */
export function untolerated(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
): Taint | undefined {
  return taints?.find(
    (taint) =>
      (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') &&
      !(tolerations ?? []).some((toleration) => tolerates(toleration, taint)),
  );
}

/** `key=value:Effect`, without `=value` when it is empty. */
export function taintText(taint: Taint): string {
  return taint.value ? `${taint.key}=${taint.value}:${taint.effect}` : `${taint.key}:${taint.effect}`;
}
