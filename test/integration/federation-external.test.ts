/**
 * A federation over a control plane that runs elsewhere. The other control plane is an embedded one of a second engine,
 * reached over TLS by its kubeconfig: it serves Karmada's API and runs its controllers; this engine runs none.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEYS, PROPAGATION_POLICIES, RESOURCE_BINDINGS } from '#engine/federation/api.ts';
import { LEASE_NAME, LEASE_NAMESPACE, LEASES } from '#engine/federation/management/lease.ts';
import type { Federation } from '#shared/contract/federations.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { DEPLOYMENTS, type Fixture, startFixture, startMember, until } from '../fixtures/federation.ts';

const inDefault = { namespace: 'default' };
const timing = { clusterStatus: { intervalMs: 100, thresholdMs: 100 } };
let hub: Fixture;
let desk: Fixture;
let theirs: Federation;
let kubeconfig: string;

beforeAll(async () => {
  const members = [await startMember('east'), await startMember('west')];
  hub = await startFixture(members, timing);
  desk = await startFixture(members, timing);
  theirs = await hub.federations.create({ name: 'hub-plane', fleetId: hub.fleetId });
  kubeconfig = readFileSync(theirs.kubeconfigPath!, 'utf8');
  await until('the members are ready', () =>
    hub.federations.list()[0]!.members.every(({ ready }) => ready) ? true : undefined,
  );
});
afterAll(async () => {
  await desk?.federations.close();
  await hub?.close();
});

function deployment(name: string, replicas: number): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
    },
  };
}

function policy(name: string): KubeObject {
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name, namespace: 'default' },
    spec: {
      resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name }],
      placement: {
        replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' },
      },
    },
  };
}

describe('a control plane that others run', () => {
  let external: Federation;

  test('is recognised by its kubeconfig before anything is made of it', async () => {
    const found = await desk.federations.inspectExternal({ kubeconfig });
    expect(found).toMatchObject({ problem: null, members: ['east', 'west'] });
    expect(found.controlPlane).toMatchObject({ karmada: '1.19', memberProxy: true, missing: [] });
    expect(found.controlPlane?.limits).toContain('decisionsNotRecorded');
  });

  test('a cluster that is no control plane is refused', async () => {
    const member = hub.members[0]!.server.kubeconfig();
    expect(await desk.federations.inspectExternal({ kubeconfig: member })).toMatchObject({
      controlPlane: null,
      problem: { code: 'NO_KARMADA' },
    });
    await expect(desk.federations.createExternal({ name: 'nothing', kubeconfig: member })).rejects.toMatchObject({
      code: 'NO_KARMADA',
    });
    expect(desk.federations.list()).toEqual([]);
  });

  test('becomes a federation of the console with the members it has', async () => {
    external = await desk.federations.createExternal({ name: 'outside', kubeconfig });
    expect(external).toMatchObject({ engine: 'external', state: 'running', kubeconfigPath: null });
    expect(external.members.map(({ name, ready, manager }) => ({ name, ready, manager }))).toEqual([
      { name: 'east', ready: true, manager: null },
      { name: 'west', ready: true, manager: null },
    ]);
    expect(external.external).toMatchObject({ server: theirs.server, karmada: '1.19' });
  });

  test('what is saved here is decided and dispatched there', async () => {
    const preview = await desk.federations.preview({
      federationId: external.id,
      template: deployment('web', 4),
      policy: policy('web'),
      overridePolicy: null,
    });
    expect(preview.clusters).toEqual([
      { name: 'east', replicas: 2 },
      { name: 'west', replicas: 2 },
    ]);
    await desk.federations.distribute({
      federationId: external.id,
      template: deployment('web', 4),
      policy: policy('web'),
      overridePolicy: null,
    });
    for (const member of hub.members)
      await until(`it runs in ${member.name}`, async () => {
        const found = await member.client.find(DEPLOYMENTS, 'web', inDefault);
        return found?.spec.replicas === 2 ? true : undefined;
      });
    await until('its rows show it', async () => {
      const abort = new AbortController();
      for await (const rows of desk.federations.workloads({ id: external.id }, abort.signal)) {
        const row = rows.find(({ name }) => name === 'web');
        if (row?.clusters.every(({ applied, readyReplicas }) => applied && readyReplicas === 2)) return true;
      }
      return undefined;
    });
  });

  test('none of our controllers runs on it', async () => {
    const mark = { namespace: LEASE_NAMESPACE };
    for (const member of hub.members)
      expect((await member.client.get(LEASES, LEASE_NAME, mark)).spec.holderIdentity).toBe(theirs.id);
    const bindings = await desk.federations.client(external.id).list(RESOURCE_BINDINGS);
    expect(bindings.items.map(({ metadata }) => metadata.name)).toEqual(['web-deployment']);
  });

  test('what it cannot do is said', async () => {
    const failover = { enabled: true, evictionTimeoutSeconds: 1, tolerationSeconds: 1 };
    const refused = { code: 'REFUSED' };
    await expect(desk.federations.update({ id: external.id, failover })).rejects.toMatchObject(refused);
    await expect(desk.federations.join({ id: external.id, fleetId: desk.fleetId })).rejects.toMatchObject(refused);
    await expect(desk.federations.leave({ id: external.id })).rejects.toMatchObject(refused);
  });

  test('forgetting it here takes nothing away there', async () => {
    await desk.federations.remove(external.id);
    expect(desk.federations.list()).toEqual([]);
    expect(await hub.federations.client(theirs.id).find(PROPAGATION_POLICIES, 'web', inDefault)).not.toBeNull();
    for (const member of hub.members)
      expect((await member.client.find(DEPLOYMENTS, 'web', inDefault))?.spec.replicas).toBe(2);
  });
});

describe('a federation that moves', () => {
  let moving: Federation;
  const weight = (name: string, value: number) => ({ targetCluster: { clusterNames: [name] }, weight: value });
  const weights = { staticWeightList: ['east', 'west'].map((name, index) => weight(name, index + 1)) };

  const now = (): Federation => desk.federations.list().find(({ id }) => id === moving.id)!;
  /** Identity and replicas of the workload in each member. */
  const inMembers = async () =>
    await Promise.all(
      hub.members.map(async ({ client }) => {
        const found = await client.find(DEPLOYMENTS, 'moved', inDefault);
        return [found?.metadata.uid, found?.spec.replicas];
      }),
    );
  const holder = async () =>
    (await hub.members[0]!.client.find(LEASES, LEASE_NAME, { namespace: LEASE_NAMESPACE }))?.spec.holderIdentity;

  async function settled(): Promise<Federation> {
    return await until(
      'the move is over',
      () => {
        const { move } = now();
        if (move?.error) throw new Error(`${move.step}: ${move.error.message}`);
        return move === null && now().state === 'running' ? now() : undefined;
      },
      90_000,
    );
  }

  beforeAll(async () => {
    moving = await desk.federations.create({ name: 'travel' });
    // The other one has joined the same clusters already: it stands back until they are handed over.
    await desk.federations.join({ id: moving.id, fleetId: desk.fleetId, managed: 'takeOver' });
    await until('the members are ready here', () =>
      now().members.length === 2 && now().members.every(({ ready, manager }) => ready && manager === null)
        ? true
        : undefined,
    );
    const placement = {
      replicaScheduling: {
        replicaSchedulingType: 'Divided',
        replicaDivisionPreference: 'Weighted',
        weightPreference: weights,
      },
    };
    const given = policy('moved');
    await desk.federations.distribute({
      federationId: moving.id,
      template: deployment('moved', 7),
      policy: { ...given, spec: { ...given.spec, placement } },
      overridePolicy: null,
    });
    await until('it runs', async () =>
      String((await inMembers()).map(([, replicas]) => replicas)) === '2,5' ? true : undefined,
    );
  });

  test('is planned first: what would be written, and nothing written yet', async () => {
    const plan = await desk.federations.planMove({ id: moving.id, to: 'external', target: { kubeconfig } });
    expect(plan.blocked).toEqual([]);
    expect(plan.members).toEqual([
      { name: 'east', state: 'ready' },
      { name: 'west', state: 'ready' },
    ]);
    const written = plan.objects
      .filter(({ name }) => name.startsWith('moved'))
      .map(({ kind, action }) => `${kind} ${action}`);
    expect(written).toEqual(['Deployment create', 'ResourceBinding create', 'PropagationPolicy create']);
    expect(await hub.federations.client(theirs.id).find(DEPLOYMENTS, 'moved', inDefault)).toBeNull();
    expect(now()).toMatchObject({ engine: 'embedded', move: null });
  });

  test('can be taken back after an interruption, and goes on as before', { timeout: 120_000 }, async () => {
    const before = await inMembers();
    await desk.federations.move({ id: moving.id, to: 'external', target: { kubeconfig } });
    await until('it has begun to write', async () =>
      (await hub.federations.client(theirs.id).find(DEPLOYMENTS, 'moved', inDefault)) === null ? undefined : true,
    );
    await desk.restart();
    expect(now().move?.running ?? false).toBe(false);
    // Unless the machine was faster than the interruption.
    if (now().engine === 'embedded') {
      await expect(desk.federations.leave({ id: moving.id })).rejects.toMatchObject({ code: 'FEDERATION_MOVING' });
      await desk.federations.takeBackMove({ id: moving.id });
      expect(await until('it runs here again', () => (now().state === 'running' ? now() : undefined))).toMatchObject({
        engine: 'embedded',
        move: null,
      });
      await until('it is the manager again', async () => ((await holder()) === moving.id ? true : undefined));
    }
    expect(await inMembers()).toEqual(before);
  });

  test('goes to the other control plane with its placements; nothing in a member is made anew', {
    timeout: 120_000,
  }, async () => {
    const before = await inMembers();
    if (now().engine === 'embedded')
      await desk.federations.move({ id: moving.id, to: 'external', target: { kubeconfig } });
    expect(await settled()).toMatchObject({ engine: 'external', fleetId: null, external: { server: theirs.server } });
    expect(await holder()).toBe(theirs.id);
    expect(await inMembers()).toEqual(before);
    // From now on it is that control plane which acts.
    await desk.federations.client(moving.id).patch(DEPLOYMENTS, 'moved', 'merge', { spec: { replicas: 9 } }, inDefault);
    await until('it is scaled there', async () =>
      String((await inMembers()).map(([, replicas]) => replicas)) === '3,6' ? true : undefined,
    );
  });

  test('comes back, and the one it leaves keeps its hands off', { timeout: 120_000 }, async () => {
    const before = await inMembers();
    // A policy that was written there does not tolerate lost members, as one that is written here does.
    const there = hub.federations.client(theirs.id);
    const off = { enabled: false, evictionTimeoutSeconds: 300, tolerationSeconds: 300 };
    await hub.federations.update({ id: theirs.id, failover: off });
    const intolerant = { spec: { placement: { clusterTolerations: null } } };
    await there.patch(PROPAGATION_POLICIES, 'moved', 'merge', intolerant, inDefault);
    await until('it is placed by that', async () => {
      const { metadata } = await there.get(RESOURCE_BINDINGS, 'moved-deployment', inDefault);
      return metadata.annotations?.[KEYS.appliedPlacement]?.includes('clusterTolerations') ? undefined : true;
    });
    const plan = await desk.federations.planMove({ id: moving.id, to: 'embedded' });
    expect(plan.blocked).toEqual([]);
    await desk.federations.move({ id: moving.id, to: 'embedded' });
    expect(await settled()).toMatchObject({ engine: 'embedded', fleetId: desk.fleetId });
    expect(await holder()).toBe(moving.id);
    expect(await inMembers()).toEqual(before);
    const left = await hub.federations.client(theirs.id).get(PROPAGATION_POLICIES, 'moved', inDefault);
    expect(left.spec).toMatchObject({ suspension: { dispatching: true }, preserveResourcesOnDeletion: true });
    const mine = await desk.federations.client(moving.id).get(PROPAGATION_POLICIES, 'moved', inDefault);
    expect(mine.spec.suspension).toBeUndefined();
    expect(mine.spec.placement.clusterTolerations).toBeUndefined();
    // What is deleted there is not deleted in the members.
    await hub.federations.client(theirs.id).delete(DEPLOYMENTS, 'moved', inDefault);
    await desk.federations.client(moving.id).patch(DEPLOYMENTS, 'moved', 'merge', { spec: { replicas: 6 } }, inDefault);
    await until('it is scaled here', async () =>
      String((await inMembers()).map(([, replicas]) => replicas)) === '2,4' ? true : undefined,
    );
    expect((await inMembers()).map(([uid]) => uid)).toEqual(before.map(([uid]) => uid));
  });
});
