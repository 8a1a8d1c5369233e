import { expect, test } from 'vitest';
import type { KubeClient } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { createEventRecorder } from './events.ts';

const ABOUT: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web', namespace: 'shop', uid: 'u1' },
};

function recorder() {
  const stored = new Map<string, KubeObject>();
  const client = {
    create: async (_ref: unknown, object: KubeObject) => {
      stored.set(object.metadata.name ?? '', object);
      return object;
    },
    patch: async (_ref: unknown, name: string, _type: unknown, change: object) => {
      const next = { ...stored.get(name), ...change } as KubeObject;
      stored.set(name, next);
      return next;
    },
  } as unknown as KubeClient;
  let at = Date.parse('2026-01-01T00:00:00Z');
  const events = createEventRecorder({ client, now: () => at, report: () => undefined });
  const told = () => [...stored.values()].map(({ message, count }) => `${count} ${message}`);
  return { events, told, later: (ms: number) => (at += ms) };
}

const failed = (message: string) => ({
  component: 'replicaset-controller',
  type: 'Warning' as const,
  reason: 'FailedCreate',
  message,
});

test('the same message again raises the count of the first event', async () => {
  const { events, told } = recorder();
  for (let i = 0; i < 3; i++) events.record(ABOUT, failed('no room'));
  await events.flush();
  await events.stop();
  expect(told()).toEqual(['3 no room']);
});

test('from the tenth message on that differs in nothing else they are one event, with the latest of them', async () => {
  const { events, told } = recorder();
  for (let i = 1; i <= 12; i++) events.record(ABOUT, failed(`no room for pod ${i}`));
  await events.flush();
  await events.stop();
  expect(told()).toHaveLength(10);
  expect(told().at(-1)).toBe('3 (combined from similar events): no room for pod 12');
});

test('messages of more than ten minutes ago are not similar any more', async () => {
  const { events, told, later } = recorder();
  for (let i = 1; i <= 9; i++) events.record(ABOUT, failed(`no room for pod ${i}`));
  later(11 * 60_000);
  events.record(ABOUT, failed('no room for pod 10'));
  await events.flush();
  await events.stop();
  expect(told().at(-1)).toBe('1 no room for pod 10');
});
