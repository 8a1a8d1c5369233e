import { expect, test } from 'vitest';
import { lines } from '../test-support.ts';
import { validateCidr, validateIp } from './net.ts';

test.each([
  ['10.0.0.1', null],
  ['fe80::1', null],
  ['010.0.0.1', 'must not have leading 0s'],
  ['::ffff:10.0.0.1', 'must not be an IPv4-mapped IPv6 address'],
  ['999.1.1.1', 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
])('address %s: %s', (text, problem) => {
  const expected = problem === null ? [] : [`a: Invalid value: ${JSON.stringify(text)}: ${problem}`];
  expect(lines(validateIp(text, 'a'))).toEqual(expected);
});

test.each([
  ['10.0.0.0/8', null],
  ['2001:db8::/64', null],
  ['10.0.0.1/8', 'must not have bits set beyond the prefix length'],
  ['010.0.0.0/8', 'must not have leading 0s in IP or prefix length'],
  ['10.0.0.0/08', 'must not have leading 0s in IP or prefix length'],
  ['::ffff:10.0.0.0/104', 'must not have an IPv4-mapped IPv6 address'],
  ['10.0.0.0/33', 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
])('range %s: %s', (text, problem) => {
  const expected = problem === null ? [] : [`a: Invalid value: ${JSON.stringify(text)}: ${problem}`];
  expect(lines(validateCidr(text, 'a'))).toEqual(expected);
});
