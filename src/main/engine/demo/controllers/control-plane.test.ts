import { expect, test } from 'vitest';
import type { ClusterProfile } from '../profiles/profile.ts';
import { controllerAccounts, controlPlaneHost, serverLeaseName } from './control-plane.ts';

test('a version has the accounts of its controllers', () => {
  expect(controllerAccounts(27)).toContain('ttl-controller');
  expect(controllerAccounts(27)).not.toContain('legacy-service-account-token-cleaner');
  expect(controllerAccounts(36)).toHaveLength(37);
});

test('the lease of an API server is named after its machine', () => {
  // What a server on a machine of this name calls its own.
  expect(serverLeaseName('vm')).toBe('apiserver-wlv32tlttr4jl3gtroqexyxapa');
  const node = (name: string, controlPlane: boolean) => ({ name, controlPlane });
  const profile = { name: 'demo-x', nodes: [node('a', false), node('b', true)] } as unknown as ClusterProfile;
  expect(controlPlaneHost(profile)).toBe('b');
  expect(controlPlaneHost({ ...profile, nodes: profile.nodes.slice(0, 1) })).toBe('demo-x-control-plane');
});
