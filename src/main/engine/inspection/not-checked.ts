import type { NotChecked } from '#shared/contract/inspection.ts';
import type { Missing } from './collect.ts';
import type { Rule } from './types.ts';

/** What is missing, with the rules that would have needed it; what no rule needs is nobody's loss unless it failed. */
export function notChecked(missing: readonly Missing[], rules: readonly Rule[]): NotChecked[] {
  return missing
    .map(({ resource, why, reason }) => ({
      resource,
      why,
      reason,
      rules: rules.filter((rule) => rule.needs?.includes(resource)).map(({ id }) => id),
    }))
    .filter(({ why, rules: lost }) => lost.length > 0 || why !== 'notServed');
}
