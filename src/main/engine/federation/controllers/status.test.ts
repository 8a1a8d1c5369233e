import { expect, test } from 'vitest';
import { fullyApplied } from './status.ts';

const item = (clusterName: string, applied: boolean) => ({ clusterName, applied });

test('a binding is fully applied when every target has it', () => {
  expect(fullyApplied(['a', 'b'], [item('a', true), item('b', true)])).toMatchObject({ status: 'True' });
  expect(fullyApplied(['a', 'b'], [item('a', true), item('b', false)])).toMatchObject({
    status: 'False',
    reason: 'FullyAppliedFailed',
  });
  expect(fullyApplied(['a', 'b'], [item('a', true)])).toMatchObject({ status: 'False' });
});

test('one that was never placed says nothing of it, one that lost all its targets does', () => {
  expect(fullyApplied([], [])).toBeNull();
  const before = [{ type: 'FullyApplied', status: 'True' as const }];
  expect(fullyApplied([], [], before)).toMatchObject({ status: 'False' });
});
