/**
 * Contracts of inspection. A rule is data plus one pure function over objects of a cluster; it lives in a file of its own
 * under rules/, with its texts in both languages. Ids of the manual's rows are the manual's (KubeEye's) names.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { ContainerPlace, PodSubject } from './workloads.ts';
import type { World } from './world.ts';

export const SEVERITIES = ['danger', 'warning', 'notice'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The manual's risk types, made finer where one word would hide what is meant. */
export const RULE_TYPES = [
  'security',
  'access',
  'image',
  'resources',
  'reliability',
  'certificate',
  'event',
  'node',
] as const;
export type RuleType = (typeof RULE_TYPES)[number];

export const RULE_SETS = ['manual', 'security', 'reliability', 'hygiene', 'deprecation'] as const;
export type RuleSet = (typeof RULE_SETS)[number];

export interface RuleTexts {
  title: string;
  /** What can happen. */
  impact: string;
  /** What to do, with the field and its value. */
  remedy: string;
}

/** One place where a rule found something. */
export interface Hit {
  /** When it differs from the rule's own. */
  severity?: Severity;
  container?: string;
  /** Path inside the object: `spec.template.spec.containers[0].image`. */
  field: string;
  /** What was seen, without translation: values, names, times. Never a secret. */
  evidence: string;
}

interface RuleData {
  id: string;
  set: RuleSet;
  type: RuleType;
  severity: Severity;
  texts: { zh: RuleTexts; en: RuleTexts };
  /** Where the rule comes from. */
  references: readonly string[];
  /** Resources without which it cannot be checked: `nodes`, `roles.rbac.authorization.k8s.io`. */
  needs?: readonly string[];
}

/** Looks at every workload that nobody owns: pod template or bare pod. */
export interface PodRule extends RuleData {
  scope: 'pod';
  check(pod: PodSubject, world: World): Hit[];
}
/** Looks at single objects of the kinds it names. */
export interface ObjectRule extends RuleData {
  scope: 'object';
  kinds: readonly string[];
  check(object: KubeObject, world: World): Hit[];
}
/** Looks at the cluster as a whole; says itself what each hit is about. */
export interface ClusterRule extends RuleData {
  scope: 'cluster';
  check(world: World): (Hit & { about: Subject })[];
}
export type Rule = PodRule | ObjectRule | ClusterRule;

export interface Subject {
  namespace: string;
  kind: string;
  name: string;
}

export interface Finding extends Subject {
  rule: string;
  severity: Severity;
  type: RuleType;
  cluster: string;
  /** Empty when the finding is about the whole object. */
  container: string;
  field: string;
  evidence: string;
}

export type { ContainerPlace, PodSubject, World };
