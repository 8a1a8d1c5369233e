import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { explain, firstDifference, lastingNode } from './install.mjs';
import { explained } from './lock.mjs';
import { inRoot, Stop } from './paths.mjs';

describe('whether packages have to be installed', () => {
  const wanted = {
    '': { version: '1.0.0' },
    'node_modules/a': { version: '1.0.0', integrity: 'x' },
    'node_modules/b/node_modules/c': { version: '2.0.0', integrity: 'y' },
    'node_modules/for-another-system': { version: '1.0.0', optional: true },
  };
  const { '': _root, 'node_modules/for-another-system': _optional, ...installed } = wanted;

  test('not when all are there, without those of other platforms', () => {
    expect(firstDifference(wanted, installed)).toBeNull();
    expect(firstDifference(wanted, { ...installed, 'node_modules/left-over': { version: '1.0.0' } })).toBeNull();
  });

  test('when one is missing, older, or of other content', () => {
    expect(firstDifference(wanted, { 'node_modules/a': wanted['node_modules/a'] })).toBe('c is missing');
    expect(firstDifference(wanted, { ...installed, 'node_modules/a': { version: '0.9.0', integrity: 'x' } })).toBe(
      'a is 0.9.0, not 1.0.0',
    );
    expect(
      firstDifference(wanted, { ...installed, 'node_modules/a': { version: '1.0.0', integrity: 'z' } }),
    ).not.toBeNull();
  });
});

test('the Node that installs is none that the installation removes', () => {
  const inside = path.join(inRoot('node_modules'), 'node', 'bin', 'node');
  expect(lastingNode({}, '/usr/bin/node')).toBe('/usr/bin/node');
  expect(lastingNode({ npm_node_execpath: '/usr/bin/node' }, inside)).toBe('/usr/bin/node');
  expect(lastingNode({ npm_node_execpath: inside }, inside)).toBe('node');
});

test.each([
  ['npm error code ENOTFOUND', 'registry cannot be reached'],
  ['npm error code ENOSPC', 'disk is full'],
  ['npm error code EACCES', 'cannot be written to by this user'],
  ['npm error code EUSAGE', 'its own words'],
])('a failed installation says what to do: %s', (output, words) => {
  expect(explain(output, 1)).toContain(words);
});

test('a checkout that cannot be written to, and a full disk, are said in words', () => {
  const failure = (/** @type {string} */ code) => explained(Object.assign(new Error(code), { code }));
  expect(failure('EACCES')).toBeInstanceOf(Stop);
  expect(failure('EROFS')).toMatchObject({ message: expect.stringContaining('cannot write to it') });
  expect(failure('ENOSPC')).toMatchObject({ message: expect.stringContaining('disk is full') });
  expect(failure('EBUSY')).not.toBeInstanceOf(Stop);
});
