import { expect, test } from 'vitest';
import type { ResourceInfo } from '#shared/kubernetes/types.ts';
import type { KubeClient } from '../../kube/index.ts';
import { type Binding, RESOURCE_BINDINGS } from '../api.ts';
import { problemsIn } from './verify.ts';

interface Seen {
  clusters?: { name: string; replicas?: number }[];
  applied?: boolean;
  suspended?: boolean;
  message?: string;
}

function binding({ clusters = [{ name: 'east', replicas: 2 }], applied, suspended, message }: Seen): Binding {
  return {
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: 'ResourceBinding',
    metadata: { name: 'web-deployment', namespace: 'shop' },
    spec: {
      resource: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' },
      clusters,
      ...(suspended ? { suspension: { dispatching: true } } : {}),
    },
    status: {
      conditions: applied === undefined ? [] : [{ type: 'FullyApplied', status: applied ? 'True' : 'False' }],
      aggregatedStatus: message === undefined ? [] : [{ clusterName: 'east', applied: false, appliedMessage: message }],
    },
  } as unknown as Binding;
}

/** What is found wrong when `source` moved and `target` lies in the new control plane. */
function problems(source: Seen, target: Seen | null, elsewhere = false): Promise<string[]> {
  const client = {
    list: async (resource: unknown) => ({
      items: resource === RESOURCE_BINDINGS && target !== null ? [binding(target)] : [],
    }),
  } as unknown as KubeClient;
  const moved = { stage: 'bindings' as const, source: binding(source), info: {} as ResourceInfo };
  return problemsIn([moved], client, elsewhere);
}

test('a binding has to be there, placed as before, and applied', async () => {
  expect(await problems({ applied: true }, { applied: true })).toEqual([]);
  expect(await problems({ applied: true }, null)).toEqual(['shop/web-deployment: not there']);
  expect(await problems({ applied: true }, { clusters: [{ name: 'west', replicas: 2 }], applied: true })).toEqual([
    'shop/web-deployment: placed on west:2 instead of east:2',
  ]);
  expect(await problems({ applied: true }, {})).toEqual(['shop/web-deployment: not applied yet']);
  expect(await problems({ applied: true }, { applied: false, message: 'quota' })).toEqual([
    'shop/web-deployment: east: quota',
  ]);
});

test.each<[string, Seen]>([
  ['was not applied before either', { applied: false }],
  ['was never reported on', {}],
  ['is suspended on purpose', { applied: true, suspended: true }],
  ['is placed nowhere', { applied: true, clusters: [] }],
])('nobody waits for what %s', async (_, source) => {
  expect(await problems(source, { ...source, applied: false, message: 'image not allowed' })).toEqual([]);
});

test('another placement is accepted where it is applied, once a person has seen it', async () => {
  const west = { clusters: [{ name: 'west', replicas: 2 }] };
  expect(await problems({ applied: true }, { ...west, applied: true }, true)).toEqual([]);
  expect(await problems({ applied: true }, west, true)).toEqual(['shop/web-deployment: not applied yet']);
  expect(await problems({ applied: true }, null, true)).toEqual(['shop/web-deployment: not there']);
});
