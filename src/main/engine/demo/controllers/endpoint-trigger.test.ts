import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { TRIGGER_TIME, TriggerTimes, withTrigger } from './endpoint-trigger.ts';

const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`;
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's', namespace: 'd', creationTimestamp: at(1) },
} as KubeObject;
function pod(uid: string, second?: number): KubeObject {
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: second === undefined ? undefined : at(second) };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { uid },
    status: second === undefined ? {} : { conditions: [ready] },
  };
}

test('the oldest change that was not seen before is told of', () => {
  const times = new TriggerTimes();
  expect(times.next(service, [pod('a', 5), pod('b')])).toBe(at(1));
  expect(times.next(service, [pod('a', 5), pod('b')])).toBeUndefined();
  expect(times.next(service, [pod('a', 9), pod('b', 7)])).toBe(at(7));
  // A pod that has gone says nothing.
  expect(times.next(service, [pod('a', 9)])).toBeUndefined();
  times.forget('d/s');
  expect(times.next(service, [])).toBe(at(1));
});

test('the annotation stands beside others, and goes where there is no time', () => {
  expect(withTrigger({ a: 'b' }, at(2))).toEqual({ a: 'b', [TRIGGER_TIME]: at(2) });
  expect(withTrigger({ a: 'b', [TRIGGER_TIME]: at(2) }, undefined)).toEqual({ a: 'b' });
  expect(withTrigger({ [TRIGGER_TIME]: at(2) }, undefined)).toBeUndefined();
});
