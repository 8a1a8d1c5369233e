/**
 * A report out of results: what is new, still there or fixed since the one before, what is accepted, and the score with
 * what it is made of. Pure.
 */
import type { Exemption, ReportFinding, Score, Tally } from '#shared/contract/inspection.ts';
import { exemptionOf } from '../exempt.ts';
import { addTally, emptyTally } from '../inspect.ts';
import { scoreOf } from '../score.ts';
import { type Finding, type Fix, type RuleType, SEVERITIES, type TargetResult } from '../types.ts';

/** A finding of a report, with what only the engine needs of it. */
export interface AssessedFinding extends ReportFinding {
  /** Same for the same thing in another report, whatever its pods are called then. */
  identity: string;
  fix: Fix | undefined;
}

export interface Assessment {
  /** Of this report; accepted ones too. */
  findings: AssessedFinding[];
  /** Only in the report before. */
  fixed: AssessedFinding[];
  tally: Tally;
  score: Score;
  exempt: number;
  byType: Map<RuleType, Tally>;
  byTarget: Map<string, { tally: Tally; exempt: number; types: Map<RuleType, number> }>;
}

export interface AssessOptions {
  results: readonly TargetResult[];
  /** Results of the report before, null when there is none. */
  previous: readonly TargetResult[] | null;
  exemptions: readonly Exemption[];
  now: number;
  typeOf: (rule: string) => RuleType;
}

export function assess({ results, previous, exemptions, now, typeOf }: AssessOptions): Assessment {
  const before = previous === null ? null : findingsOf(previous);
  const known = new Set(before?.map(({ identity }) => identity));
  const findings = findingsOf(results);
  const accept = (finding: Labelled): void => {
    const found = exemptionOf(finding, finding.labels, exemptions, now);
    finding.exemption = found === undefined ? null : { id: found.id, reason: found.reason, until: found.until };
  };
  for (const finding of findings) {
    accept(finding);
    finding.change = before !== null && known.has(finding.identity) ? 'still' : 'new';
  }
  const present = new Set(findings.map(({ identity }) => identity));
  const checked = new Map(results.map(({ name, tallies }) => [name, tallies]));
  const fixed = (before ?? []).filter((finding) => {
    // Gone, but only where its rule was checked again: what could not be looked at is not fixed.
    if (present.has(finding.identity) || checked.get(finding.cluster)?.[finding.rule] === undefined) return false;
    accept(finding);
    finding.change = 'fixed';
    return finding.exemption === null;
  });
  return { findings, fixed, ...sums(results, findings, typeOf) };
}

/** Tallies without the pairs of object and rule that are accepted. */
function sums(
  results: readonly TargetResult[],
  findings: readonly Labelled[],
  typeOf: (rule: string) => RuleType,
): Pick<Assessment, 'tally' | 'score' | 'exempt' | 'byType' | 'byTarget'> {
  const [tally, byType] = [emptyTally(), new Map<RuleType, Tally>()];
  const byTarget: Assessment['byTarget'] = new Map();
  const changes = accepted(findings);
  let exempt = 0;
  for (const { name, tallies } of results) {
    const own = { tally: emptyTally(), exempt: 0, types: new Map<RuleType, number>() };
    for (const [rule, counted] of Object.entries(tallies)) {
      const change = changes.get(`${name}|${rule}`);
      const left = { ...counted };
      if (change !== undefined) {
        for (const field of ['evaluated', 'danger', 'warning', 'notice'] as const) left[field] += change.tally[field];
        own.exempt += change.findings;
      }
      const type = typeOf(rule);
      const ofType = byType.get(type) ?? emptyTally();
      byType.set(type, ofType);
      for (const sum of [tally, own.tally, ofType]) addTally(sum, left);
      own.types.set(type, (own.types.get(type) ?? 0) + left.danger + left.warning);
    }
    exempt += own.exempt;
    byTarget.set(name, own);
  }
  return { tally, score: scoreOf(tally), exempt, byType, byTarget };
}

/** What acceptance takes from the tallies: of a pair the worst that is left counts, and nothing when nothing is left. */
function accepted(findings: readonly Labelled[]): Map<string, { tally: Tally; findings: number }> {
  const pairs = new Map<string, Labelled[]>();
  for (const finding of findings) {
    const key = `${finding.cluster}|${finding.rule}|${finding.namespace}|${finding.kind}|${finding.name}`;
    const list = pairs.get(key);
    if (list === undefined) pairs.set(key, [finding]);
    else list.push(finding);
  }
  const changes = new Map<string, { tally: Tally; findings: number }>();
  for (const pair of pairs.values()) {
    const [first] = pair;
    const gone = pair.filter(({ exemption }) => exemption !== null);
    if (first === undefined || gone.length === 0) continue;
    const key = `${first.cluster}|${first.rule}`;
    const change = changes.get(key) ?? { tally: emptyTally(), findings: 0 };
    changes.set(key, change);
    change.findings += gone.length;
    const [whole, left] = [worst(pair), worst(pair.filter(({ exemption }) => exemption === null))];
    if (whole !== undefined) change.tally[whole] -= 1;
    if (left === undefined) change.tally.evaluated -= 1;
    else change.tally[left] += 1;
  }
  return changes;
}

function worst(findings: readonly Pick<Finding, 'severity'>[]): (typeof SEVERITIES)[number] | undefined {
  return SEVERITIES.find((severity) => findings.some((finding) => finding.severity === severity));
}

interface Labelled extends AssessedFinding {
  labels: Record<string, string>;
}

function findingsOf(results: readonly TargetResult[]): Labelled[] {
  return results.flatMap(({ target, name: cluster, objects }) =>
    objects.flatMap(({ apiVersion, namespace, kind, name, owner, labels, findings }) =>
      findings.map(({ fix, ...finding }): Labelled => {
        const { rule, container, field } = finding;
        return {
          ...finding,
          key: [cluster, namespace, kind, name, rule, container, field].join('|'),
          identity: [cluster, namespace, owner.kind, owner.name, rule, container, field].join('|'),
          target,
          cluster,
          apiVersion,
          namespace,
          kind,
          name,
          owner,
          labels,
          change: 'new',
          exemption: null,
          fixable: fix !== undefined,
          fix,
        };
      }),
    ),
  );
}
