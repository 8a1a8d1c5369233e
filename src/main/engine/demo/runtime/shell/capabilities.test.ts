import { expect, test } from 'vitest';
import { capabilityLines } from './capabilities.ts';

const shown = (securityContext: object, user = 0) =>
  /CapPrm:\t(\w+)[\s\S]*CapBnd:\t(\w+)/.exec(capabilityLines({ securityContext }, user))?.slice(1);

test.each([
  // The two of the tutorial "Configure a Security Context".
  [{}, '00000000a80425fb'],
  [{ capabilities: { add: ['NET_ADMIN', 'SYS_TIME'] } }, '00000000aa0435fb'],
  [{ capabilities: { drop: ['ALL'] } }, '0000000000000000'],
  [{ capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } }, '0000000000000400'],
  [{ capabilities: { add: ['ALL'] } }, '000001ffffffffff'],
  [{ privileged: true }, '000001ffffffffff'],
])('%j', (context, bits) => {
  expect(shown(context)).toEqual([bits, bits]);
});

test('who is not root has none of what bounds it', () => {
  expect(shown({}, 1000)).toEqual(['0000000000000000', '00000000a80425fb']);
});
