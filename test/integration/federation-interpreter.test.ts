/** A kind that nobody built in is divided, watched and summed up as a customization says. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Binding,
  CLUSTERS,
  INTERPRETER_CUSTOMIZATIONS,
  PROPAGATION_POLICIES,
  RESOURCE_BINDINGS,
} from '#engine/federation/api.ts';
import type { KubeClient } from '#engine/kube/index.ts';
import type { Federation } from '#shared/contract/federations.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { type Fixture, startFixture, startMember, until } from '../fixtures/federation.ts';

const CRDS: ResourceRef = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
const FARMS: ResourceRef = { group: 'example.io', version: 'v1', resource: 'farms' };
const inDefault = { namespace: 'default' };

let fixture: Fixture;
let federation: Federation;
const client = (): KubeClient => fixture.federations.client(federation.id);
const member = (index: number): KubeClient => fixture.members[index]!.server.client('person');

function definition(): KubeObject {
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'farms.example.io' },
    spec: {
      group: 'example.io',
      scope: 'Namespaced',
      names: { plural: 'farms', singular: 'farm', kind: 'Farm', listKind: 'FarmList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } } },
        },
      ],
    },
  };
}

const farm: KubeObject = {
  apiVersion: 'example.io/v1',
  kind: 'Farm',
  metadata: { name: 'herd', namespace: 'default' },
  spec: { workers: 6, tools: [], template: { spec: { containers: [{ name: 'w', image: 'w' }] } } },
};

function customization(scripts: Record<string, string>): KubeObject {
  return {
    apiVersion: 'config.karmada.io/v1alpha1',
    kind: 'ResourceInterpreterCustomization',
    metadata: { name: 'farms' },
    spec: {
      target: { apiVersion: 'example.io/v1', kind: 'Farm' },
      customizations: Object.fromEntries(
        Object.entries(scripts).map(([operation, luaScript]) => [operation, { luaScript }]),
      ),
    },
  };
}

const scripts = {
  replicaResource:
    'function GetReplicas(obj) return obj.spec.workers, kube.accuratePodRequirements(obj.spec.template) end',
  replicaRevision: 'function ReviseReplica(obj, n) obj.spec.workers = n; return obj end',
  retention: 'function Retain(desired, observed) desired.spec.owner = observed.spec.owner; return desired end',
  statusReflection:
    'function ReflectStatus(obj) if obj.status == nil then return nil end return { busy = obj.status.busy } end',
  statusAggregation: `function AggregateStatus(desired, items)
    local sum = 0
    for i = 1, #items do if items[i].status ~= nil then sum = sum + items[i].status.busy end end
    if desired.status == nil then desired.status = {} end
    desired.status.busy = sum
    return desired
  end`,
  healthInterpretation:
    'function InterpretHealth(obj) return obj.status ~= nil and obj.status.busy == obj.spec.workers end',
  dependencyInterpretation: 'function GetDependencies(obj) return {} end',
};

beforeAll(async () => {
  fixture = await startFixture([await startMember('north'), await startMember('south')], {
    clusterStatus: { intervalMs: 50, thresholdMs: 100 },
  });
  federation = await fixture.federations.create({ name: 'unity', fleetId: fixture.fleetId });
  for (const one of [client(), member(0), member(1)]) await one.create(CRDS, definition());
});
afterAll(() => fixture?.close());

async function inMember(index: number): Promise<KubeObject | null> {
  try {
    return await member(index).find(FARMS, 'herd', inDefault);
  } catch {
    return null;
  }
}

describe('a customization', () => {
  test('that cannot be read is refused with the place of the mistake', async () => {
    const broken = customization({ ...scripts, retention: 'function Retain( end' });
    await expect(client().create(INTERPRETER_CUSTOMIZATIONS, broken)).rejects.toThrow(
      /spec\.customizations\.retention\.luaScript/,
    );
    const other = customization({ retention: 'function Another() end' });
    await expect(client().create(INTERPRETER_CUSTOMIZATIONS, other)).rejects.toThrow('defines no function Retain');
  });

  test('makes replicas of an unknown kind divisible', async () => {
    await client().create(INTERPRETER_CUSTOMIZATIONS, customization(scripts));
    await until('the kind is served', async () => {
      const kinds = await client().resources({ refresh: true });
      return kinds.some(({ resource }) => resource === 'farms') ? true : undefined;
    });
    // As in Karmada, what is placed once is not placed anew because another member serves the kind later.
    await until('both members are known to serve the kind', async () => {
      const { items } = await client().list(CLUSTERS);
      const serving = items.filter(({ status }) => JSON.stringify(status?.apiEnablements ?? []).includes('"Farm"'));
      return serving.length === 2 ? true : undefined;
    });
    await client().create(FARMS, farm, inDefault);
    await client().create(
      PROPAGATION_POLICIES,
      {
        apiVersion: 'policy.karmada.io/v1alpha1',
        kind: 'PropagationPolicy',
        metadata: { name: 'herd', namespace: 'default' },
        spec: {
          resourceSelectors: [{ apiVersion: 'example.io/v1', kind: 'Farm', name: 'herd' }],
          placement: {
            replicaScheduling: {
              replicaSchedulingType: 'Divided',
              replicaDivisionPreference: 'Weighted',
              weightPreference: {
                staticWeightList: [
                  { targetCluster: { clusterNames: ['north'] }, weight: 1 },
                  { targetCluster: { clusterNames: ['south'] }, weight: 2 },
                ],
              },
            },
          },
        },
      },
      inDefault,
    );
    await until(
      'each member has its part',
      async () => {
        const workers = [(await inMember(0))?.spec.workers, (await inMember(1))?.spec.workers];
        return workers[0] === 2 && workers[1] === 4 ? true : undefined;
      },
      45_000,
    );
    // What was an empty list is one again after its way through the script.
    expect((await inMember(0))?.spec.tools).toEqual([]);
  });

  test('keeps what the member owns, and sets everything else right', async () => {
    const changed = await member(0).get(FARMS, 'herd', inDefault);
    await member(0).update(FARMS, { ...changed, spec: { ...changed.spec, owner: 'me', workers: 9 } }, inDefault);
    await until('repaired', async () => {
      const { spec } = (await inMember(0)) as KubeObject;
      return spec.workers === 2 && spec.owner === 'me' ? true : undefined;
    });
  });

  test('sums up and judges the status', async () => {
    for (const [index, busy] of [
      [0, 2],
      [1, 3],
    ] as const) {
      const live = await member(index).get(FARMS, 'herd', inDefault);
      await member(index).update(
        FARMS,
        { ...live, status: { busy, noise: true } },
        { ...inDefault, subresource: 'status' },
      );
    }
    await until('the sum', async () =>
      (await client().get(FARMS, 'herd', inDefault)).status?.busy === 5 ? true : undefined,
    );
    const binding = await client().get<Binding>(RESOURCE_BINDINGS, 'herd-farm', inDefault);
    const items = binding.status?.aggregatedStatus?.map(({ clusterName, health, status }) => [
      clusterName,
      health,
      status,
    ]);
    expect(items).toEqual([
      ['north', 'Healthy', { busy: 2 }],
      ['south', 'Unhealthy', { busy: 3 }],
    ]);
  });

  test('is in force right after a restart: nothing is placed by other rules in between', async () => {
    const before = await client().get<Binding>(RESOURCE_BINDINGS, 'herd-farm', inDefault);
    await fixture.restart();
    await until('both members are ready', () =>
      fixture.federations.list()[0]?.members.every(({ ready }) => ready) ? true : undefined,
    );
    const after = await client().get<Binding>(RESOURCE_BINDINGS, 'herd-farm', inDefault);
    expect(after.spec.clusters).toEqual(before.spec.clusters);
    expect(after.metadata.generation).toBe(before.metadata.generation);
  });

  test('another one may not have the same operation of the same kind', async () => {
    const rival = { ...customization({ retention: scripts.retention }), metadata: { name: 'rival' } };
    await expect(client().create(INTERPRETER_CUSTOMIZATIONS, rival)).rejects.toThrow('farms has this operation');
  });

  test('that changes takes effect on what is there', async () => {
    const live = await client().get(INTERPRETER_CUSTOMIZATIONS, 'farms');
    live.spec.customizations.replicaRevision.luaScript =
      'function ReviseReplica(obj, n) obj.spec.workers = n; obj.spec.revised = true; return obj end';
    await client().update(INTERPRETER_CUSTOMIZATIONS, live);
    await until('the new rule reached the members', async () =>
      (await inMember(1))?.spec.revised === true ? true : undefined,
    );
  });
});
