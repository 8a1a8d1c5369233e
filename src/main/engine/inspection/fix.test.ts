/** Patches: set where the finding said, in the object as it is now. */
import { describe, expect, test } from 'vitest';
import { fixed, managedBy } from './fix.ts';
import { container, deployment } from './testing.ts';

const CONTEXT = 'spec.template.spec.containers[0].securityContext';
const containersOf = (object: ReturnType<typeof fixed>) => object?.spec.template.spec.containers;

test('sets a value, makes what lies on the way, and leaves the original alone', () => {
  const object = deployment({ containers: [{ name: 'app', image: 'app' }] });
  const change = { field: `${CONTEXT}.capabilities.drop`, container: 'app', fix: { value: ['ALL'] } };
  expect(containersOf(fixed(object, [change]))).toEqual([
    { name: 'app', image: 'app', securityContext: { capabilities: { drop: ['ALL'] } } },
  ]);
  expect(containersOf(object)).toEqual([{ name: 'app', image: 'app' }]);
});

test('takes a field away when there is no value', () => {
  const object = deployment({ hostPID: true });
  const patched = fixed(object, [{ field: 'spec.template.spec.hostPID', container: '', fix: {} }]);
  expect(patched?.spec.template.spec).not.toHaveProperty('hostPID');
});

test('finds the container by its name, wherever it stands now', () => {
  const object = deployment({ containers: [{ name: 'new' }, container({ name: 'app' })] });
  const patched = fixed(object, [{ field: `${CONTEXT}.privileged`, container: 'app', fix: { value: false } }]);
  expect(containersOf(patched)[0]).toEqual({ name: 'new' });
  expect(containersOf(patched)[1].securityContext.privileged).toBe(false);
});

test('reaches keys with dots in quotes', () => {
  const change = { field: "metadata.labels['a.b/c']", container: '', fix: { value: 'x' } };
  expect(fixed(deployment({}), [change])?.metadata.labels).toEqual({ 'a.b/c': 'x' });
});

test.each([
  ['the container is gone', { field: `${CONTEXT}.privileged`, container: 'other', fix: { value: false } }],
  ['there is no such list', { field: 'spec.none[0].x', container: '', fix: { value: 1 } }],
  ['a value is in the way', { field: 'metadata.name.x', container: '', fix: { value: 1 } }],
])('nothing is patched when %s', (_, change) => {
  expect(fixed(deployment({}), [change])).toBeNull();
});

describe('who would take a change back', () => {
  test.each([
    ['Helm', { labels: { 'app.kubernetes.io/managed-by': 'Helm' } }],
    ['Argo CD', { annotations: { 'argocd.argoproj.io/tracking-id': 'x' } }],
    ['Flux', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'x' } }],
    ['Karmada', { labels: { 'karmada.io/managed': 'true' } }],
    [null, { labels: { app: 'x' } }],
  ])('%s', (who, metadata) => {
    expect(managedBy({ ...deployment({}), metadata })).toBe(who);
  });
});
