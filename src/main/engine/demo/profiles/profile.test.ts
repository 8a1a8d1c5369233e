import { describe, expect, test } from 'vitest';
import { seedObjects } from '../seed.ts';
import { nodeObject, nodeStatus } from './node-object.ts';
import { createProfile, withNodes } from './profile.ts';

const profiles = Array.from({ length: 60 }, (_, index) => createProfile({ index, seed: 20 }));

describe('identities of simulated clusters', () => {
  test('the same seed gives the same fleet, another seed other machines', () => {
    expect(createProfile({ index: 3, seed: 7 })).toEqual(createProfile({ index: 3, seed: 7 }));
    const nodes = (seed: number) => JSON.stringify(createProfile({ index: 3, seed, nodes: 3 }).nodes);
    expect(nodes(7)).not.toBe(nodes(8));
  });
  test('names are valid and unique', () => {
    for (const { name } of profiles) expect(name).toMatch(/^[a-z][a-z0-9-]{0,38}[a-z0-9]$/);
    expect(new Set(profiles.map(({ name }) => name)).size).toBe(profiles.length);
    expect(profiles.slice(0, 2).map(({ name }) => name)).toEqual(['demo-hangzhou', 'demo-frankfurt']);
  });
  test('providers, regions and versions differ', () => {
    const first = profiles.slice(0, 8);
    expect(new Set(first.map(({ provider }) => provider)).size).toBe(8);
    expect(new Set(first.map(({ region }) => region)).size).toBe(8);
    expect(new Set(first.map(({ version }) => version)).size).toBe(8);
    for (const { version } of profiles) expect(version).toMatch(/^v1\.(2[7-9]|3[0-6])\.\d+/);
  });
  test.each([
    ['aliyun', /-aliyun\./, /^cn-hangzhou\.i-/],
    ['eks', /-eks-/, /^aws:\/\/\/eu-central-1[a-c]\/i-0/],
    ['huawei', /-r0-\d/, /^[0-9a-f]{8}-[0-9a-f]{4}-4/],
    ['gke', /-gke\./, /^gce:\/\/[^/]+\/us-central1-/],
    ['tencent', /-tke\./, /^qcloud:\/\/\/ap-shanghai-\d\/ins-/],
    ['k3s', /\+k3s/, /^k3s:\/\//],
    ['rke2', /\+rke2/, /^rke2:\/\//],
    ['aks', /^v1\.\d+\.\d+$/, /^azure:\/\/\/subscriptions\//],
    ['volcengine', /-vke\./, /^volcengine:\/\//],
  ])('%s is recognisable by version and providerID', (provider, version, providerId) => {
    const profile = profiles.find((candidate) => candidate.provider === provider) ?? expect.fail(provider);
    expect(profile.version).toMatch(version);
    for (const node of profile.nodes) expect(nodeObject(profile, node).spec.providerID).toMatch(providerId);
  });
});

describe('nodes', () => {
  test('are two to five, with distinct names and addresses, spread over the zones', () => {
    for (const { nodes } of profiles) {
      expect(nodes.length).toBeGreaterThanOrEqual(2);
      expect(nodes.length).toBeLessThanOrEqual(5);
    }
    const { nodes, zones } = createProfile({ index: 0, seed: 1, nodes: 60 });
    expect(new Set(nodes.map(({ name }) => name)).size).toBe(60);
    expect(new Set(nodes.map(({ ip }) => ip)).size).toBe(60);
    expect(new Set(nodes.map(({ zone }) => zone))).toEqual(new Set(zones));
  });
  test('more of them leave the first as they were', () => {
    const small = createProfile({ index: 1, seed: 1, nodes: 2 });
    expect(withNodes(small, 4).nodes.slice(0, 2)).toEqual(small.nodes);
    expect(withNodes(small, 1)).toBe(small);
  });
  test('carry topology labels and node information', () => {
    const profile = createProfile({ index: 1, seed: 1 });
    const [node = expect.fail('no node')] = profile.nodes;
    expect(nodeObject(profile, node).metadata.labels).toMatchObject({
      'topology.kubernetes.io/region': 'eu-central-1',
      'topology.kubernetes.io/zone': 'eu-central-1a',
      'node.kubernetes.io/instance-type': node.machine.name,
    });
    expect(nodeStatus(profile, node, 0)).toMatchObject({ nodeInfo: { kubeletVersion: profile.version } });
  });
  test('a control plane node is tainted unless it is alone', () => {
    const onPremises = profiles.findIndex((candidate) => candidate.provider === 'on-premises');
    const [first = expect.fail('no node')] = createProfile({ index: onPremises, seed: 1, nodes: 3 }).nodes;
    expect(nodeObject(createProfile({ index: onPremises, seed: 1 }), first).spec.taints).toHaveLength(1);
    expect(createProfile({ index: onPremises, seed: 1, nodes: 1 }).nodes[0]?.controlPlane).toBe(false);
  });
});

test('what runs from the start asks for no more than the smallest cluster has', () => {
  for (const profile of profiles) {
    const objects = seedObjects(profile);
    expect(objects.filter(({ kind }) => kind === 'Deployment').length).toBeGreaterThan(1);
    expect(objects.findIndex(({ kind }) => kind === 'Namespace')).toBeLessThan(
      objects.findIndex(({ metadata }) => metadata.namespace === 'web-shop'),
    );
  }
});
