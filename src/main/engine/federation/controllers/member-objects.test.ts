import { expect, test } from 'vitest';
import type { FederationContext } from './context.ts';
import { watchMemberObjects } from './member-objects.ts';

test('once it has ended, a reconciliation that still runs starts no watch', async () => {
  const asked: string[] = [];
  const members = {
    client(name: string): never {
      asked.push(name);
      throw new Error('no member is asked');
    },
  };
  const objects = watchMemberObjects({ members } as unknown as FederationContext);
  await objects.stop();
  expect(() => objects.watch('east', { group: 'apps', version: 'v1', resource: 'deployments' })).toThrow(
    expect.objectContaining({ code: 'CANCELLED' }),
  );
  expect(asked).toEqual([]);
});
