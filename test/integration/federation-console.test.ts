/** Promotion of running workloads and the way back, override previews, and a shift of weights, over in-process members. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEYS, OVERRIDE_POLICIES, PROPAGATION_POLICIES } from '#engine/federation/api.ts';
import {
  createFederationPolicies,
  createPromotion,
  createRuns,
  type RunRecord,
  type RunRepository,
  type Runs,
} from '#engine/federation/index.ts';
import type { KubeClient } from '#engine/kube/index.ts';
import type { FederationPoliciesService } from '#shared/contract/federation-policies.ts';
import type { PromotionService } from '#shared/contract/federation-promotion.ts';
import type { Federation } from '#shared/contract/federations.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { DEPLOYMENTS, type Fixture, startFixture, startMember, until } from '../fixtures/federation.ts';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const inDefault = { namespace: 'default' };
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const noDemo = {
  // biome-ignore lint/correctness/useYield: outside of a demo there is nothing to tell.
  async *watch() {
    return;
  },
  targets: () => Promise.reject(new Error('no demo')),
  start: () => Promise.reject(new Error('no demo')),
  stop: () => Promise.reject(new Error('no demo')),
};

function memoryRuns(): RunRepository {
  const runs = new Map<string, RunRecord>();
  return {
    list: (id) => [...runs.values()].filter(({ federationId }) => federationId === id).reverse(),
    active: () => [...runs.values()].filter(({ endedAt }) => endedAt === null),
    get: (id) => structuredClone(runs.get(id)),
    save: (run) => void runs.set(run.id, structuredClone(run)),
    remove: (id) => void runs.delete(id),
  };
}

const web = (name: string, replicas: number, image: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default', labels: { app: name } },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'web', image, envFrom: [{ configMapRef: { name: 'web-settings' } }] }] },
    },
  },
});

describe('workloads that run in two members already', () => {
  let fixture: Fixture;
  let federation: Federation;
  let promotion: PromotionService;
  let policies: FederationPoliciesService;
  let runs: Runs;
  const repository = memoryRuns();
  const client = (): KubeClient => fixture.federations.client(federation.id);
  const member = (index: number): KubeClient => fixture.members[index]?.client as KubeClient;
  const shop = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'shop' };
  const startRuns = (): Runs => {
    const started = createRuns({
      repository,
      demo: noDemo,
      log: silent,
      lookMs: 50,
      running: (id) => fixture.federations.running(id),
      setEvictionTimeout: (id, seconds) => fixture.federations.setEvictionTimeout(id, seconds),
    });
    started.start();
    return started;
  };

  const open = (): void => {
    promotion = createPromotion(fixture.federations);
    policies = createFederationPolicies(fixture.federations);
    runs = startRuns();
  };
  const restart = async (): Promise<void> => {
    await runs.close();
    await fixture.restart();
    open();
  };

  beforeAll(async () => {
    const clusterStatus = { intervalMs: 200, thresholdMs: 400 };
    fixture = await startFixture([await startMember('site1'), await startMember('site2')], { clusterStatus });
    for (const [index, size] of ['small', 'large'].entries()) {
      const settings = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'web-settings', ...inDefault },
        data: { size },
      };
      await member(index).create(CONFIG_MAPS, settings, inDefault);
    }
    await member(0).create(DEPLOYMENTS, web('shop', 3, 'shop:1'), inDefault);
    await member(1).create(DEPLOYMENTS, web('shop', 1, 'shop:2'), inDefault);
    await member(0).create(DEPLOYMENTS, web('alone', 2, 'alone:1'), inDefault);
    federation = await fixture.federations.create({ name: 'bridge', fleetId: fixture.fleetId });
    open();
    await until('members are ready', () =>
      fixture.federations.list()[0]?.members.filter(({ ready }) => ready).length === 2 ? true : undefined,
    );
  });
  afterAll(async () => {
    await runs?.close();
    await fixture?.close();
  });

  test('are found with what each member has of them', async () => {
    const { candidates, failed } = await promotion.candidates({ id: federation.id, category: 'workloads' });
    expect(failed).toEqual([]);
    const found = candidates.find(({ object }) => object.name === 'shop');
    expect(found?.clusters.map(({ name, replicas, images, owner }) => [name, replicas, images, owner])).toEqual([
      ['site1', 3, ['shop:1'], 'free'],
      ['site2', 1, ['shop:2'], 'free'],
    ]);
  });

  test('are promoted as karmadactl does it, without a change of what runs', async () => {
    const before = await member(0).get(DEPLOYMENTS, 'alone', inDefault);
    const wish = {
      id: federation.id,
      items: [{ object: { ...shop, name: 'alone' }, clusters: ['site1'] }],
      dependencies: false,
      differences: 'keep' as const,
    };
    const [plan] = await promotion.plan(wish);
    expect(plan?.problems).toEqual([]);
    expect(plan?.clusters).toMatchObject([{ cluster: 'site1', what: 'adopted', restarts: false, replicas: 2 }]);
    expect(await client().find(DEPLOYMENTS, 'alone', inDefault)).toBeNull();
    const [done] = await promotion.promote(wish);
    expect(done?.error).toBeNull();
    const policyName = done?.created.find(({ role }) => role === 'policy')?.name as string;
    const policy = await client().get(PROPAGATION_POLICIES, policyName, inDefault);
    expect(policyName).toMatch(/^alone-[b-z2-9]+$/);
    expect(policy.spec).toMatchObject({
      conflictResolution: 'Overwrite',
      preserveResourcesOnDeletion: true,
      placement: { clusterAffinity: { clusterNames: ['site1'] } },
    });
    const adopted = await until('it is adopted', async () => {
      const live = await member(0).get(DEPLOYMENTS, 'alone', inDefault);
      return live.metadata.labels?.[KEYS.managed] === 'true' ? live : undefined;
    });
    expect(adopted.spec).toEqual(before.spec);
    expect(adopted.metadata.uid).toBe(before.metadata.uid);
    const [again] = await promotion.plan(wish);
    expect(again?.problems.map(({ code }) => code)).toEqual(['REFUSED']);
  });

  test('that differ keep their differences and their replicas, and their settings go along', async () => {
    const wish = {
      id: federation.id,
      items: [{ object: shop, clusters: ['site1', 'site2'] }],
      dependencies: true,
      differences: 'keep' as const,
    };
    const [plan] = await promotion.plan(wish);
    expect(plan?.problems).toEqual([]);
    expect(plan?.clusters.map(({ cluster, what, replicas }) => [cluster, what, replicas])).toEqual([
      ['site1', 'adopted', 3],
      ['site2', 'adopted', 1],
    ]);
    expect(plan?.dependencies.map(({ object, clusters }) => [object.name, clusters.map(({ what }) => what)])).toEqual([
      ['web-settings', ['adopted', 'adopted']],
    ]);
    const [unified] = await promotion.plan({ ...wish, differences: 'unify' });
    expect(unified?.clusters[1]).toMatchObject({ what: 'changed', restarts: true });
    expect((await promotion.promote(wish))[0]?.error).toBeNull();
    await until('both are adopted', async () => {
      for (const index of [0, 1]) {
        const live = await member(index).get(DEPLOYMENTS, 'shop', inDefault);
        const settings = await member(index).get(CONFIG_MAPS, 'web-settings', inDefault);
        if (live.metadata.labels?.[KEYS.managed] !== 'true' || settings.metadata.labels?.[KEYS.managed] !== 'true')
          return undefined;
      }
      return true;
    });
    for (const [index, image, replicas, size] of [
      [0, 'shop:1', 3, 'small'],
      [1, 'shop:2', 1, 'large'],
    ] as const) {
      const live = await member(index).get(DEPLOYMENTS, 'shop', inDefault);
      expect([live.spec.template.spec.containers[0].image, live.spec.replicas]).toEqual([image, replicas]);
      expect((await member(index).get(CONFIG_MAPS, 'web-settings', inDefault))['data']).toEqual({ size });
    }
  });

  test('show what an override policy would change, and what deleting it would', async () => {
    const [name] = (await client().list(OVERRIDE_POLICIES, inDefault)).items
      .map(({ metadata }) => metadata.name ?? '')
      .filter((each) => each.startsWith('shop-'));
    const object: KubeObject = {
      apiVersion: 'policy.karmada.io/v1alpha1',
      kind: 'OverridePolicy',
      // After the one that keeps the differences: policies apply in the order of their names.
      metadata: { name: 'z-canary', ...inDefault },
      spec: {
        resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop' }],
        overrideRules: [
          {
            targetCluster: { clusterNames: ['site2'] },
            overriders: { imageOverrider: [{ component: 'Tag', operator: 'replace', value: '3' }] },
          },
        ],
      },
    };
    const saved = await policies.previewOverride({ id: federation.id, change: { kind: 'save', object } });
    expect(saved.effects).toMatchObject([
      { cluster: 'site2', restarts: true, fields: ['spec.template.spec.containers[0].image'] },
    ]);
    expect(saved.effects[0]?.after).toContain('shop:3');
    const deleted = await policies.previewOverride({
      id: federation.id,
      change: { kind: 'delete', policy: 'OverridePolicy', namespace: 'default', name: name as string },
    });
    expect(deleted.effects.map(({ cluster }) => cluster)).toEqual(['site2']);
  });

  test('are moved by weights step by step, over a restart and the loss of a member, leave nothing behind, and come back', async () => {
    const policy = (await client().list(PROPAGATION_POLICIES, inDefault)).items.find(({ metadata }) =>
      metadata.name?.startsWith('shop-'),
    );
    const run = await runs.startShift({
      id: federation.id,
      policy: `default/${policy?.metadata.name}`,
      to: { site2: 1 },
      steps: 2,
      observeSeconds: 0,
      manual: true,
      abort: { minReadyPercent: 0, patienceSeconds: 60, otherwise: 'pause' },
      retire: true,
    });
    await until(
      'the first step is done',
      () => (repository.get(run.id)?.state === 'waiting' ? true : undefined),
      15_000,
    );
    expect((await member(1).get(DEPLOYMENTS, 'shop', inDefault)).spec.replicas).toBeGreaterThan(1);
    await restart();
    const site2 = async (ready: boolean): Promise<void> => {
      fixture.members[1]?.cutOff(!ready);
      await until('the member is seen as it is', () =>
        fixture.federations.list()[0]?.members.find(({ name }) => name === 'site2')?.ready === ready ? true : undefined,
      );
    };
    await site2(false);
    await runs.act({ runId: run.id, action: 'next' });
    await until('it stops before the member that is lost', () =>
      repository.get(run.id)?.reason?.code === 'memberLost' ? true : undefined,
    );
    expect((await member(0).get(DEPLOYMENTS, 'shop', inDefault)).spec.replicas).toBeGreaterThan(0);
    await site2(true);
    await runs.act({ runId: run.id, action: 'next' });
    await until('it is done', () => (repository.get(run.id)?.state === 'done' ? true : undefined), 15_000);
    expect((await member(1).get(DEPLOYMENTS, 'shop', inDefault)).spec.replicas).toBe(4);
    expect(await member(0).find(DEPLOYMENTS, 'shop', inDefault)).toBeNull();
    await runs.act({ runId: run.id, action: 'revert' });
    await until('it is taken back', () => (repository.get(run.id)?.state === 'reverted' ? true : undefined), 15_000);
    for (const [index, replicas] of [3, 1].entries())
      expect((await member(index).get(DEPLOYMENTS, 'shop', inDefault)).spec.replicas).toBe(replicas);
  });

  test('and others take over in a drill, which measures it and leaves nothing behind', async () => {
    const run = await runs.startDrill({
      id: federation.id,
      cluster: 'site2',
      how: 'eviction',
      workloads: [],
      guided: true,
      quick: true,
    });
    const drill = () => {
      const kept = repository.get(run.id);
      return kept?.kind === 'drill' ? kept : undefined;
    };
    /** It waits for a person after the phase. */
    const stopsAfter = async (phase: string): Promise<void> => {
      await until(
        `it waits after ${phase}`,
        () => {
          const last = drill()
            ?.phases.filter(({ at }) => at !== null)
            .at(-1);
          return drill()?.state === 'waiting' && last?.phase === phase ? true : undefined;
        },
        20_000,
      );
    };
    await stopsAfter('ready');
    await restart();
    await runs.act({ runId: run.id, action: 'next' });
    await stopsAfter('takenOver');
    expect((await member(0).get(DEPLOYMENTS, 'takeover-drill', inDefault)).spec.replicas).toBe(4);
    await runs.act({ runId: run.id, action: 'next' });
    await stopsAfter('back');
    await runs.act({ runId: run.id, action: 'next' });
    await stopsAfter('balanced');
    await runs.act({ runId: run.id, action: 'next' });
    await until('it is done', () => (drill()?.state === 'done' ? true : undefined), 15_000);
    const placed = (name: string, replicas: number) => ({ name, replicas });
    expect(drill()).toMatchObject({
      before: [placed('site1', 2), placed('site2', 2)],
      during: [placed('site1', 4)],
      after: [placed('site1', 2), placed('site2', 2)],
      lowest: { ready: 4, wanted: 4 },
    });
    for (const index of [0, 1])
      await until('nothing is left', async () =>
        (await member(index).find(DEPLOYMENTS, 'takeover-drill', inDefault)) === null ? true : undefined,
      );
    // Nobody else was moved.
    expect((await member(1).get(DEPLOYMENTS, 'shop', inDefault)).spec.replicas).toBe(1);
  });

  test('are released again and go on running without a mark', async () => {
    const { removed, waiting } = await promotion.release({ id: federation.id, object: shop });
    expect(waiting).toEqual([]);
    expect(removed.map(({ kind }) => kind).sort()).toEqual([
      'ConfigMap',
      'Deployment',
      'OverridePolicy',
      'OverridePolicy',
      'PropagationPolicy',
    ]);
    const live = await member(1).get(DEPLOYMENTS, 'shop', inDefault);
    expect(live.metadata.labels?.[KEYS.managed]).toBeUndefined();
    expect(live.spec.replicas).toBe(1);
    expect((await member(1).get(CONFIG_MAPS, 'web-settings', inDefault))['data']).toEqual({ size: 'large' });
    await until('the federation has forgotten it', async () =>
      (await client().find(DEPLOYMENTS, 'shop', inDefault)) === null ? true : undefined,
    );
  });
});
