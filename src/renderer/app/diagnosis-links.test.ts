import { expect, test, vi } from 'vitest';

// The addresses' module keeps what was chosen last in the browser.
vi.stubGlobal('window', { localStorage: { getItem: () => null, setItem() {} } });
const { openDiagnosable } = await import('./diagnosis-links.ts');
const { resourcesRoute } = await import('./resource-links.ts');
const { parseRoute } = await import('./router.ts');

const target = { kind: 'cluster' as const, id: 'c1' };
const open = { target, namespace: 'shop', name: 'web' };
const asked = (change: Parameters<typeof resourcesRoute>[0]) =>
  openDiagnosable(parseRoute(resourcesRoute({ targets: [target], ...change })));

test('an open object of a kind that can be diagnosed is one, also of the kind that no address names', () => {
  const pods = { group: '', version: 'v1', resource: 'pods' };
  expect(asked({ resource: pods, open })).toEqual({ clusterId: 'c1', kind: 'Pod', namespace: 'shop', name: 'web' });
  expect(asked({ open })).toEqual({ clusterId: 'c1', kind: 'Deployment', namespace: 'shop', name: 'web' });
});

test('nothing open, a template of a federation and other kinds are none', () => {
  expect(asked({})).toBeNull();
  expect(asked({ open: { ...open, target: { kind: 'federation', id: 'f1' } } })).toBeNull();
  expect(asked({ resource: { group: '', version: 'v1', resource: 'secrets' }, open })).toBeNull();
  expect(openDiagnosable(parseRoute('#/clusters'))).toBeNull();
});
