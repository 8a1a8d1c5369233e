/**
 * Contracts of inspection. A rule is data plus one pure function over objects of a cluster; it lives in a file of its own
 * under rules/, with its texts in both languages. Ids of the manual's rows are the manual's (KubeEye's) names.
 */
import type {
  Exemption,
  InspectionRun,
  InspectionSchedule,
  RuleSet,
  RuleTexts,
  RuleType,
  Severity,
  Tally,
  Threshold,
} from '#shared/contract/inspection.ts';
import type { Target } from '#shared/contract/views.ts';
import type { Evidence } from '#shared/inspection-evidence.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { ContainerPlace, PodSubject, Subject } from './workloads.ts';
import type { World } from './world.ts';

export { RULE_SETS, RULE_TYPES, SEVERITIES } from '#shared/inspection.ts';
export type { RuleSet, RuleTexts, RuleType, Severity, Tally };

/** One place where a rule found something. */
export interface Hit {
  /** When it differs from the rule's own. */
  severity?: Severity;
  container?: string;
  /** Path inside the object: `spec.template.spec.containers[0].image`. */
  field: string;
  /** What was seen: values, names, times. Never a secret. */
  evidence: Evidence;
  /** What makes it good, where that is known: the value for `field`; without a value, the field goes. */
  fix?: Fix;
}

export interface Fix {
  value?: Json;
}

interface RuleData {
  id: string;
  /** The first is the one it is listed under. */
  sets: readonly RuleSet[];
  type: RuleType;
  severity: Severity;
  texts: { zh: RuleTexts; en: RuleTexts };
  /** Where the rule comes from. */
  references: readonly string[];
  /** Resources without which it cannot be checked: `nodes`, `roles.rbac.authorization.k8s.io`. */
  needs?: readonly string[];
  /** A number that a person may set; `check` gets it. */
  threshold?: Threshold;
}

/** Looks at every workload that nobody owns: pod template or bare pod. */
export interface PodRule extends RuleData {
  scope: 'pod';
  check(pod: PodSubject, world: World, threshold: number): Hit[];
}
/** Looks at single objects of the kinds it names. */
export interface ObjectRule extends RuleData {
  scope: 'object';
  kinds: readonly string[];
  check(object: KubeObject, world: World, threshold: number): Hit[];
}
/** Looks at the cluster as a whole; says itself what each hit is about. */
export interface ClusterRule extends RuleData {
  scope: 'cluster';
  check(world: World, threshold: number): (Hit & { about: Subject })[];
}
export type Rule = PodRule | ObjectRule | ClusterRule;

export interface Finding extends Subject {
  rule: string;
  severity: Severity;
  type: RuleType;
  cluster: string;
  /** Empty when the finding is about the whole object. */
  container: string;
  field: string;
  evidence: Evidence;
  fix?: Fix;
}

/** What one inspection found in one cluster or control plane: findings by the object they are about. */
export interface TargetResult {
  target: Target;
  name: string;
  /** Rules that were checked, and how often each applied. */
  tallies: Record<string, Tally>;
  objects: ObjectFindings[];
}

export interface ObjectFindings extends Subject {
  apiVersion: string;
  owner: { kind: string; name: string };
  labels: Record<string, string>;
  findings: Pick<Finding, 'rule' | 'severity' | 'type' | 'container' | 'field' | 'evidence' | 'fix'>[];
}

export interface ScheduleRecord extends Omit<InspectionSchedule, 'name' | 'nextRun'> {
  /** ISO time up to which due runs have been seen to. */
  handledUntil: string;
}

/** Where runs, findings, schedules and exemptions live. */
export interface InspectionRepository {
  /** Newest first. */
  runs(): InspectionRun[];
  saveRun(run: InspectionRun): void;
  /** With its findings. */
  removeRun(id: string): void;
  /** Findings come in parts, because they may be many; each is packed bytes that only the caller reads. */
  addResult(runId: string, part: Uint8Array): void;
  results(runId: string): Uint8Array[];
  schedules(): ScheduleRecord[];
  saveSchedule(schedule: ScheduleRecord): void;
  removeSchedule(id: string): void;
  exemptions(): Exemption[];
  saveExemption(exemption: Exemption): void;
  removeExemption(id: string): void;
}

export type { ContainerPlace, PodSubject, Subject, World };
