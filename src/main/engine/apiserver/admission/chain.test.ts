import { expect, test } from 'vitest';
import { RbacAuthorizer } from '../auth/rbac.ts';
import { anyChance } from '../chance.ts';
import { createKindRegistry } from '../kinds/index.ts';
import { openMemory } from '../storage/memory.ts';
import { ObjectStore } from '../storage/store.ts';
import { admissionChain, PLUGIN_NAMES, unknownPlugins } from './index.ts';

function chain(disabled: readonly string[]): string[] {
  const store = new ObjectStore(openMemory());
  const authorizer = new RbacAuthorizer(store);
  const rest = { chance: anyChance, more: [], registry: createKindRegistry(), onError: () => undefined };
  return admissionChain({ store, authorizer, disabled, ...rest }).map(({ name }) => name);
}

test('every name that can be left out takes something out of the chain', () => {
  // Two run inside of the one that asks policies and webhooks in turn, and are seen there.
  const inside = ['MutatingAdmissionPolicy', 'MutatingAdmissionWebhook'];
  const all = chain([]);
  expect(PLUGIN_NAMES.filter((name) => !all.includes(name) && !inside.includes(name))).toEqual([]);
  // What nobody can leave out belongs to the server itself; that roles give no more than one has bears no name.
  const kept = [...new Set(chain(PLUGIN_NAMES))].sort();
  expect(kept).toEqual(['', 'MutatingAdmission', 'ResourceClaimAdminAccess', 'ServiceAllocator']);
  expect(unknownPlugins(['ServiceAccount', 'ServiceAccounts'])).toEqual(['ServiceAccounts']);
});
