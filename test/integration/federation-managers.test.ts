/** Two workstations and one member: who manages it is written in the member, and the second one stands back. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLUSTERS, PROPAGATION_POLICIES, WORKS } from '#engine/federation/api.ts';
import { LEASE_NAME, LEASE_NAMESPACE, LEASES, MANAGED_BY } from '#engine/federation/management/lease.ts';
import type { KubeClient } from '#engine/kube/index.ts';
import type { Federation } from '#shared/contract/federations.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { DEPLOYMENTS, type Fixture, type Member, startFixture, startMember, until } from '../fixtures/federation.ts';

const inDefault = { namespace: 'default' };
const timing = { clusterStatus: { intervalMs: 100, thresholdMs: 100 } };
let member: Member;
let first: Fixture;
let second: Fixture;
let one: Federation;
let two: Federation;

const client = (fixture: Fixture, { id }: Federation): KubeClient => fixture.federations.client(id);
const memberOf = (fixture: Fixture, { id }: Federation) =>
  fixture.federations.list().find((federation) => federation.id === id)?.members[0];

beforeAll(async () => {
  member = await startMember('shared');
  first = await startFixture([member], timing);
  second = await startFixture([member], timing);
  one = await first.federations.create({ name: 'first', fleetId: first.fleetId });
  two = await second.federations.create({ name: 'second' });
  await until('the first one manages the member', () => (memberOf(first, one)?.ready ? true : undefined));
  await until('the member tells it', () => member.client.find(LEASES, LEASE_NAME, { namespace: LEASE_NAMESPACE }));
});
afterAll(async () => {
  await second?.federations.close();
  await first?.close();
});

function deployment(name: string, image: string): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image }] } },
    },
  };
}

async function distribute(target: KubeClient, name: string, image: string): Promise<void> {
  await target.create(DEPLOYMENTS, deployment(name, image), inDefault);
  const policy = {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name, namespace: 'default' },
    spec: {
      resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name }],
      conflictResolution: 'Overwrite',
      placement: {},
    },
  };
  await target.create(PROPAGATION_POLICIES, policy, inDefault);
}

const imageIn = async (name: string): Promise<string | undefined> =>
  (await member.client.find(DEPLOYMENTS, name, inDefault))?.spec.template.spec.containers[0].image;

describe('a second manager', () => {
  test('objects in the member say who manages them', async () => {
    await distribute(client(first, one), 'marked', 'nginx:1');
    const object = await until('it is there', () => member.client.find(DEPLOYMENTS, 'marked', inDefault).then(orNot));
    expect(object.metadata.annotations?.[MANAGED_BY]).toBe(one.id);
  });

  test('is refused when it wants the member, and told who has it since when', async () => {
    const refusal = await second.federations.join({ id: two.id, fleetId: second.fleetId }).catch((error) => error);
    expect(refusal).toMatchObject({ code: 'MANAGED_ELSEWHERE', cluster: 'shared' });
    expect(refusal.params).toMatchObject({ federation: 'first', holder: expect.stringMatching(/.+@.+/) });
    expect(Date.parse(refusal.params.since)).toBeLessThanOrEqual(Date.now());
  });

  test('has its other members all the same, where that is asked for: this one it writes nothing to', async () => {
    await second.federations.join({ id: two.id, fleetId: second.fleetId, managed: 'standBack' });
    await until('it stands back', () => memberOf(second, two)?.manager ?? undefined);
    expect(memberOf(second, two)).toMatchObject({ join: 'failed', reason: { code: 'MANAGED_ELSEWHERE' } });
    const lease = await member.client.get(LEASES, LEASE_NAME, { namespace: LEASE_NAMESPACE });
    expect(lease.spec.holderIdentity).toBe(one.id);
  });

  test('takes over on purpose; the first one stands back and fights nothing', async () => {
    await second.federations.join({ id: two.id, fleetId: second.fleetId, managed: 'takeOver' });
    await until('the first one has seen it', () => memberOf(first, one)?.manager ?? undefined);
    expect(memberOf(first, one)).toMatchObject({
      join: 'failed',
      reason: { code: 'MANAGED_ELSEWHERE' },
      manager: { kind: 'fleetdeck', federation: 'second' },
    });
    const cluster = await until('the Cluster object tells it', async () => {
      const found = await client(first, one).get(CLUSTERS, 'shared');
      return found.status.conditions.some(({ type }: { type: string }) => type === 'Managed') ? found : undefined;
    });
    expect(cluster.spec.taints).toContainEqual({ key: 'fleetdeck.io/managed-elsewhere', effect: 'NoSchedule' });
    expect(cluster.status.conditions).toContainEqual(expect.objectContaining({ type: 'Managed', status: 'False' }));

    await until('the second one manages it', () => (memberOf(second, two)?.manager === null ? true : undefined));
    await distribute(client(second, two), 'marked', 'nginx:2');
    await until('the second one is in force', async () => ((await imageIn('marked')) === 'nginx:2' ? true : undefined));
    // What the first one is asked to change now it does not write, and says why.
    const template = await client(first, one).get(DEPLOYMENTS, 'marked', inDefault);
    template.spec.template.spec.containers[0].image = 'nginx:3';
    await client(first, one).update(DEPLOYMENTS, template, inDefault);
    await until('the Work of the first one says why', async () => {
      const { items } = await client(first, one).list(WORKS, { namespace: 'karmada-es-shared' });
      const work = items.find((item) => item.spec.workload.manifests[0].metadata.name === 'marked');
      const applied = work?.status?.conditions?.find((condition: { type: string }) => condition.type === 'Applied');
      return applied?.status === 'False' && /managed by federation second/.test(applied.message) ? true : undefined;
    });
    expect(await imageIn('marked')).toBe('nginx:2');
  });

  test('what the one that stands back deletes stays in the member until it has the member again', async () => {
    await client(first, one).delete(DEPLOYMENTS, 'marked', inDefault);
    await until('its binding is being deleted', async () => {
      const { items } = await client(first, one).list(WORKS, { namespace: 'karmada-es-shared' });
      const work = items.find((item) => item.spec.workload.manifests[0].metadata.name === 'marked');
      return work?.metadata.deletionTimestamp === undefined ? undefined : true;
    });
    expect(await imageIn('marked')).toBe('nginx:2');
    await first.federations.takeOver({ id: one.id, cluster: 'shared' });
    await until('the first one has it again', () => (memberOf(first, one)?.manager === null ? true : undefined));
    // By now the object is the second one's: not even then is it deleted.
    await until(
      'the Work is gone',
      async () => {
        const { items } = await client(first, one).list(WORKS, { namespace: 'karmada-es-shared' });
        return items.some((item) => item.spec.workload.manifests[0].metadata.name === 'marked') ? undefined : true;
      },
      15_000,
    );
    expect(await imageIn('marked')).toBe('nginx:2');
  });

  test('a restart of the one that has it changes nothing', async () => {
    const before = await member.client.get(LEASES, LEASE_NAME, { namespace: LEASE_NAMESPACE });
    await first.restart();
    await until('the new run manages it', async () => {
      const lease = await member.client.get(LEASES, LEASE_NAME, { namespace: LEASE_NAMESPACE });
      return lease.metadata.resourceVersion !== before.metadata.resourceVersion ? true : undefined;
    });
    const after = await member.client.get(LEASES, LEASE_NAME, { namespace: LEASE_NAMESPACE });
    expect(after.spec.acquireTime).toBe(before.spec.acquireTime);
    expect(memberOf(first, one)?.manager).toBeNull();
  });

  test('leaving gives the member to the one that has stood back', async () => {
    await first.federations.leave({ id: one.id });
    await until('the second one has recorded itself', async () => {
      const lease = await member.client.find(LEASES, LEASE_NAME, { namespace: LEASE_NAMESPACE });
      return lease?.spec.holderIdentity === two.id ? true : undefined;
    });
    await until('and says so', () => (memberOf(second, two)?.manager === null ? true : undefined));
    expect(await imageIn('marked')).toBe('nginx:2');
  });

  test('when nobody else wants it, no record stays', async () => {
    await second.federations.leave({ id: two.id });
    await until('the record is gone', async () =>
      (await member.client.find(LEASES, LEASE_NAME, { namespace: LEASE_NAMESPACE })) === null ? true : undefined,
    );
  });
});

function orNot<T>(value: T | null): T | undefined {
  return value ?? undefined;
}
