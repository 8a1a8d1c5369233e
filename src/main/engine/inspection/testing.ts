/** For tests: small objects, and what one rule says of them. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { inspect } from './inspect.ts';
import { RULES } from './rules/index.ts';
import type { Finding } from './types.ts';
import { type Certificate, createWorld } from './world.ts';

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
  options: { certificates?: Certificate[]; version?: string; rule?: string } = {},
): Finding[] {
  const world = createWorld({ cluster: 'test', objects, now: NOW, ...options });
  const rules = options.rule === undefined ? RULES : RULES.filter(({ id }) => id === options.rule);
  return inspect(world, { rules }).findings;
}

/** `danger app`: severity and container of each finding of the rule. */
export function says(rule: string, objects: readonly KubeObject[], options: { version?: string } = {}): string[] {
  return findings(objects, { ...options, rule }).map(({ severity, container: name }) => `${severity} ${name}`.trim());
}
