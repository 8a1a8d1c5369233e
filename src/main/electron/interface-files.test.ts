import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answer } from './interface-files.ts';

let root: string;
let dir: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'fleetdeck-app-'));
  dir = path.join(root, 'renderer');
  mkdirSync(path.join(dir, 'assets'), { recursive: true });
  writeFileSync(path.join(dir, 'index.html'), '<meta nonce="__CSP_NONCE__">');
  writeFileSync(path.join(dir, 'assets', 'app-12345678.js'), 'export {};');
  writeFileSync(path.join(root, 'secret.js'), 'outside');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the app:// protocol', () => {
  test('serves the page with a nonce under a policy that allows only ourselves', async () => {
    const response = await answer('app://fleetdeck/clusters', 'GET', dir);
    const nonce = /nonce="([\w-]{20,})"/.exec(await response.text())?.[1];
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`'nonce-${nonce}'`);
    expect(policy).not.toContain('unsafe-eval');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('serves files with their type', async () => {
    const response = await answer('app://fleetdeck/assets/app-12345678.js', 'GET', dir);
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(await response.text()).toBe('export {};');
  });

  test.each([
    'app://fleetdeck/..%2fsecret.js',
    'app://fleetdeck/%2e%2e/secret.js',
    'app://fleetdeck/assets/..%5c..%5csecret.js',
    'app://fleetdeck//secret.js',
    'app://fleetdeck/missing.js',
    'app://other/index.html',
    'https://fleetdeck/index.html',
  ])('%s gets nothing', async (address) => {
    const response = await answer(address, 'GET', dir);
    expect([403, 404]).toContain(response.status);
    expect(await response.text()).toBe('');
  });

  test('nothing can be sent to it', async () => {
    expect((await answer('app://fleetdeck/', 'POST', dir)).status).toBe(403);
  });
});
