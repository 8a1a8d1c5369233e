import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { newestSet } from './deployment.ts';

const template = (limits: Json, more: Json = {}, hash?: string): Json => ({
  metadata: { labels: { app: 'web', ...(hash === undefined ? {} : { 'pod-template-hash': hash }) } },
  spec: { containers: [{ name: 'web', image: 'nginx:1.29', resources: { limits }, ...more }] },
});

const deployment = (podTemplate: Json): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: podTemplate },
});

const set = (hash: string, limits: Json, more?: Json): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: `web-${hash}`, namespace: 'shop' },
  spec: { replicas: 2, template: template(limits, more, hash) },
});

describe('the ReplicaSet of a template', () => {
  const sets = [
    set('a', { cpu: '500m', memory: '1Gi' }),
    set('b', { cpu: '1', memory: '1Gi' }),
    set('c', { cpu: '1', memory: '1Gi' }, { args: ['1000m'] }),
  ];
  const found = (limits: Json, more?: Json) => newestSet(deployment(template(limits, more)), sets)?.metadata.name;

  test('is found by the template without the label that the set added', () => {
    expect(found({ cpu: '500m', memory: '1Gi' })).toBe('web-a');
    expect(found({ cpu: '1', memory: '1Gi' })).toBe('web-b');
  });

  test('is found where quantities are only written otherwise', () => {
    expect(found({ cpu: '1000m', memory: '1024Mi' })).toBe('web-b');
    expect(found({ memory: '1073741824', cpu: '0.5' })).toBe('web-a');
  });

  test('is another one where a value differs, however alike it looks', () => {
    expect(found({ cpu: '1', memory: '1G' })).toBeUndefined();
    expect(found({ cpu: '1' })).toBeUndefined();
    expect(found({ cpu: '1', memory: '1Gi' }, { args: ['1'] })).toBeUndefined();
  });
});
