import { expect, test } from 'vitest';
import { dropGated } from './gated.ts';

test('a lifecycle goes with the signal when it says nothing else, and stays as it was sent otherwise', () => {
  const preStop = { exec: { command: ['true'] } };
  const spec = {
    containers: [
      { name: 'a', lifecycle: { stopSignal: 'SIGINT' } },
      { name: 'b', lifecycle: { stopSignal: 'SIGINT', preStop } },
      { name: 'c', lifecycle: {} },
    ],
  };
  dropGated(spec);
  expect(spec.containers).toEqual([{ name: 'a' }, { name: 'b', lifecycle: { preStop } }, { name: 'c', lifecycle: {} }]);
});
