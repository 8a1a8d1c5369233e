/**
 * Makes rules out of what is theirs alone: id, words and check. What a family of rules has in common is said once, in
 * families.ts; a rule may differ from its family in anything.
 */
import type { RuleSet, RuleType, Severity, Threshold } from '#shared/contract/inspection.ts';
import type { ClusterRule, ObjectRule, PodRule, RuleTexts } from '../types.ts';

/** What it is, what can happen, and what to do. */
export type Words = readonly [title: string, impact: string, remedy: string];

export interface Family {
  sets: readonly RuleSet[];
  type: RuleType;
  severity: Severity;
  references: readonly string[];
  needs?: readonly string[];
}

export interface Own extends Partial<Family> {
  zh: Words;
  en: Words;
  threshold?: Threshold;
}

/** Rules about workloads: the pod template of what a person edits, or a bare pod. */
export function podRules(family: Family) {
  return (id: string, own: Own, check: PodRule['check']): PodRule => ({
    ...family,
    ...withTexts(own),
    id,
    scope: 'pod',
    check,
  });
}

/** Rules about single objects of the given kinds. */
export function objectRules(kinds: readonly string[], family: Family) {
  return (id: string, own: Own, check: ObjectRule['check']): ObjectRule => ({
    ...family,
    ...withTexts(own),
    id,
    scope: 'object',
    kinds,
    check,
  });
}

/** Rules about the cluster as a whole. */
export function clusterRules(family: Family) {
  return (id: string, own: Own, check: ClusterRule['check']): ClusterRule => ({
    ...family,
    ...withTexts(own),
    id,
    scope: 'cluster',
    check,
  });
}

function withTexts({ zh, en, ...own }: Own): Partial<Family> & { texts: { zh: RuleTexts; en: RuleTexts } } {
  return { ...own, texts: { zh: textsOf(zh), en: textsOf(en) } };
}

function textsOf([title, impact, remedy]: Words): RuleTexts {
  return { title, impact, remedy };
}
