import { describe, expect, test } from 'vitest';
import { ClusterName } from '#shared/contract/clusters.ts';
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type DetectionInput, detect, minorVersion } from './detect.ts';
import { skewOf, stateOfFailure } from './health.ts';
import { suggestName } from './names.ts';
import { nodeFacts, summarise } from './nodes.ts';

function node(
  options: { name?: string; providerID?: string; labels?: Record<string, string>; status?: unknown } = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: options.name ?? 'n1', labels: options.labels },
    spec: { providerID: options.providerID },
    status: options.status,
  };
}

function found(input: Partial<Omit<DetectionInput, 'nodes'>> & { nodes?: KubeObject[] }) {
  const { nodes = [], ...rest } = input;
  return detect({
    gitVersion: 'v1.30.0',
    server: 'https://10.0.0.1:6443',
    context: 'ctx',
    ...rest,
    nodes: nodes.map(nodeFacts),
  });
}

describe('provider and type', () => {
  test.each([
    ['v1.31.1-aliyun.1', 'aliyun', 'thirdParty'],
    ['v1.30.0-tke.2', 'tencent', 'thirdParty'],
    ['v1.29.8-r0-29.0.8', 'huawei', 'thirdParty'],
    ['v1.30.2-eks-db838b0', 'eks', 'thirdParty'],
    ['v1.30.3-gke.1211000', 'gke', 'thirdParty'],
    ['v1.28.3-vke.4', 'volcengine', 'thirdParty'],
    ['v1.30.2+k3s1', 'k3s', 'local'],
    ['v1.30.2+rke2r1', 'rke2', 'local'],
    ['v1.30.2+k0s', 'k0s', 'local'],
    ['v1.30.2', 'on-premises', 'local'],
  ])('version %s is %s, %s', (gitVersion, provider, type) => {
    expect(found({ gitVersion })).toMatchObject({ provider, type });
  });

  test.each([
    ['azure:///subscriptions/x', 'aks'],
    ['aws:///eu-central-1a/i-1', 'eks'],
    ['cn-hangzhou.i-bp1', 'aliyun'],
    ['kind://docker/a/b', 'kind'],
    ['openstack:///x', 'openstack'],
  ])('providerID %s is %s', (providerID, provider) => {
    expect(found({ nodes: [node({ providerID })] }).provider).toBe(provider);
  });

  test('labels, address and context name count when nothing stronger does', () => {
    expect(found({ nodes: [node({ labels: { 'kubernetes.azure.com/cluster': 'x' } })] }).provider).toBe('aks');
    expect(found({ nodes: [node({ labels: { 'ccse.node.ctyun.cn/pool': 'x' } })] })).toMatchObject({
      provider: 'ctyun',
      type: 'cloud',
    });
    expect(found({ server: 'https://abc.eks.amazonaws.com' }).provider).toBe('eks');
    expect(found({ context: 'kind-dev' }).provider).toBe('kind');
    // A misleading context name does not beat the version.
    expect(found({ context: 'kind-dev', gitVersion: 'v1.30.2+k3s1' }).provider).toBe('k3s');
  });
});

test('region is the majority, zones are all, legacy labels count, and no label is no region', () => {
  const labels = (region: string, zone: string) => ({
    'topology.kubernetes.io/region': region,
    'topology.kubernetes.io/zone': zone,
  });
  expect(
    found({
      nodes: [
        node({ labels: labels('r1', 'r1b') }),
        node({ labels: labels('r2', 'r2a') }),
        node({ labels: labels('r1', 'r1a') }),
        node({ labels: { 'failure-domain.beta.kubernetes.io/region': 'r1' } }),
      ],
    }),
  ).toMatchObject({ region: 'r1', zones: ['r1a', 'r1b', 'r2a'] });
  expect(found({ nodes: [node()] })).toMatchObject({ region: '', zones: [] });
});

describe('size', () => {
  const status = (ready: boolean, cpu: string, memory: string) => ({
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    allocatable: { cpu, memory, pods: '110' },
    capacity: { cpu: String(Math.ceil(Number(cpu.replace('m', '')) / (cpu.endsWith('m') ? 1000 : 1))), memory },
  });

  test('is the vCPU of Ready nodes, capacity their allocatable; virtual nodes count but have none', () => {
    const nodes = [
      node({ status: status(true, '3920m', '8Gi') }),
      node({ status: status(false, '4', '8Gi') }),
      node({ status: status(true, '1000', '1Ti'), labels: { type: 'virtual-kubelet' } }),
    ].map(nodeFacts);
    expect(summarise(nodes)).toEqual({
      nodes: { total: 3, ready: 2 },
      capacity: { cpuCores: 3.92, memoryBytes: 8 * 2 ** 30, pods: 110 },
      size: 4,
    });
  });

  test('a hostile node spoils nothing', () => {
    const odd = [
      node({ status: { conditions: 'x', allocatable: 7 } }),
      node({
        status: { conditions: [null, { type: 'Ready', status: 'True' }], allocatable: { cpu: {}, memory: 'NaN' } },
      }),
    ].map(nodeFacts);
    expect(summarise(odd)).toEqual({
      nodes: { total: 2, ready: 1 },
      capacity: { cpuCores: 0, memoryBytes: 0, pods: 0 },
      size: 0,
    });
  });

  test.each([
    ['250m', 0.25],
    ['2', 2],
    ['1e3', 1000],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['128974848', 128974848],
    ['12E', 12e18],
    ['abc', 0],
    ['', 0],
    [null, 0],
  ])('quantity %s is %s', (text, value) => {
    expect(parseQuantity(text)).toBe(value);
  });
});

describe('names out of contexts', () => {
  test.each([
    ['kind-dev', 'kind-dev'],
    ['arn:aws:eks:eu-west-1:123:cluster/Prod', 'prod'],
    ['gke_project_europe-west1-b_shop', 'shop'],
    ['kubernetes-admin@Prod_1', 'prod-1'],
    ['123-abc', 'abc'],
    ['中文', 'cluster'],
    ['a'.repeat(60), 'a'.repeat(40)],
  ])('%s becomes %s', (context, name) => {
    expect(suggestName(context, new Set())).toBe(name);
    expect(ClusterName.safeParse(name).success).toBe(true);
  });

  test('one that is taken gets a number and stays within the limit', () => {
    expect(suggestName('prod', new Set(['prod', 'prod-2']))).toBe('prod-3');
    const long = suggestName('a'.repeat(60), new Set(['a'.repeat(40)]));
    expect(long).toBe(`${'a'.repeat(38)}-2`);
  });
});

test('versions are read with and without v and suffix, and nonsense is none', () => {
  expect(minorVersion('v1.27.3-gke.100')).toEqual([1, 27]);
  expect(minorVersion('1.19')).toEqual([1, 19]);
  expect(minorVersion('unknown')).toBeNull();
});

test('a clock is off only by more than the whole second the header has', () => {
  const now = Date.parse('2026-01-01T00:00:00.900Z');
  expect(skewOf('Thu, 01 Jan 2026 00:00:00 GMT', now)).toBe(0);
  expect(skewOf('Thu, 01 Jan 2026 00:05:00 GMT', now)).toBe(299_600);
  expect(skewOf('yesterday', now)).toBeNull();
  expect(skewOf(undefined, now)).toBeNull();
});

test('a network in the way is disconnected, a refusal is abnormal', () => {
  expect(stateOfFailure('CLUSTER_TIMEOUT')).toBe('disconnected');
  expect(stateOfFailure('CLUSTER_DNS')).toBe('disconnected');
  expect(stateOfFailure('CREDENTIALS_REJECTED')).toBe('abnormal');
  expect(stateOfFailure('TLS_UNTRUSTED')).toBe('abnormal');
  expect(stateOfFailure('EXEC_MISSING')).toBe('abnormal');
});
