/** Findings in order, the score, exemptions, and manifests as input. */
import { describe, expect, test } from 'vitest';
import { zh } from '#shared/i18n/zh/index.ts';
import { DEFAULT_EXEMPTIONS, exemptionOf } from './exempt.ts';
import { inspect } from './inspect.ts';
import { newestTime, readManifests } from './manifests.ts';
import { chooseRules, RULES } from './rules/index.ts';
import { scoreOf } from './score.ts';
import { KNOWN_SOURCES } from './sources.ts';
import { deployment, NOW, withContext } from './testing.ts';
import { RULE_SETS } from './types.ts';
import { createWorld } from './world.ts';

test('every rule has an id of its own and complete texts in both languages', () => {
  expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
  expect(RULES.filter(({ sets }) => sets.includes('manual'))).toHaveLength(28);
  for (const { texts } of RULES)
    for (const language of ['zh', 'en'] as const)
      for (const text of Object.values(texts[language])) expect(text.trim()).not.toBe('');
  for (const { texts } of RULES) expect(texts.zh.title).not.toBe(texts.en.title);
});

test('the API server has one name in every Chinese text', () => {
  const all = JSON.stringify([RULES.map(({ texts }) => texts.zh), zh]);
  expect(all.match(/.{0,30}(API server|Api Server|API 服务器).{0,30}/g)).toBeNull();
});

test('what a rule needs is something that an inspection reads', () => {
  for (const { id, needs = [] } of RULES)
    for (const need of needs) expect([id, KNOWN_SOURCES.includes(need)]).toEqual([id, true]);
});

test('every set has rules, and without a name those come that are on by default', () => {
  for (const set of RULE_SETS) expect([set, RULES.some(({ sets }) => sets.includes(set))]).toEqual([set, true]);
  const chosen = chooseRules([]);
  const ids = 'rules' in chosen ? chosen.rules.map(({ id }) => id) : [];
  expect(ids).toContain('HostPathVolume');
  expect(ids).not.toContain('SeccompNotSet');
});

test('rules are chosen by id or set; what is neither is named', () => {
  const chosen = chooseRules(['NodeStatus', 'HostPIDAllowed']);
  expect('rules' in chosen && chosen.rules.map(({ id }) => id)).toEqual(['HostPIDAllowed', 'NodeStatus']);
  expect(chooseRules(['manual', 'nonsense'])).toEqual({ unknown: 'nonsense' });
});

test('findings are sorted by place, and a severity can be set', () => {
  const one = { ...withContext({ privileged: true }), metadata: { name: 'b', namespace: 'n' } };
  const two = { ...withContext({ privileged: true }), metadata: { name: 'a', namespace: 'n' } };
  const world = createWorld({ cluster: 'c', objects: [one, two], now: NOW });
  const { findings, tally } = inspect(world, {
    rules: RULES.filter(({ id }) => id === 'PrivilegedAllowed'),
    severities: { PrivilegedAllowed: 'notice' },
  });
  expect(findings.map(({ name, severity }) => `${name} ${severity}`)).toEqual(['a notice', 'b notice']);
  expect(tally).toEqual({ evaluated: 2, danger: 0, warning: 0, notice: 2 });
});

describe('the score', () => {
  test.each([
    [{ evaluated: 0, danger: 0, warning: 0, notice: 0 }, 100, 'A'],
    [{ evaluated: 10, danger: 0, warning: 0, notice: 10 }, 100, 'A'],
    [{ evaluated: 10, danger: 2, warning: 0, notice: 0 }, 80, 'B'],
    [{ evaluated: 10, danger: 0, warning: 4, notice: 0 }, 75, 'C'],
    [{ evaluated: 10, danger: 10, warning: 0, notice: 0 }, 0, 'F'],
  ])('of %o is %i %s', (tally, value, grade) => {
    expect(scoreOf(tally)).toEqual({ value, grade });
  });
});

describe('an exemption', () => {
  const [preset] = DEFAULT_EXEMPTIONS;
  if (preset === undefined) throw new Error('there is none');
  const any = { ...preset, rules: [], namespaces: [], kinds: [] };
  const finding = {
    rule: 'HostNetworkAllowed',
    cluster: 'east',
    namespace: 'kube-system',
    kind: 'DaemonSet',
    name: 'kube-proxy',
  };
  test('covers what every cluster has', () => {
    expect(exemptionOf(finding, {}, DEFAULT_EXEMPTIONS, NOW)).toBeDefined();
    expect(exemptionOf({ ...finding, namespace: 'shop' }, {}, DEFAULT_EXEMPTIONS, NOW)).toBeUndefined();
    expect(exemptionOf({ ...finding, rule: 'ImageTagMiss' }, {}, DEFAULT_EXEMPTIONS, NOW)).toBeUndefined();
  });
  test('ends, and means names by their beginning', () => {
    const own = { ...any, names: ['kube-*'], until: new Date(NOW).toISOString() };
    expect(exemptionOf(finding, {}, [own], NOW - 1)).toBe(own);
    expect(exemptionOf(finding, {}, [own], NOW)).toBeUndefined();
    expect(exemptionOf({ ...finding, name: 'web' }, {}, [own], NOW - 1)).toBeUndefined();
  });
  test('means clusters by name, and objects by all of its labels', () => {
    const own = { ...any, clusters: ['east'], labels: ['team=shop', 'legacy'] };
    const labels = { team: 'shop', legacy: '' };
    expect(exemptionOf(finding, labels, [own], NOW)).toBe(own);
    expect(exemptionOf({ ...finding, cluster: 'west' }, labels, [own], NOW)).toBeUndefined();
    expect(exemptionOf(finding, { team: 'shop' }, [own], NOW)).toBeUndefined();
    expect(exemptionOf(finding, { team: 'other', legacy: '' }, [own], NOW)).toBeUndefined();
  });
});

describe('manifests', () => {
  test('several documents, lists and JSON are read alike', () => {
    const text = [
      'apiVersion: v1\nkind: Pod\nmetadata: {name: a}',
      '---',
      '',
      '---',
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [deployment({})] }),
    ].join('\n');
    expect(readManifests(text, 'f').map(({ kind }) => kind)).toEqual(['Pod', 'Deployment']);
    const typed = JSON.stringify({ apiVersion: 'v1', kind: 'PodList', items: [{ metadata: { name: 'b' } }] });
    expect(readManifests(typed, 'f')).toEqual([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b' } }]);
  });
  test.each([
    ['what is no YAML', 'a: [', /f: /],
    [
      'aliases of aliases',
      `a: &a [${'x,'.repeat(9)}]\nb: &b [${'*a,'.repeat(9)}]\nc: &c [${'*b,'.repeat(9)}]\nd: [${'*c,'.repeat(9)}]`,
      /f: /,
    ],
    ['what is no object', 'just text', /document 1 is no Kubernetes object/],
    ['a document without a kind', 'apiVersion: v1\nmetadata: {}', /document 1/],
  ])('%s is refused with its place', (_, text, message) => {
    expect(() => readManifests(text, 'f')).toThrow(
      expect.objectContaining({ code: 'INVALID', message: expect.stringMatching(message) }),
    );
  });
  test('a custom kind that is called like one of Kubernetes is not taken for it', () => {
    const template = { spec: { containers: [{ name: 'app', image: 'web' }] } };
    const objects = readManifests(
      JSON.stringify([
        { apiVersion: 'serving.knative.dev/v1', kind: 'Service', metadata: { name: 'a' }, spec: { type: 'NodePort' } },
        { apiVersion: 'batch.volcano.sh/v1alpha1', kind: 'Job', metadata: { name: 'b' }, spec: { template } },
      ]),
      'f',
    );
    const world = createWorld({ cluster: '', objects, now: NOW });
    expect(inspect(world, { rules: RULES }).findings).toEqual([]);
    expect(world.size).toBe(2);
  });
  test('are as old as the newest thing in them', () => {
    const event = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' }, lastTimestamp: '2020-01-02T00:00:00Z' };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', creationTimestamp: '2020-01-01T00:00:00Z' } };
    expect(new Date(newestTime([event, pod])).toISOString()).toBe('2020-01-02T00:00:00.000Z');
  });
});
