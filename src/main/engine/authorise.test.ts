import { expect, test } from 'vitest';
import { authorise } from './authorise.ts';

test.each([
  ['admin', 'clusters.register', 'write', true],
  ['admin', 'resources.remove', 'write', true],
  ['user', 'clusters.register', 'write', false],
  ['user', 'clusters.unregister', 'write', false],
  ['user', 'resources.remove', 'write', true],
  ['user', 'clusters.list', 'read', true],
  ['viewer', 'fleets.create', 'write', false],
  ['viewer', 'clusters.list', 'read', true],
] as const)('a %s asking for %s (%s): %s', (policy, path, effect, allowed) => {
  const ask = (): void => authorise({ name: 'op', policy }, { path, effect });
  if (allowed) expect(ask).not.toThrow();
  else expect(ask).toThrow(expect.objectContaining({ code: 'UNAUTHORISED', params: { action: path, policy } }));
});
