import { expect, test } from 'vitest';
import { conversionProblem } from './conversion.ts';
import { message } from './fields.ts';

const said = (id: string, value: unknown) => conversionProblem(message(id)!, value);

test.each([
  ['core.Node', { spec: { unschedulable: 1 } }, 'unrecognized type: bool'],
  ['core.ConfigMap', { data: { a: 5 } }, 'cannot convert int64 to string'],
  ['core.ConfigMap', { data: { a: true } }, 'unrecognized type: string'],
  ['core.ConfigMap', { data: ['a'] }, 'cannot restore map from slice'],
  ['apps.Deployment', { spec: [] }, 'cannot restore struct from: slice'],
  ['apps.Deployment', { spec: { replicas: 1.5 } }, 'cannot convert float64 to int32'],
  ['apps.Deployment', { spec: { replicas: '2' } }, 'unrecognized type: int32'],
  ['core.Pod', { spec: { containers: { name: 'a' } } }, 'cannot restore slice from map'],
])('%s %j: %s', (id, value, problem) => {
  expect(said(id, value)).toBe(problem);
});

test('what fits, and what is not there, is no problem', () => {
  expect(said('apps.Deployment', { spec: { replicas: 2, paused: null, template: {} } })).toBeNull();
});
