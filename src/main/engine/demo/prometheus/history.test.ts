import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { Caches } from '../sim/world.ts';
import { MOST_IN_ALL, StateHistory } from './history.ts';

/** Deployments that all change before every reading. */
function restless(count: number) {
  let version = 0;
  const list = (): KubeObject[] =>
    Array.from({ length: count }, (_, index) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace: 'a', name: `d${index}`, uid: `u${index}`, resourceVersion: String(version) },
      spec: { replicas: version },
      status: {},
    }));
  const caches = new Proxy({} as Caches, {
    get: (_none, name) => (name === 'deployments' ? { list } : { list: () => [] }),
  });
  return { history: new StateHistory(caches), change: () => ++version };
}

const replicas = (history: StateHistory, at: number, now: number) =>
  history
    .series((metric) => metric === 'kube_deployment_spec_replicas', 0, now, now)
    .slice(0, 1)
    .map((series) => series.at(at));

test('every change is remembered, whatever else of the object stayed as it was', () => {
  const { history, change } = restless(1);
  for (let round = 0; round < 5; round++) {
    history.scrape(round * 1000);
    change();
  }
  expect([0, 1000, 3500].map((at) => replicas(history, at, 5000))).toEqual([[0], [1], [3]]);
});

test('where very much changes, the past is shorter', () => {
  const objects = 1000;
  const { history, change } = restless(objects);
  const rounds = MOST_IN_ALL / objects;
  let most = 0;
  for (let round = 0; round < rounds * 3; round++) {
    history.scrape(round * 1000);
    change();
    most = Math.max(most, history.size);
  }
  expect(most).toBeLessThanOrEqual(MOST_IN_ALL);
  expect(history.size).toBeGreaterThan(MOST_IN_ALL / 4);
  const last = rounds * 3;
  expect(replicas(history, (last - 2) * 1000, last * 1000)).toEqual([last - 2]);
});
