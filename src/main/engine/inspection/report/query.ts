/** What a page asks of a report: filtered, in groups, with the numbers to filter by. Pure. */

import type { z } from 'zod';
import type {
  InspectionReport,
  InspectionRun,
  ReportFilter,
  ReportGroup,
  ReportQuery,
} from '#shared/contract/inspection.ts';
import { languages } from '#shared/i18n/index.ts';
import { evidenceText } from '#shared/inspection-evidence.ts';
import { scoreOf } from '../score.ts';
import { SEVERITIES } from '../types.ts';
import type { AssessedFinding, Assessment } from './assess.ts';

/** More groups than anybody scrolls through; the filter brings up what lies beyond. */
const MAX_GROUPS = 2000;
const MAX_FINDINGS = 500;

export function reportOf(
  run: InspectionRun,
  previous: InspectionRun | null,
  assessment: Assessment,
  { filter, by }: z.output<typeof ReportQuery>,
): InspectionReport {
  const pool = inView(assessment, filter.change);
  const groups = groupsOf(pool.filter(matcher(filter)), by);
  return {
    run,
    score: assessment.score,
    tally: assessment.tally,
    byType: [...assessment.byType]
      .map(([type, tally]) => ({ type, ...tally, score: scoreOf(tally) }))
      .sort((a, b) => a.score.value - b.score.value || b.danger - a.danger),
    byCluster: [...assessment.byTarget]
      .map(([cluster, { tally, types }]) => ({
        cluster,
        ...tally,
        score: scoreOf(tally),
        types: Object.fromEntries(types),
      }))
      .sort((a, b) => a.score.value - b.score.value || a.cluster.localeCompare(b.cluster)),
    counts: Object.fromEntries(
      (['current', 'new', 'still', 'fixed', 'exempt'] as const).map((view) => [view, inView(assessment, view).length]),
    ) as InspectionReport['counts'],
    previous: previous === null ? null : { id: previous.id, startedAt: previous.startedAt, score: previous.score },
    facets: facetsOf(pool, filter),
    groups: groups.slice(0, MAX_GROUPS),
    total: groups.length,
  };
}

export function findingsOfGroup(
  assessment: Assessment,
  { filter, by }: z.output<typeof ReportQuery>,
  group: string,
): AssessedFinding[] {
  const matches = matcher(filter);
  const found = inView(assessment, filter.change).filter(
    (finding) => groupKey(finding, by) === group && matches(finding),
  );
  return sortedByWeight(found).slice(0, MAX_FINDINGS);
}

/** Worst first, then by place. */
export function sortedByWeight<T extends AssessedFinding>(findings: readonly T[]): T[] {
  const weight = new Map<string, number>(SEVERITIES.map((severity, index) => [severity, index]));
  return [...findings].sort(
    (a, b) => (weight.get(a.severity) ?? 0) - (weight.get(b.severity) ?? 0) || (a.key < b.key ? -1 : 1),
  );
}

function inView({ findings, fixed }: Assessment, change: ReportFilter['change']): AssessedFinding[] {
  if (change === 'fixed') return fixed;
  if (change === 'exempt') return findings.filter(({ exemption }) => exemption !== null);
  return findings.filter((one) => one.exemption === null && (change === 'current' || one.change === change));
}

/** `except`: a facet counts what the other filters leave, so that one sees what choosing another value would bring. */
function matcher(filter: ReportFilter, except?: keyof ReportFilter): (finding: AssessedFinding) => boolean {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const any = <T extends string>(field: keyof ReportFilter, list: readonly T[], value: T): boolean =>
    field === except || list.length === 0 || list.includes(value);
  return (one) =>
    any('severities', filter.severities, one.severity) &&
    any('types', filter.types, one.type) &&
    any('namespaces', filter.namespaces, one.namespace) &&
    any('rules', filter.rules, one.rule) &&
    any('clusters', filter.clusters, one.cluster) &&
    (words.length === 0 || contains(one, words));
}

function contains(one: AssessedFinding, words: readonly string[]): boolean {
  const { namespace, kind, name, rule, container, field, evidence } = one;
  const text = [namespace, kind, name, rule, container, field].join(' ').toLowerCase();
  const left = words.filter((word) => !text.includes(word));
  return left.length === 0 || languages.some((language) => says(evidenceText(language, evidence), left));
}

function says(text: string, words: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return words.every((word) => lower.includes(word));
}

function facetsOf(pool: readonly AssessedFinding[], filter: ReportFilter): InspectionReport['facets'] {
  const facet = (field: keyof ReportFilter, pick: (one: AssessedFinding) => string) => {
    const counts = new Map<string, number>();
    const matches = matcher(filter, field);
    for (const one of pool) if (matches(one)) counts.set(pick(one), (counts.get(pick(one)) ?? 0) + 1);
    return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
  };
  return {
    severities: facet('severities', (one) => one.severity),
    types: facet('types', (one) => one.type),
    namespaces: facet('namespaces', (one) => one.namespace),
    rules: facet('rules', (one) => one.rule),
    clusters: facet('clusters', (one) => one.cluster),
  };
}

function groupKey({ rule, cluster, namespace, owner }: AssessedFinding, by: 'object' | 'rule'): string {
  return by === 'rule' ? rule : [cluster, namespace, owner.kind, owner.name].join('|');
}

function groupsOf(findings: readonly AssessedFinding[], by: 'object' | 'rule'): ReportGroup[] {
  const groups = new Map<string, { group: ReportGroup; objects: Set<string>; rules: Map<string, string> }>();
  for (const one of findings) {
    const key = groupKey(one, by);
    let entry = groups.get(key);
    if (entry === undefined) {
      const object = by === 'object';
      entry = {
        group: {
          key,
          cluster: object ? one.cluster : '',
          namespace: object ? one.namespace : '',
          kind: object ? one.owner.kind : '',
          name: object ? one.owner.name : '',
          severity: one.severity,
          rules: [],
          objects: 0,
          findings: 0,
          danger: 0,
          warning: 0,
          notice: 0,
          fresh: 0,
          fixable: 0,
        },
        objects: new Set(),
        rules: new Map(),
      };
      groups.set(key, entry);
    }
    const { group, objects, rules } = entry;
    group.findings += 1;
    group[one.severity] += 1;
    if (one.change === 'new') group.fresh += 1;
    if (one.fixable) group.fixable += 1;
    objects.add([one.cluster, one.namespace, one.owner.kind, one.owner.name].join('|'));
    rules.set(one.rule, worse(rules.get(one.rule), one.severity));
    group.severity = worse(group.severity, one.severity);
  }
  return [...groups.values()]
    .map(({ group, objects, rules }) => ({
      ...group,
      objects: objects.size,
      rules: [...rules]
        .map(([id, severity]) => ({ id, severity: severity as ReportGroup['severity'] }))
        .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)),
    }))
    .sort(
      (a, b) => b.danger - a.danger || b.warning - a.warning || b.notice - a.notice || a.key.localeCompare(b.key, 'en'),
    );
}

function worse(a: string | undefined, b: ReportGroup['severity']): ReportGroup['severity'] {
  const known = SEVERITIES.find((severity) => severity === a);
  return known === undefined || SEVERITIES.indexOf(b) < SEVERITIES.indexOf(known) ? b : known;
}
