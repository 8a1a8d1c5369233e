/** For tests: small objects, what one rule says of them, and tables of such. */

import { describe, expect, test } from 'vitest';
import { evidenceText } from '#shared/inspection-evidence.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { Certificate, ChainBreak } from './certificates.ts';
import { inspect } from './inspect.ts';
import { RULES } from './rules/index.ts';
import type { Finding, Rule } from './types.ts';
import { createWorld } from './world.ts';

export const NOW = Date.parse('2026-06-01T12:00:00Z');
export const ago = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString().replace('.000Z', 'Z');

/** A container about which no rule has anything to say. */
export const GOOD = {
  name: 'app',
  image: 'registry.example:5000/app:1.2@sha256:0000',
  resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1', memory: '1Gi' } },
  livenessProbe: { httpGet: { path: '/live', port: 80 } },
  readinessProbe: { httpGet: { path: '/ready', port: 80 } },
  securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true },
};

export function container(change: Json = {}): Json {
  return { ...GOOD, ...change };
}

export function deployment(podSpec: Json, change: Partial<KubeObject> = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop', uid: 'uid-web' },
    spec: {
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { priorityClassName: 'normal', containers: [container()], ...podSpec },
      },
    },
    ...change,
  };
}

export const withContainer = (change: Json): KubeObject => deployment({ containers: [container(change)] });
export const withContext = (change: Json): KubeObject =>
  withContainer({ securityContext: { ...GOOD.securityContext, ...change } });

export function findings(
  objects: readonly KubeObject[],
  options: {
    certificates?: Certificate[];
    chain?: ChainBreak;
    version?: string;
    lacking?: ReadonlySet<string>;
    rule?: string;
  } = {},
): (Finding & { evidence: string })[] {
  const world = createWorld({ cluster: 'test', objects, now: NOW, ...options });
  const rules = options.rule === undefined ? RULES : RULES.filter(({ id }) => id === options.rule);
  // As programs get it.
  return inspect(world, { rules }).findings.map((one) => ({ ...one, evidence: evidenceText('en', one.evidence) }));
}

/** `danger app`: severity and container of each finding of the rule. */
export function says(rule: string, objects: readonly KubeObject[], options: { version?: string } = {}): string[] {
  return findings(objects, { ...options, rule }).map(({ severity, container: name }) => `${severity} ${name}`.trim());
}

/** What it is about, the objects, and `severity container` of each finding. */
export type Row = readonly [
  what: string,
  objects: readonly KubeObject[],
  expected: readonly string[],
  version?: string,
];

/** Every rule with what it finds and what it leaves alone; a rule without one or the other fails. */
export function describeRules(rules: readonly Rule[], cases: Readonly<Record<string, readonly Row[]>>): void {
  test('every rule is told what it finds and what it leaves alone', () => {
    const known = rules.map(({ id }) => id).sort();
    expect(Object.keys(cases).sort()).toEqual(known);
    for (const [id, rows] of Object.entries(cases)) {
      expect([id, rows.some(([, , expected]) => expected.length > 0)]).toEqual([id, true]);
      expect([id, rows.some(([, , expected]) => expected.length === 0)]).toEqual([id, true]);
    }
  });
  for (const [id, rows] of Object.entries(cases))
    describe(id, () => {
      for (const [what, objects, expected, version] of rows)
        test(what, () => expect(says(id, objects, version === undefined ? {} : { version })).toEqual(expected));
    });
}

/** Any object by kind: `object('v1/Service', 'web', {spec})`, in namespace `shop`. */
export function object(type: string, name: string, change: Json = {}): KubeObject {
  const slash = type.lastIndexOf('/');
  const { metadata, ...rest } = change;
  return {
    apiVersion: type.slice(0, slash),
    kind: type.slice(slash + 1),
    metadata: { name, namespace: 'shop', creationTimestamp: ago(86_400), ...metadata },
    ...rest,
  };
}
