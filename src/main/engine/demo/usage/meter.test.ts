import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { createProfile } from '../profiles/profile.ts';
import type { Cache } from '../sim/cache.ts';
import type { Caches } from '../sim/world.ts';
import { Meter } from './meter.ts';

const START = Date.UTC(2026, 0, 1);

function pod(name: string, ready: boolean): KubeObject {
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'web', controller: true };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name, ownerReferences: [owner] },
    spec: { containers: [{ name: 'c', image: 'nginx' }] },
    status: {
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ name: 'c', state: { running: { startedAt: new Date(START).toISOString() } } }],
    },
  };
}

/** A meter over the given pods of one workload with the load. */
function meterOf(pods: KubeObject[], load: string, now: () => number) {
  const set: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web', annotations: { 'demo.fleetdeck/load': load } },
  };
  const cache = (objects: KubeObject[]) =>
    ({ subscribe: () => () => undefined, byIndex: () => objects, get: () => objects[0] }) as unknown as Cache;
  const caches = { pods: cache(pods), statefulSets: cache([set]) } as unknown as Caches;
  return { set, meter: new Meter(createProfile({ index: 0, seed: 20 }), caches, now) };
}

test('a load that is shared adds up to the whole, whoever is just starting', () => {
  const pods = [pod('web-0', true), pod('web-1', true), pod('web-2', false)];
  const { meter } = meterOf(pods, 'total-cpu=900m', () => START);
  const cores = pods.map((one) => meter.pod(one, START + 60_000)[0]?.cpu);
  expect(cores).toEqual([0.45, 0.45, 0]);
});

test('a counter goes on from where it was when the load changes', () => {
  let now = START;
  const one = pod('web-0', true);
  const { meter, set } = meterOf([one], 'cpu=1', () => now);
  const used = (at: number) => meter.containers(one)[0]?.cpuSeconds(at);
  expect(used(START + 100_000)).toBeCloseTo(100);
  now = START + 100_000;
  set.metadata.annotations = { 'demo.fleetdeck/load': 'cpu=3' };
  expect(used(START + 110_000)).toBeCloseTo(130);
  // What was is not changed by what is.
  expect(used(START + 50_000)).toBeCloseTo(50);
});

test('requests are work on top of the load, in gauge and counter alike, and that of their container alone', () => {
  let now = START;
  const [one, other] = [pod('web-0', true), pod('web-1', true)];
  const { meter } = meterOf([one, other], 'cpu=100m', () => now);
  const container = one.spec.containers[0];
  for (let ms = 0; ms < 60_000; ms += 100) {
    now = START + ms;
    meter.answered(one, container, 0.02);
  }
  const [busy, idle] = [one, other].map((each) => meter.containers(each)[0]!);
  expect(busy!.cpu(START + 50_000)).toBeCloseTo(0.3);
  expect(busy!.cpuSeconds(START + 60_000)).toBeCloseTo(18);
  expect(idle!.cpu(START + 50_000)).toBeCloseTo(0.1);
});
