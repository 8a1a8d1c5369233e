import { describe, expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { KEYS } from '../api.ts';
import { builtIn } from '../interpreter/index.ts';
import { type Copy, overrideFor, policyFor, policyNameOf, templateFrom } from './objects.ts';

const copy = (cluster: string, replicas: number, image: string, labels: Record<string, string> = {}): Copy => ({
  cluster,
  replicas,
  object: {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'nginx',
      namespace: 'default',
      uid: cluster,
      resourceVersion: '7',
      labels: { app: 'nginx', ...labels },
      annotations: {
        'deployment.kubernetes.io/revision': '3',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
      },
    },
    spec: { replicas, template: { spec: { containers: [{ name: 'nginx', image }] } } },
    status: { readyReplicas: replicas },
  },
});
const revise = (object: KubeObject, replicas: number): KubeObject => builtIn.reviseReplicas(object, replicas);

describe('what a promotion writes', () => {
  test('of one member is its object without what the server keeps, and a policy with the name of karmadactl', () => {
    const copies = [copy('member1', 2, 'nginx:1')];
    const template = templateFrom(copies, revise);
    expect(template).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'nginx',
        namespace: 'default',
        labels: { app: 'nginx' },
        annotations: {
          [KEYS.conflictResolution]: 'overwrite',
          'kubectl.kubernetes.io/last-applied-configuration': '{}',
        },
      },
      spec: { replicas: 2, template: { spec: { containers: [{ name: 'nginx', image: 'nginx:1' }] } } },
    });
    expect(policyFor(template, copies, { propagateDeps: false })).toEqual({
      apiVersion: 'policy.karmada.io/v1alpha1',
      kind: 'PropagationPolicy',
      metadata: { name: 'nginx-6d7f8d5f5b', namespace: 'default' },
      spec: {
        resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'nginx' }],
        placement: { clusterAffinity: { clusterNames: ['member1'] } },
        conflictResolution: 'Overwrite',
        preserveResourcesOnDeletion: true,
      },
    });
  });

  test('of several members adds their replicas up, and weighs them so that none moves', () => {
    const copies = [copy('member1', 3, 'nginx:1'), copy('member2', 0, 'nginx:1'), copy('member3', 1, 'nginx:1')];
    const template = templateFrom(copies, revise);
    expect(template.spec.replicas).toBe(4);
    const { placement } = policyFor(template, copies, { propagateDeps: true }).spec;
    expect(placement?.clusterAffinity?.clusterNames).toEqual(['member1', 'member2', 'member3']);
    expect(placement?.replicaScheduling?.weightPreference?.staticWeightList).toEqual([
      { targetCluster: { clusterNames: ['member1'] }, weight: 3 },
      { targetCluster: { clusterNames: ['member3'] }, weight: 1 },
    ]);
    expect(overrideFor(template, copies)).toBeNull();
  });

  test('keeps what differs: values, and labels that only some members have', () => {
    const copies = [copy('member1', 1, 'nginx:1', { tier: 'front' }), copy('member2', 1, 'nginx:2', { extra: 'own' })];
    const rules = overrideFor(templateFrom(copies, revise), copies)?.spec.overrideRules ?? [];
    expect(rules).toHaveLength(1);
    expect(rules[0]?.targetCluster?.clusterNames).toEqual(['member2']);
    expect(rules[0]?.overriders.plaintext).toEqual(
      expect.arrayContaining([
        { path: '/spec/template/spec/containers/0/image', operator: 'replace', value: 'nginx:2' },
        { path: '/metadata/labels/tier', operator: 'remove' },
      ]),
    );
    expect(rules[0]?.overriders.plaintext).toHaveLength(2);
  });

  test('is cluster-wide for what has no namespace', () => {
    const object = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'disk' } };
    const copies = [{ cluster: 'member1', object, replicas: null }];
    expect(policyFor(templateFrom(copies, revise), copies, { propagateDeps: false }).kind).toBe(
      'ClusterPropagationPolicy',
    );
    expect(policyNameOf(object)).toMatch(/^disk-/);
  });
});
