/** Reports as files: whole, in both languages, and deaf to what names and messages of a cluster try. */
import { describe, expect, test } from 'vitest';
import type { Exemption, InspectionRun } from '#shared/contract/inspection.ts';
import { type Evidence, said } from '#shared/inspection-evidence.ts';
import { DEFAULT_EXEMPTIONS } from '../exempt.ts';
import { assess } from '../report/assess.ts';
import { ruleInfos } from '../service/config.ts';
import { NOW } from '../testing.ts';
import type { TargetResult } from '../types.ts';
import { csvField, html, visible } from './escape.ts';
import { exportReport } from './index.ts';

const HOSTILE = `</td><script>alert(1)</script>"'&\u202egnp.exe`;
const target = { kind: 'cluster' as const, id: 'c' };
const result = (evidence: Evidence): TargetResult => ({
  target,
  name: 'east',
  tallies: { EventAudit: { evaluated: 1, danger: 0, warning: 1, notice: 0 } },
  objects: [
    {
      apiVersion: 'v1',
      namespace: 'shop',
      kind: 'Pod',
      name: 'web-1',
      owner: { kind: 'Deployment', name: 'web' },
      labels: {},
      findings: [{ rule: 'EventAudit', severity: 'warning', type: 'event', container: '', field: 'event X', evidence }],
    },
  ],
});
const run: InspectionRun = {
  id: 'run-1',
  scope: { kind: 'cluster', id: 'c' },
  name: 'east/../x',
  trigger: 'person',
  state: 'partial',
  startedAt: '2026-06-01T12:00:00.000Z',
  finishedAt: '2026-06-01T12:00:05.000Z',
  tally: { evaluated: 1, danger: 0, warning: 1, notice: 0 },
  exempt: 0,
  score: { value: 0, grade: 'F' },
  targets: [
    {
      target,
      name: 'east',
      state: 'partial',
      version: 'v1.33.0',
      objects: 1,
      read: { done: 1, total: 1 },
      tally: { evaluated: 1, danger: 0, warning: 1, notice: 0 },
      exempt: 0,
      score: null,
      notChecked: [
        { resource: 'nodes', why: 'forbidden', reason: HOSTILE, rules: ['NodeStatus'] },
        { resource: 'daemonsets.apps', why: 'failed', reason: HOSTILE, rules: [] },
      ],
      error: null,
    },
  ],
};
const file = (
  format: 'html' | 'csv' | 'json' | 'sarif',
  language: 'zh' | 'en' = 'en',
  evidence: Evidence = HOSTILE,
  exemptions: Exemption[] = [],
) =>
  exportReport(format, {
    run,
    previous: { ...run, id: 'run-0' },
    assessment: assess({
      results: [result(evidence)],
      previous: [result(evidence)],
      exemptions,
      now: NOW,
      typeOf: () => 'event',
    }),
    rules: ruleInfos(),
    language,
  });

test('the name of the file is one on every system', () => {
  expect(file('html').name).toBe('inspection-east-..-x-2026-06-01-12-00.html');
});

describe('HTML', () => {
  test('has no script, no address that is fetched, and a policy against both', () => {
    const { text } = file('html');
    expect(text).not.toMatch(/<script|<img|<link|<iframe|\son\w+=|src=|url\(/i);
    expect(text).toContain("default-src 'none'");
    expect(text).toContain('&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\\u{202e}gnp.exe');
  });
  test.each([
    ['en', 'Warning events', 'Not checked: NodeStatus', 'none of these objects'],
    ['zh', '异常事件', '未检查：NodeStatus', '这类对象没有检查'],
  ] as const)('says in %s what was found and what was not checked', (language, title, missing, objects) => {
    const { text } = file('html', language);
    expect(text).toContain(title);
    expect(text).toContain(missing);
    expect(text).toContain(objects);
    // A text that was not found would show as its key.
    expect(text).not.toMatch(/inspection\.[a-z]+\./);
  });
});

test('evidence is in the language of who reads it, and in English for programs', () => {
  const evidence = said('notSet', { what: 'livenessProbe' });
  for (const format of ['html', 'csv'] as const) {
    expect(file(format, 'zh', evidence).text).toContain('未设置 livenessProbe');
    expect(file(format, 'en', evidence).text).toContain('livenessProbe is not set');
  }
  for (const format of ['json', 'sarif'] as const)
    expect(file(format, 'zh', evidence).text).toContain('livenessProbe is not set');
});

test('why something is accepted is in the words of whoever accepted it, and ours in the reader’s language', () => {
  const [builtIn] = DEFAULT_EXEMPTIONS;
  if (builtIn === undefined) throw new Error('nothing is exempt from the start');
  const accepted = (id: string) => [{ ...builtIn, id, reason: 'legacy', rules: [], namespaces: [], kinds: [] }];
  for (const format of ['html', 'csv'] as const) {
    expect(file(format, 'zh', HOSTILE, accepted('mine')).text).toContain('legacy');
    expect(file(format, 'zh', HOSTILE, accepted(builtIn.id)).text).toContain('集群自身的组件');
  }
});

describe('CSV', () => {
  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '＝1'])('%j is no formula', (text) => {
    expect(csvField(text)).toMatch(/^"'/);
  });
  test('quotes are doubled and lines stay in their field', () => {
    expect(csvField('a "b",\nc')).toBe('"a ""b"",\nc"');
  });
  test('has a mark for the encoding, a head and a line for each finding', () => {
    const { text } = file('csv', 'zh', '=cmd|calc');
    expect(text.startsWith('\ufeff"集群","命名空间"')).toBe(true);
    const lines = text.trimEnd().split('\r\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain(`"'=cmd|calc"`);
  });
});

test('JSON has findings with the fields of the command line, and what was not checked', () => {
  const document = JSON.parse(file('json').text);
  expect(document.findings).toEqual([
    {
      rule: 'EventAudit',
      severity: 'warning',
      type: 'event',
      cluster: 'east',
      namespace: 'shop',
      kind: 'Pod',
      name: 'web-1',
      owner: { kind: 'Deployment', name: 'web' },
      container: '',
      field: 'event X',
      evidence: HOSTILE,
      change: 'still',
      exemption: null,
    },
  ]);
  expect(document.run.targets[0].notChecked[0].resource).toBe('nodes');
  expect(document.rules[0]).toMatchObject({ id: 'EventAudit', title: 'Warning events' });
});

test('SARIF names rule, place, baseline and what was not checked', () => {
  const { version, runs } = JSON.parse(file('sarif').text);
  expect(version).toBe('2.1.0');
  const [{ tool, results, invocations }] = runs;
  expect(tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(['EventAudit']);
  expect(results).toMatchObject([
    {
      ruleId: 'EventAudit',
      ruleIndex: 0,
      level: 'warning',
      baselineState: 'unchanged',
      locations: [{ physicalLocation: { artifactLocation: { uri: 'east/shop/Pod/web-1' } } }],
    },
  ]);
  expect(results[0].partialFingerprints['finding/v1']).toMatch(/^[0-9a-f]{64}$/);
  expect(invocations[0]).toMatchObject({ executionSuccessful: false });
  expect(invocations[0].toolExecutionNotifications[0].message.text).toContain('nodes');
});

test('what cannot be seen is shown', () => {
  expect(visible('a\u200bb\u0007\n')).toBe('a\\u{200b}b\\u{7}\n');
  expect(html('\u2066x')).toBe('\\u{2066}x');
});
