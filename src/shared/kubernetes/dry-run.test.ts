import { expect, test } from 'vitest';
import { asCountedBefore } from './dry-run.ts';

const object = (metadata: object, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', ...metadata },
  spec: { replicas },
});

test('of what a dry run made, what the server counts is as it was read, and the change is there', () => {
  const before = object({ resourceVersion: '5', generation: 1, labels: { tier: 'front' } }, 2);
  const after = object({ resourceVersion: '9', generation: 2, labels: {} }, 3);
  expect(asCountedBefore(before, after)).toEqual(object({ resourceVersion: '5', generation: 1, labels: {} }, 3));
});

test('what the object never had is not put there', () => {
  const after = object({ resourceVersion: '9' }, 3);
  expect(asCountedBefore(object({}, 2), after)).toEqual(after);
});
