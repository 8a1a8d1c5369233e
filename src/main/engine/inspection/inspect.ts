/** Runs rules over a world. Pure; a generator, so that whoever runs it over a large cluster can pause in between. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { isExempt } from './exempt.ts';
import { type Finding, type Hit, type Rule, SEVERITIES, type Severity, type Subject } from './types.ts';
import type { World } from './world.ts';

export interface InspectOptions {
  rules: readonly Rule[];
  /** Severity by rule id, where it shall differ from the rule's own. */
  severities?: Readonly<Record<string, Severity>>;
}

export interface Tally {
  /** Pairs of object and rule that were looked at. */
  evaluated: number;
  /** Of those, by the worst that was found. */
  danger: number;
  warning: number;
  notice: number;
}

/** Yields the findings of one object at a time, and adds every pair of object and rule to the tally. */
export function* inspectWorld(
  world: World,
  { rules, severities = {} }: InspectOptions,
  tally: Tally,
): Generator<Finding[]> {
  const finding = (rule: Rule, about: Subject, hit: Hit): Finding => ({
    rule: rule.id,
    severity: severities[rule.id] ?? hit.severity ?? rule.severity,
    type: rule.type,
    cluster: world.cluster,
    namespace: about.namespace,
    kind: about.kind,
    name: about.name,
    container: hit.container ?? '',
    field: hit.field,
    evidence: hit.evidence,
  });
  const podRules = rules.filter((rule) => rule.scope === 'pod');
  for (const pod of world.pods) {
    const about = subjectOf(pod.object);
    const found: Finding[] = [];
    for (const rule of podRules) {
      if (isExempt(pod.object.metadata.annotations, rule.id)) continue;
      const hits = rule.check(pod, world).map((hit) => finding(rule, about, hit));
      count(tally, hits);
      found.push(...hits);
    }
    yield found;
  }
  for (const rule of rules) {
    if (rule.scope === 'object')
      for (const kind of rule.kinds)
        for (const object of world.ofKind(kind)) {
          if (isExempt(object.metadata.annotations, rule.id)) continue;
          const hits = rule.check(object, world).map((hit) => finding(rule, subjectOf(object), hit));
          count(tally, hits);
          yield hits;
        }
    if (rule.scope === 'cluster') {
      const hits = rule.check(world).map((hit) => finding(rule, hit.about, hit));
      count(tally, hits);
      yield hits;
    }
  }
}

export function emptyTally(): Tally {
  return { evaluated: 0, danger: 0, warning: 0, notice: 0 };
}

/** All findings, sorted. For worlds of a size that may hold up whoever asks. */
export function inspect(world: World, options: InspectOptions): { findings: Finding[]; tally: Tally } {
  const tally = emptyTally();
  const findings = [...inspectWorld(world, options, tally)].flat().sort(compareFindings);
  return { findings, tally };
}

/** By place first, so that what belongs to one object stands together; then by rule. */
export function compareFindings(a: Finding, b: Finding): number {
  for (const field of ['cluster', 'namespace', 'kind', 'name', 'rule', 'container', 'field', 'evidence'] as const)
    if (a[field] !== b[field]) return a[field] < b[field] ? -1 : 1;
  return 0;
}

function count(tally: Tally, hits: readonly Finding[]): void {
  tally.evaluated += 1;
  const worst = SEVERITIES.find((severity) => hits.some((hit) => hit.severity === severity));
  if (worst !== undefined) tally[worst] += 1;
}

function subjectOf({ kind, metadata }: KubeObject): Subject {
  return { namespace: metadata.namespace ?? '', kind, name: metadata.name ?? '' };
}
