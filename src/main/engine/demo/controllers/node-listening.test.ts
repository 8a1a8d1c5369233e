/** Nodes that no machine stands behind: how long they count as healthy, and what is said of them then. */
import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { taintsFor } from '../profiles/node-conditions.ts';
import type { Condition } from '../sim/objects.ts';
import type { World } from '../sim/world.ts';
import { createListening, unknownConditions } from './node-listening.ts';

const CREATED = Date.parse('2026-05-04T10:00:00Z');
const GRACE_MS = 50_000;
const at = (seconds: number) => CREATED + seconds * 1000;
const text = (seconds: number) => new Date(at(seconds)).toISOString().replace('.000', '');
const node = (conditions?: object[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'hand', creationTimestamp: text(0) },
  status: conditions === undefined ? {} : { conditions },
});
const ready = (status: string, heartbeat: number) => ({ type: 'Ready', status, lastHeartbeatTime: text(heartbeat) });

function listen() {
  const state = { now: at(0), renewed: null as string | null };
  const find = async () => (state.renewed === null ? null : { spec: { renewTime: state.renewed } });
  const world = { pace: 1, now: () => state.now, clients: { manager: { find } } } as unknown as World;
  const listening = createListening(world, GRACE_MS);
  const silentAt = async (seconds: number, object: KubeObject) => {
    state.now = at(seconds);
    const due = await listening.silentAt(object);
    return due === null ? null : (due - CREATED) / 1000;
  };
  return { state, silentAt };
}

test('a status that is never posted is waited for a minute from the creation on', async () => {
  const { silentAt } = listen();
  expect(await silentAt(2, node())).toBe(60);
  expect(await silentAt(61, node())).toBe(60);
});

test('a posted status counts from when it is seen, the same one no second time', async () => {
  const { silentAt } = listen();
  await silentAt(1, node());
  expect(await silentAt(10, node([ready('True', 9)]))).toBe(60);
  expect(await silentAt(30, node([ready('False', 9)]))).toBe(60);
  expect(await silentAt(40, node([ready('True', 39)]))).toBe(90);
});

test('a lease that is renewed keeps the node alive', async () => {
  const { state, silentAt } = listen();
  await silentAt(10, node([ready('True', 9)]));
  state.renewed = text(55);
  expect(await silentAt(61, node([ready('True', 9)]))).toBe(105);
  expect(await silentAt(106, node([ready('True', 9)]))).toBe(105);
});

test('who is silent already is not waited for, and reports again when there is a new heartbeat', async () => {
  const { silentAt } = listen();
  await silentAt(10, node([ready('True', 9)]));
  expect(await silentAt(70, node([ready('Unknown', 9)]))).toBeNull();
  expect(await silentAt(80, node([ready('True', 9)]))).toBe(60);
  expect(await silentAt(80, node([ready('True', 79)]))).toBe(130);
});

test('conditions become unknown, those that never were there are told so, and the network is left to others', () => {
  const network = { type: 'NetworkUnavailable', status: 'False' };
  const found = unknownConditions(node([ready('True', 9), network]), at(60));
  expect(found.map(({ type, status, reason, message }) => [type, status, reason, message])).toEqual([
    ['Ready', 'Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.'],
    ['NetworkUnavailable', 'False', undefined, undefined],
    ...['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => [
      type,
      'Unknown',
      'NodeStatusNeverUpdated',
      'Kubelet never posted node status.',
    ]),
  ]);
  expect(found[0]).toMatchObject({ lastHeartbeatTime: text(9), lastTransitionTime: text(60) });
  expect(found[2]).toMatchObject({ lastHeartbeatTime: text(0), lastTransitionTime: text(60) });
});

test('taints follow what conditions say and leave others alone', () => {
  const keys = (conditions: object[], taints: object[] = []) =>
    taintsFor(conditions as Condition[], taints as never, at(0)).map(
      ({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`,
    );
  const born = [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }];
  expect(keys([], [...born, { key: 'mine', effect: 'NoSchedule' }])).toEqual(['mine:NoSchedule']);
  expect(keys([ready('Unknown', 0)], born)).toEqual(['unreachable:NoSchedule', 'unreachable:NoExecute']);
  expect(keys([ready('False', 0), { type: 'NetworkUnavailable', status: 'True' }])).toEqual([
    'network-unavailable:NoSchedule',
    'not-ready:NoSchedule',
    'not-ready:NoExecute',
  ]);
});
