/** Policies that compete for a template, wait for its next change, or let go of it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Binding,
  KEYS,
  OVERRIDE_POLICIES,
  PROPAGATION_POLICIES,
  RESOURCE_BINDINGS,
} from '#engine/federation/api.ts';
import type { KubeClient } from '#engine/kube/index.ts';
import type { Federation } from '#shared/contract/federations.ts';
import { type Fixture, startFixture, startMember, until } from '../fixtures/federation.ts';
import { Kubectl, kubectlPath } from '../fixtures/kubectl.ts';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const inDefault = { namespace: 'default' };

let fixture: Fixture;
let federation: Federation;
const client = (): KubeClient => fixture.federations.client(federation.id);

beforeAll(async () => {
  fixture = await startFixture([await startMember('north'), await startMember('south')]);
  federation = await fixture.federations.create({ name: 'unity', fleetId: fixture.fleetId });
});
afterAll(() => fixture?.close());

async function firstOf<T>(values: AsyncIterable<T>): Promise<T | undefined> {
  for await (const value of values) return value;
  return undefined;
}

async function configMap(name: string): Promise<void> {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { v: '1' } };
  await client().create(CONFIG_MAPS, object, inDefault);
}

async function policy(name: string, selects: string, clusterNames: string[], spec: object = {}): Promise<void> {
  const object = {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name, namespace: 'default' },
    spec: {
      resourceSelectors: [{ apiVersion: 'v1', kind: 'ConfigMap', name: selects }],
      placement: { clusterAffinity: { clusterNames } },
      ...spec,
    },
  };
  await client().create(PROPAGATION_POLICIES, object, inDefault);
}

async function placed(name: string, clusters: string[], by?: string): Promise<void> {
  await until(`${name} is in ${clusters}`, async () => {
    const binding = await client().find<Binding>(RESOURCE_BINDINGS, `${name}-configmap`, inDefault);
    const names = binding?.spec.clusters?.map((target) => target.name).sort();
    const claimed = binding?.metadata.annotations?.[KEYS.ppName];
    return JSON.stringify(names) === JSON.stringify(clusters) && (by === undefined || claimed === by)
      ? true
      : undefined;
  });
}

/** Every reconcile that was due has run when a template created after it has been distributed. */
async function everythingSettled(name: string): Promise<void> {
  await configMap(name);
  await policy(name, name, ['south']);
  await placed(name, ['south']);
}

test('first come, first served; with preemption the higher priority takes over', async () => {
  await configMap('fought-over');
  await policy('first', 'fought-over', ['north']);
  await placed('fought-over', ['north'], 'first');
  await policy('higher', 'fought-over', ['south'], { priority: 9 });
  await everythingSettled('settled-1');
  await placed('fought-over', ['north'], 'first');
  await policy('taker', 'fought-over', ['south'], { priority: 1, preemption: 'Always' });
  await placed('fought-over', ['south'], 'taker');
  const template = await client().get(CONFIG_MAPS, 'fought-over', inDefault);
  expect(template.metadata.annotations?.[KEYS.ppName]).toBe('taker');
});

test('a lazy policy waits for the next change of what was there before it', async () => {
  await configMap('old');
  await policy('lazy', 'old', ['north'], { activationPreference: 'Lazy' });
  await until('it is claimed', async () => {
    const template = await client().get(CONFIG_MAPS, 'old', inDefault);
    return template.metadata.annotations?.[KEYS.ppName] === 'lazy' ? true : undefined;
  });
  await everythingSettled('settled-2');
  expect(await client().find(RESOURCE_BINDINGS, 'old-configmap', inDefault)).toBeNull();
  await fixture.restart();
  await everythingSettled('settled-3');
  expect(await client().find(RESOURCE_BINDINGS, 'old-configmap', inDefault)).toBeNull();

  await client().patch(CONFIG_MAPS, 'old', 'merge', { data: { v: '2' } }, inDefault);
  await placed('old', ['north'], 'lazy');

  const placement = { clusterAffinity: { clusterNames: ['south'] } };
  await client().patch(PROPAGATION_POLICIES, 'lazy', 'merge', { spec: { placement } }, inDefault);
  await everythingSettled('settled-4');
  await placed('old', ['north'], 'lazy');
  await client().patch(CONFIG_MAPS, 'old', 'merge', { data: { v: '3' } }, inDefault);
  await placed('old', ['south'], 'lazy');
});

test.skipIf(kubectlPath === null)('kubectl is warned of policies that will not do what they say', async () => {
  const kubectl = new Kubectl(federation.kubeconfigPath ?? '');
  const warned = async (object: object): Promise<string[]> => {
    const { code, stdout, stderr } = await kubectl.run(['apply', '-f', '-'], JSON.stringify(object));
    expect(stdout + stderr).toContain(' created');
    expect(code).toBe(0);
    return stderr.split('\n').filter((line) => line.startsWith('Warning: '));
  };
  const propagation = (name: string, selector: object, placement: object): object => ({
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name, namespace: 'default' },
    spec: { resourceSelectors: [{ apiVersion: 'v1', kind: 'ConfigMap', ...selector }], placement },
  });
  const south = { clusterAffinity: { clusterNames: ['south'] } };
  await configMap('known');

  expect(await warned(propagation('sound', { name: 'known' }, south))).toEqual([]);
  expect(await warned(propagation('sound-by-label', { labelSelector: {} }, south))).toEqual([]);
  expect(await warned(propagation('misspelt', { name: 'knwon' }, south))).toEqual([
    'Warning: spec.resourceSelectors[0]: no ConfigMap "default/knwon" exists here yet; nothing is distributed until one does',
  ]);
  expect(await warned(propagation('unlabelled', { labelSelector: { matchLabels: { a: 'b' } } }, south))).toEqual([
    'Warning: spec.resourceSelectors[0]: no ConfigMap with its labels in namespace "default" exists here yet; nothing is distributed until one does',
  ]);
  expect(
    await warned(propagation('lost', { name: 'known' }, { clusterAffinity: { clusterNames: ['south', 'west'] } })),
  ).toEqual([
    'Warning: spec.placement.clusterAffinity.clusterNames[1]: "west" is not a member of this federation; it gets nothing until it joins',
  ]);
  const targetCluster = { clusterNames: ['east'] };
  expect(
    await warned({
      apiVersion: 'policy.karmada.io/v1alpha1',
      kind: 'OverridePolicy',
      metadata: { name: 'nowhere', namespace: 'default' },
      spec: { overrideRules: [{ targetCluster, overriders: { labelsOverrider: [] } }] },
    }),
  ).toEqual([
    'Warning: spec.overrideRules[0].targetCluster.clusterNames[0]: "east" is not a member of this federation; it gets nothing until it joins',
  ]);
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const idle = async (group: string, kind: string, spec: object) =>
    warned({
      apiVersion: `${group}.karmada.io/v1alpha1`,
      kind,
      metadata: { name: 'idle', namespace: 'default' },
      spec,
    });
  const rules = [{ name: 'night', schedule: '0 0 * * *', targetReplicas: 1 }];
  for (const [group, kind, spec] of [
    ['autoscaling', 'FederatedHPA', { scaleTargetRef, maxReplicas: 2 }],
    ['autoscaling', 'CronFederatedHPA', { scaleTargetRef, rules }],
    ['networking', 'MultiClusterService', { types: ['CrossCluster'], ports: [{ port: 80 }] }],
  ] as const)
    expect(await idle(group, kind, spec)).toEqual([
      `Warning: ${kind} is stored, and nothing acts on it in this federation yet`,
    ]);
});

test('an override policy that cannot be applied is told where the workload is shown, until it is mended', async () => {
  await policy('overridden', 'overridden', ['north', 'south']);
  await configMap('overridden');
  await placed('overridden', ['north', 'south']);
  const path = '/data/missing/deeper';
  const override = {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'OverridePolicy',
    metadata: { name: 'astray', namespace: 'default' },
    spec: {
      resourceSelectors: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'overridden' }],
      overrideRules: [
        {
          targetCluster: { clusterNames: ['north'] },
          overriders: { plaintext: [{ path, operator: 'replace', value: '1' }] },
        },
      ],
    },
  };
  /** What the page of the workload and the page of its reasons say of each member. */
  const told = async (north: string): Promise<void> => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'overridden' };
    const expected = JSON.stringify([
      ['north', north === 'True', north],
      ['south', true, 'True'],
    ]);
    await until(`north is ${north}`, async () => {
      const why = await firstOf(fixture.federations.why({ id: federation.id, object }, undefined));
      const row = (await firstOf(fixture.federations.workloads({ id: federation.id }, undefined)))?.find(
        (each) => each.name === 'overridden',
      );
      const said = row?.clusters.map(({ name, applied }) => {
        const work = why?.clusters.find((cluster) => cluster.name === name)?.work;
        const condition = work?.conditions.find(({ type }) => type === 'Applied');
        return [name, applied, condition?.status === 'True' ? 'True' : condition?.message];
      });
      return JSON.stringify(said) === expected ? true : undefined;
    });
  };
  await told('True');
  await client().create(OVERRIDE_POLICIES, override, inDefault);
  await told(
    'override policy astray: patch cannot be applied: Cannot perform the operation at a path that does not exist',
  );
  await client().delete(OVERRIDE_POLICIES, 'astray', inDefault);
  await told('True');
});
