/** Reports: what changed, what is accepted, the score, filters and groups. */
import { describe, expect, test } from 'vitest';
import { type Exemption, type InspectionRun, ReportFilter } from '#shared/contract/inspection.ts';
import { DEFAULT_EXEMPTIONS } from '../exempt.ts';
import { NOW } from '../testing.ts';
import type { ObjectFindings, Severity, TargetResult } from '../types.ts';
import { assess } from './assess.ts';
import { findingsOfGroup, reportOf } from './query.ts';

const [preset] = DEFAULT_EXEMPTIONS as [Exemption];
const accept = (change: Partial<Exemption>): Exemption => ({
  ...preset,
  ...{ id: 'own', rules: [], namespaces: [], kinds: [], names: [], reason: 'known' },
  ...change,
});
type Found = [rule: string, severity: Severity, container?: string];

function object(name: string, found: Found[], change: Partial<ObjectFindings> = {}): ObjectFindings {
  return {
    apiVersion: 'apps/v1',
    namespace: 'shop',
    kind: 'Deployment',
    name,
    owner: { kind: 'Deployment', name },
    labels: {},
    ...change,
    findings: found.map(([rule, severity, container = 'app']) => ({
      rule,
      severity,
      type: rule === 'Probe' ? 'reliability' : 'security',
      container,
      field: `spec.${rule}`,
      evidence: `${rule} of ${name}`,
      ...(rule === 'Root' ? { fix: { value: true } } : {}),
    })),
  };
}
function result(name: string, objects: ObjectFindings[], rules = ['Root', 'Probe']): TargetResult {
  const tallies = Object.fromEntries(
    rules.map((rule) => {
      const worst = objects.flatMap(({ findings }) => findings.find((one) => one.rule === rule)?.severity ?? []);
      const count = (severity: Severity) => worst.filter((one) => one === severity).length;
      return [rule, { evaluated: 10, danger: count('danger'), warning: count('warning'), notice: count('notice') }];
    }),
  );
  return { target: { kind: 'cluster', id: name }, name, tallies, objects };
}
const look = (results: TargetResult[], options: { previous?: TargetResult[]; exemptions?: Exemption[] } = {}) =>
  assess({
    results,
    previous: options.previous ?? null,
    exemptions: options.exemptions ?? [],
    now: NOW,
    typeOf: (rule) => (rule === 'Probe' ? 'reliability' : 'security'),
  });

describe('compared with the report before', () => {
  const root = object('web', [['Root', 'danger']]);
  const probe = object('api', [['Probe', 'warning']]);

  test('findings are new, still there or fixed', () => {
    const { findings, fixed } = look([result('east', [root])], { previous: [result('east', [root, probe])] });
    expect(findings.map(({ name, change }) => `${name} ${change}`)).toEqual(['web still']);
    expect(fixed.map(({ name, rule, change }) => `${name} ${rule} ${change}`)).toEqual(['api Probe fixed']);
  });
  test('what was not checked again is not fixed', () => {
    const previous = [result('east', [root, probe]), result('west', [root])];
    expect(
      look([result('east', [], ['Root'])], { previous }).fixed.map(({ cluster, name }) => `${cluster} ${name}`),
    ).toEqual(['east web']);
  });
  test('a pod with another name of the same owner is the same', () => {
    const pod = (name: string) =>
      object(name, [['Root', 'danger']], { kind: 'Pod', owner: { kind: 'Deployment', name: 'web' } });
    const { findings, fixed } = look([result('east', [pod('web-2')])], { previous: [result('east', [pod('web-1')])] });
    expect(findings.map(({ change }) => change)).toEqual(['still']);
    expect(fixed).toEqual([]);
  });
  test('the first report has nothing to compare with: all is new', () => {
    expect(look([result('east', [root])]).findings.map(({ change }) => change)).toEqual(['new']);
  });
});

describe('the score', () => {
  const web = object('web', [
    ['Root', 'danger'],
    ['Root', 'warning', 'side'],
  ]);

  test('counts each pair of object and rule by its worst', () => {
    const { tally, score } = look([result('east', [web])]);
    expect(tally).toEqual({ evaluated: 20, danger: 1, warning: 0, notice: 0 });
    expect(score.value).toBe(95);
  });
  test('an accepted pair is neither a finding nor a check', () => {
    const { tally, score, exempt, findings } = look([result('east', [web])], { exemptions: [accept({})] });
    expect(tally).toEqual({ evaluated: 19, danger: 0, warning: 0, notice: 0 });
    expect([score.value, exempt]).toEqual([100, 2]);
    expect(findings[0]?.exemption).toEqual({ id: 'own', reason: 'known', until: null });
  });
  test('is made of types and clusters', () => {
    const { byType, byTarget } = look([result('east', [web]), result('west', [object('api', [['Probe', 'warning']])])]);
    expect(byType.get('reliability')).toMatchObject({ evaluated: 20, warning: 1 });
    expect(byTarget.get('east')?.types.get('security')).toBe(1);
    expect(byTarget.get('west')?.tally).toMatchObject({ danger: 0, warning: 1 });
  });
});

describe('a page of it', () => {
  const run = { id: 'r', state: 'done' } as InspectionRun;
  const web = object('web', [
    ['Root', 'danger'],
    ['Probe', 'warning'],
  ]);
  const pod = object('web-1', [['Probe', 'notice']], { kind: 'Pod', owner: { kind: 'Deployment', name: 'web' } });
  const api = object('api', [['Probe', 'warning']], { namespace: 'back' });
  const assessment = look([result('east', [api, web, pod])], {
    exemptions: [accept({ names: ['api'], until: '2030-01-01T00:00:00Z' })],
  });
  const page = (filter: Partial<ReportFilter> = {}, by: 'object' | 'rule' = 'object') =>
    reportOf(run, null, assessment, { id: 'r', by, filter: ReportFilter.parse(filter) });

  test('what belongs to one workload is one group, the worst first', () => {
    expect(page().groups).toMatchObject([
      { kind: 'Deployment', name: 'web', findings: 3, danger: 1, warning: 1, notice: 1, objects: 1, fixable: 1 },
    ]);
    expect(page().groups[0]?.rules).toEqual([
      { id: 'Root', severity: 'danger' },
      { id: 'Probe', severity: 'warning' },
    ]);
  });
  test('groups by rule count objects', () => {
    expect(page({}, 'rule').groups.map(({ key, objects, findings }) => [key, objects, findings])).toEqual([
      ['Root', 1, 1],
      ['Probe', 1, 2],
    ]);
  });
  test('is filtered by severity, type, namespace, rule, cluster and words', () => {
    const findings = (filter: Partial<ReportFilter>) => page(filter).groups.reduce((sum, one) => sum + one.findings, 0);
    expect(findings({ severities: ['warning'] })).toBe(1);
    expect(findings({ types: ['reliability'] })).toBe(2);
    expect(findings({ namespaces: ['back'] })).toBe(0);
    expect(findings({ namespaces: ['back'], change: 'exempt' })).toBe(1);
    expect(findings({ rules: ['Root'] })).toBe(1);
    expect(findings({ clusters: ['west'] })).toBe(0);
    expect(findings({ text: 'PROBE web-1' })).toBe(1);
  });
  test('a facet counts what its own filter would bring', () => {
    const { facets } = page({ severities: ['danger'], rules: ['Root'] });
    expect(facets.severities).toEqual([{ value: 'danger', count: 1 }]);
    expect(page({ severities: ['danger'] }).facets.severities).toEqual([
      { value: 'danger', count: 1 },
      { value: 'warning', count: 1 },
      { value: 'notice', count: 1 },
    ]);
  });
  test('the findings of a group come worst first', () => {
    const group = page().groups[0]?.key ?? '';
    const found = findingsOfGroup(assessment, { id: 'r', by: 'object', filter: ReportFilter.parse({}) }, group);
    expect(found.map(({ severity, name }) => `${severity} ${name}`)).toEqual([
      'danger web',
      'warning web',
      'notice web-1',
    ]);
  });
});
