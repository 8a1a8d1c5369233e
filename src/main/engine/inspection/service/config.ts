/** How inspections are run: which sets and rules are on, with which severity and number, and how hard a server is asked. Pure. */
import { InspectionConfig, type RuleInfo } from '#shared/contract/inspection.ts';
import { AppError } from '#shared/errors.ts';
import { RULE_SETS } from '#shared/inspection.ts';
import type { InspectOptions } from '../inspect.ts';
import { OFF_BY_DEFAULT, RULES } from '../rules/index.ts';
import type { Rule, Severity } from '../types.ts';

export const DEFAULT_CONFIG: InspectionConfig = {
  sets: Object.fromEntries(RULE_SETS.map((set) => [set, !OFF_BY_DEFAULT.includes(set)])) as InspectionConfig['sets'],
  rules: {},
  keep: 30,
  requestsPerSecond: 20,
  clustersAtOnce: 2,
};

/** What was stored, by this or another version: what is not understood takes its default. */
export function configFrom(stored: unknown): InspectionConfig {
  const given = (typeof stored === 'object' && stored !== null ? stored : {}) as Partial<InspectionConfig>;
  const merged = { ...DEFAULT_CONFIG, ...given, sets: { ...DEFAULT_CONFIG.sets, ...given.sets } };
  const parsed = InspectionConfig.safeParse(merged);
  return parsed.success ? parsed.data : DEFAULT_CONFIG;
}

/** @throws AppError INVALID for a rule that does not exist or a number it does not take. */
export function checkConfig(config: InspectionConfig): InspectionConfig {
  const byId = new Map(RULES.map((rule) => [rule.id, rule]));
  for (const [id, { threshold }] of Object.entries(config.rules)) {
    const rule = byId.get(id);
    if (rule === undefined) throw invalid(`rules.${id}`, 'there is no such rule');
    if (threshold === undefined) continue;
    if (rule.threshold === undefined) throw invalid(`rules.${id}.threshold`, 'the rule has no number to set');
    const { min, max } = rule.threshold;
    if (threshold < min || threshold > max) throw invalid(`rules.${id}.threshold`, `must be ${min} to ${max}`);
  }
  return config;
}

export function isOn(
  rule: Pick<Rule, 'id' | 'sets'>,
  { rules, sets }: Pick<InspectionConfig, 'rules' | 'sets'>,
): boolean {
  return rules[rule.id]?.enabled ?? rule.sets.some((set) => sets[set]);
}

/** What the configuration means for a run. */
export function optionsOf(config: InspectionConfig): Required<InspectOptions> {
  const severities: Record<string, Severity> = {};
  const thresholds: Record<string, number> = {};
  for (const [id, { severity, threshold }] of Object.entries(config.rules)) {
    if (severity !== undefined) severities[id] = severity;
    if (threshold !== undefined) thresholds[id] = threshold;
  }
  return { rules: RULES.filter((rule) => isOn(rule, config)), severities, thresholds };
}

export function ruleInfos(): RuleInfo[] {
  return RULES.map(({ id, sets, type, severity, texts, references, threshold }) => ({
    id,
    sets: [...sets],
    type,
    severity,
    texts,
    references: [...references],
    threshold: threshold ?? null,
  }));
}

function invalid(field: string, why: string): AppError {
  return new AppError('INVALID', `${field}: ${why}`, { params: { field } });
}
