import { describe, expect, test } from 'vitest';
import { external, isOurs, isOwnFile } from './url-gate.ts';

describe('addresses of ours', () => {
  test.each(['app://fleetdeck/', 'app://fleetdeck/clusters?x=1#y'])('%s stays inside', (address) => {
    expect(isOurs(address)).toBe(true);
  });

  test.each([
    'app://fleetdeck.evil.example/',
    'app://evil/',
    'app://user@fleetdeck/',
    'app://fleetdeck:80/',
    'https://fleetdeck/',
    'file:///etc/passwd',
    'about:blank',
    'javascript:alert(1)',
    '',
  ])('%s does not', (address) => {
    expect(isOurs(address)).toBe(false);
  });
});

test.each([
  ['blob:app://fleetdeck/1b9d6bcd', true],
  ['blob:https://evil.example/1b9d6bcd', false],
  ['app://fleetdeck/index.html', false],
  ['https://evil.example/x', false],
])('%s is a file of ours: %s', (address, ours) => {
  expect(isOwnFile(address)).toBe(ours);
});

describe('addresses for the browser', () => {
  test('https is offered, in its parsed form', () => {
    expect(external('https://KUBERNETES.io/docs')?.host).toBe('kubernetes.io');
  });

  test.each([
    'http://example.com/',
    'file:///etc/passwd',
    'smb://host/share',
    'ms-msdt:/id',
    'vscode://x',
    'mailto:a@b.c',
    'https://user:password@example.com/',
    'javascript:alert(1)',
    'https://',
    'not an address',
  ])('%s is dropped', (address) => {
    expect(external(address)).toBeNull();
  });
});
