import { expect, test } from 'vitest';
import { ago, causes, node, report, unscheduled } from '../testing.ts';

const hostname = (name: string, spec = {}) => node(name, { metadata: { labels: { host: name } }, spec });
const dedicated = hostname('n3', { taints: [{ key: 'dedicated', value: 'batch', effect: 'NoSchedule' }] });
const cordoned = hostname('n2', {
  unschedulable: true,
  taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }],
});
const message =
  "0/3 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/3 nodes are available: 3 x.";

test('a scheduler that does not say which taint: it is the one of the node that was asked for', () => {
  const [first] = report(unscheduled(message, { nodeSelector: { host: 'n3' } }), [
    hostname('n1'),
    cordoned,
    dedicated,
  ]).findings;
  expect(first).toMatchObject({
    cause: 'P-TAINT',
    sentence: { en: expect.stringContaining('dedicated=batch:NoSchedule') },
  });
  expect(causes(unscheduled(message, { nodeSelector: { host: 'n2' } }), [hostname('n1'), cordoned, dedicated])[0]).toBe(
    'P-CORDON',
  );
});

test('a pod that waits for a claim of devices is not passed over by its scheduler', () => {
  const waiting = unscheduled(
    '',
    { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] },
    { creationTimestamp: ago(300) },
  );
  waiting.status.conditions = [];
  expect(causes(waiting)).toEqual(['P-DRA']);
  waiting.spec.resourceClaims = [];
  expect(causes(waiting)).toEqual(['P-NOSCHED']);
});
