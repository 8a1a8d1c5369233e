import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SearchAnswer } from '#shared/contract/search.ts';
import type { Target } from '#shared/contract/views.ts';
import { AppError } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type ApiServer, startApiServer } from '../apiserver/index.ts';
import type { KubeClient } from '../kube/index.ts';
import { createSearch } from './index.ts';

const servers: ApiServer[] = [];
const clients = new Map<string, KubeClient>();
const cluster = (id: string): Target => ({ kind: 'cluster', id });
let known: string[] = ['east', 'west'];
const search = createSearch({
  targets: () => known.map((id) => ({ target: cluster(id), name: id })),
  client({ id }) {
    const client = clients.get(id);
    if (client === undefined) throw new AppError('CLUSTER_UNREACHABLE', `${id} is away`);
    return client;
  },
  everyMs: 5,
});

beforeAll(async () => {
  for (const name of ['east', 'west']) {
    const server = await startApiServer({ dir: null, name });
    servers.push(server);
    clients.set(name, server.client('test'));
  }
  const [east, west] = [clients.get('east') as KubeClient, clients.get('west') as KubeClient];
  const put = (client: KubeClient, resource: string, object: KubeObject, group = '') =>
    client.create({ group, version: 'v1', resource }, object, { namespace: 'default' });
  // An owner that is not there would take the pod with it.
  const owner = await put(
    west,
    'replicasets',
    {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'rs-77' },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'x' } },
        template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
      },
    },
    'apps',
  );
  await put(east, 'pods', pod('cart-7f9c', 'registry.example/cart:2.1', { app: 'cart' }));
  await put(
    west,
    'pods',
    pod('payment-1', 'registry.example/pay:9', { app: 'payment', tier: 'cart' }, owner.metadata.uid),
  );
  await put(west, 'configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cart' } });
  await put(west, 'services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { ports: [{ port: 80 }], externalIPs: ['203.0.113.7'] },
  });
});
afterAll(async () => {
  search.close();
  for (const server of servers) await server.close();
});

function pod(name: string, image: string, labels: Record<string, string>, owner?: string): KubeObject {
  const owned = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs-77', uid: owner ?? '' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels, ...(owner === undefined ? {} : { ownerReferences: [owned] }) },
    spec: { containers: [{ name: 'c', image }] },
  };
}

async function find(query: string, targets: Target[] = []): Promise<SearchAnswer> {
  let last: SearchAnswer | undefined;
  for await (const answer of search.service.find({ query, targets, limit: 50 }, undefined)) last = answer;
  return last as SearchAnswer;
}
const names = ({ hits }: SearchAnswer) => hits.map(({ target, kind, name }) => `${target.id} ${kind} ${name}`);

describe('what a person remembers', () => {
  test.each([
    // The very name before names that begin with it, before what else says it.
    ['cart', ['west ConfigMap cart', 'east Pod cart-7f9c', 'west Pod payment-1']],
    ['CART kind:pod', ['east Pod cart-7f9c', 'west Pod payment-1']],
    ['kind:po cluster:west', ['west Pod payment-1']],
    ['registry.example/cart:2.1', ['east Pod cart-7f9c']],
    ['203.0.113.7', ['west Service web']],
    ['replicaset/rs-77 payment', ['west Pod payment-1']],
    ['label:tier=cart', ['west Pod payment-1']],
    ['cart ns:kube-system', []],
    ['nothing-like-this', []],
  ])('%s', async (query, found) => {
    const answer = await find(query);
    expect(names(answer)).toEqual(found);
    expect(answer.total).toBe(found.length);
    expect(answer.answered).toBe(answer.asked);
  });

  test('says why something was found that has another name', async () => {
    const { hits } = await find('registry.example/pay');
    expect(hits[0]).toMatchObject({ name: 'payment-1', because: 'image registry.example/pay:9' });
  });

  test('in the chosen clusters alone', async () => {
    expect(names(await find('cart', [cluster('east')]))).toEqual(['east Pod cart-7f9c']);
  });
});

test('a cluster that cannot be searched is named, and holds up no other', async () => {
  known = ['away', 'east', 'west'];
  const answer = await find('cart');
  known = ['east', 'west'];
  expect(answer.failed).toMatchObject([{ target: cluster('away'), error: { code: 'CLUSTER_UNREACHABLE' } }]);
  expect(answer.total).toBe(3);
});

test('the next letter is answered at once from what was read', async () => {
  await find('car');
  for await (const answer of search.service.find({ query: 'cart-7', targets: [], limit: 50 }, undefined)) {
    expect(names(answer)).toEqual(['east Pod cart-7f9c']);
    break;
  }
});

test('what is known is looked through once, however many answer', async () => {
  await find('cart');
  const answers: SearchAnswer[] = [];
  for await (const each of search.service.find({ query: 'cart', targets: [], limit: 50 }, undefined))
    answers.push(each);
  expect(new Set(answers.map(({ hits }) => hits)).size).toBe(1);
  expect(answers.at(-1)).toMatchObject({ total: 3 });
});

test('what has come in is told when all has, however seldom it is looked through before', async () => {
  const seldom = createSearch({
    targets: () => known.map((id) => ({ target: cluster(id), name: id })),
    client: ({ id }) => clients.get(id) as KubeClient,
    everyMs: 600_000,
  });
  let last: SearchAnswer | undefined;
  for await (const answer of seldom.service.find({ query: 'cart', targets: [], limit: 50 }, undefined)) last = answer;
  seldom.close();
  expect(last).toMatchObject({ total: 3 });
  expect(last?.answered).toBe(last?.asked);
});

test('values of Secrets are not searched', async () => {
  const data = { password: Buffer.from('hunter2').toString('base64') };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, data };
  await clients
    .get('east')
    ?.create({ group: '', version: 'v1', resource: 'secrets' }, secret, { namespace: 'default' });
  expect((await find(data.password)).total).toBe(0);
});
