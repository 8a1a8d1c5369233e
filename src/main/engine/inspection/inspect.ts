/** Runs rules over a world. Pure; a generator, so that whoever runs it over a large cluster can pause in between. */
import { evidenceText } from '#shared/inspection-evidence.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { isExempt } from './exempt.ts';
import { type Finding, type Hit, type Rule, SEVERITIES, type Severity, type Subject, type Tally } from './types.ts';
import type { World } from './world.ts';

export interface InspectOptions {
  rules: readonly Rule[];
  /** Severity by rule id, where it shall differ from the rule's own. */
  severities?: Readonly<Record<string, Severity>>;
  /** Number by rule id, where it shall differ from the rule's own. */
  thresholds?: Readonly<Record<string, number>>;
}

/** Yields the findings of one object at a time, and adds every pair of object and rule to the rule's tally. */
export function* inspectWorld(
  world: World,
  { rules, severities = {}, thresholds = {} }: InspectOptions,
  tallies: Map<string, Tally>,
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
    ...(hit.fix === undefined ? {} : { fix: hit.fix }),
  });
  const numberOf = (rule: Rule): number => thresholds[rule.id] ?? rule.threshold?.default ?? 0;
  const tallyOf = (rule: Rule): Tally => {
    const tally = tallies.get(rule.id) ?? emptyTally();
    tallies.set(rule.id, tally);
    return tally;
  };
  const podRules = rules.flatMap((rule) =>
    rule.scope === 'pod' ? [{ rule, tally: tallyOf(rule), number: numberOf(rule) }] : [],
  );
  for (const pod of world.pods) {
    const about = subjectOf(pod.object);
    const found: Finding[] = [];
    for (const { rule, tally, number } of podRules) {
      if (isExempt(pod.object.metadata.annotations, rule.id)) continue;
      const hits = rule.check(pod, world, number).map((hit) => finding(rule, about, hit));
      count(tally, hits);
      found.push(...hits);
    }
    yield found;
  }
  for (const rule of rules) {
    const [tally, number] = [tallyOf(rule), numberOf(rule)];
    if (rule.scope === 'object')
      for (const kind of rule.kinds)
        for (const object of world.ofKind(kind)) {
          if (isExempt(object.metadata.annotations, rule.id)) continue;
          const hits = rule.check(object, world, number).map((hit) => finding(rule, subjectOf(object), hit));
          count(tally, hits);
          yield hits;
        }
    if (rule.scope === 'cluster') {
      const hits = rule.check(world, number).map((hit) => finding(rule, hit.about, hit));
      countPlaces(tally, hits);
      yield hits;
    }
  }
}

export function emptyTally(): Tally {
  return { evaluated: 0, danger: 0, warning: 0, notice: 0 };
}

export function addTally(to: Tally, more: Tally): void {
  for (const field of ['evaluated', 'danger', 'warning', 'notice'] as const) to[field] += more[field];
}

/** All findings, sorted. For worlds of a size that may hold up whoever asks. */
export function inspect(world: World, options: InspectOptions): { findings: Finding[]; tally: Tally } {
  const tallies = new Map<string, Tally>();
  const findings = [...inspectWorld(world, options, tallies)].flat().sort(compareFindings);
  const tally = emptyTally();
  for (const each of tallies.values()) addTally(tally, each);
  return { findings, tally };
}

/** By place first, so that what belongs to one object stands together; then by rule. */
export function compareFindings(a: Finding, b: Finding): number {
  for (const field of ['cluster', 'namespace', 'kind', 'name', 'rule', 'container', 'field'] as const)
    if (a[field] !== b[field]) return a[field] < b[field] ? -1 : 1;
  const [one, other] = [evidenceText('en', a.evidence), evidenceText('en', b.evidence)];
  return one === other ? 0 : one < other ? -1 : 1;
}

function count(tally: Tally, hits: readonly Finding[]): void {
  tally.evaluated += 1;
  const worst = SEVERITIES.find((severity) => hits.some((hit) => hit.severity === severity));
  if (worst !== undefined) tally[worst] += 1;
}

/** A rule about the whole cluster found nothing, or as many places as it names. */
function countPlaces(tally: Tally, hits: readonly Finding[]): void {
  const places = new Map<string, Finding[]>();
  for (const hit of hits) {
    const place = `${hit.namespace}/${hit.kind}/${hit.name}`;
    const list = places.get(place);
    if (list === undefined) places.set(place, [hit]);
    else list.push(hit);
  }
  if (places.size === 0) count(tally, []);
  for (const list of places.values()) count(tally, list);
}

function subjectOf({ kind, metadata }: KubeObject): Subject {
  return { namespace: String(metadata.namespace ?? ''), kind: String(kind), name: String(metadata.name ?? '') };
}
