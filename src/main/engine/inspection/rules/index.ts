/** Every rule. The manual's come first. */
import { RULE_SETS, type Rule, type RuleSet, type RuleType } from '../types.ts';
import { EFFICIENCY_RULES } from './efficiency/index.ts';
import { HYGIENE_RULES } from './hygiene/index.ts';
import { MANUAL_RULES } from './manual/index.ts';
import { RELIABILITY_RULES } from './reliability/index.ts';
import { SECURITY_RULES } from './security/index.ts';
import { STANDARD_RULES } from './standards/index.ts';
import { VERSION_RULES } from './versions/index.ts';

export const RULES: readonly Rule[] = [
  ...MANUAL_RULES,
  ...STANDARD_RULES,
  ...SECURITY_RULES,
  ...RELIABILITY_RULES,
  ...EFFICIENCY_RULES,
  ...HYGIENE_RULES,
  ...VERSION_RULES,
];

const TYPES = new Map<string, RuleType>(RULES.map(({ id, type }) => [id, type]));

/** Of a rule that is no more, which an older report may have: configuration. */
export const typeOfRule = (rule: string): RuleType => TYPES.get(rule) ?? 'configuration';

/** The restricted standard is a goal that few clusters aim at: it is switched on by who does. */
export const OFF_BY_DEFAULT: readonly RuleSet[] = ['restricted'];

/** Rules by names of sets and ids; none named: those that are on by default. Or the first name that is neither. */
export function chooseRules(names: readonly string[]): { rules: readonly Rule[] } | { unknown: string } {
  if (names.length === 0)
    return { rules: RULES.filter(({ sets }) => sets.some((set) => !OFF_BY_DEFAULT.includes(set))) };
  const known = new Set<string>([...RULE_SETS, ...RULES.map(({ id }) => id)]);
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) return { unknown };
  return { rules: RULES.filter(({ id, sets }) => names.includes(id) || sets.some((set) => names.includes(set))) };
}
