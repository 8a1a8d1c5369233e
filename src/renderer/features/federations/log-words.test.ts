import { expect, test } from 'vitest';
import { subjectOf } from './log-words.ts';

const fleets = (id: string): string | undefined => (id === 'f1' ? 'shops' : undefined);
const of = (request: object): string => subjectOf(JSON.stringify(request), fleets);

test('an entry of the log says what it is about', () => {
  expect(of({ id: 'x', fleetId: 'f1' })).toBe('shops');
  expect(of({ id: 'x', fleetId: 'gone' })).toBe('gone');
  expect(of({ id: 'x', cluster: 'east', on: true })).toBe('east');
  expect(of({ clusterId: 'x', subject: 'ci', right: { kind: 'readOnly' } })).toBe('ci');
  expect(
    of({ federationId: 'x', template: { kind: 'Deployment', metadata: { namespace: 'shop', name: 'web' } } }),
  ).toBe('Deployment shop/web');
  expect(of({ id: 'x', objects: [{ kind: 'Service', namespace: 'shop', name: 'a' }, { name: 'b' }] })).toBe(
    'Service shop/a, b',
  );
  expect(of({ target: { kind: 'federation', id: 'x' }, namespace: 'shop', name: 'web' })).toBe('shop/web');
  expect(of({ id: 'x' })).toBe('');
  expect(subjectOf('{"kubeconfig":"cut o', fleets)).toBe('');
});
