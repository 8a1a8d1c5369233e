import { describe, expect, test } from 'vitest';
import { matchesNoProxy, proxyFor } from './proxy.ts';

const SERVER = 'https://api.prod.example.com:6443';

describe('choice of the proxy', () => {
  test('none without proxy-url and environment', () => {
    expect(proxyFor(SERVER, undefined, {})).toBeNull();
  });

  test('proxy-url wins over the environment and over NO_PROXY', () => {
    const env = { HTTPS_PROXY: 'http://env:1', NO_PROXY: '*' };
    expect(proxyFor(SERVER, 'socks5://user:pw@kube:1080', env)?.host).toBe('kube:1080');
  });

  test('the environment counts for its scheme, in either case, with or without scheme', () => {
    expect(proxyFor(SERVER, undefined, { HTTPS_PROXY: 'http://a:1' })?.host).toBe('a:1');
    expect(proxyFor(SERVER, undefined, { https_proxy: 'b:2' })?.href).toBe('http://b:2/');
    expect(proxyFor(SERVER, undefined, { HTTP_PROXY: 'http://a:1' })).toBeNull();
    expect(proxyFor('http://api:80', undefined, { HTTP_PROXY: 'http://a:1' })?.host).toBe('a:1');
  });

  test('an empty variable is none, and hides none', () => {
    expect(proxyFor(SERVER, undefined, { HTTPS_PROXY: '', https_proxy: 'http://b:2' })?.host).toBe('b:2');
    expect(proxyFor(SERVER, undefined, { https_proxy: 'http://b:2', NO_PROXY: '', no_proxy: '*' })).toBeNull();
  });

  test('loopback never goes through a proxy of the environment', () => {
    for (const server of ['https://127.0.0.1:6443', 'https://localhost:6443', 'https://[::1]:6443']) {
      expect(proxyFor(server, undefined, { HTTPS_PROXY: 'http://a:1' })).toBeNull();
    }
  });

  test('a proxy-url that is none is said to be wrong, without quoting it', () => {
    expect(() => proxyFor(SERVER, 'ftp://user:secret@x', {})).toThrowError(
      expect.objectContaining({ code: 'INVALID', message: expect.not.stringContaining('secret') }),
    );
    expect(() => proxyFor(SERVER, 'not a url', {})).toThrowError(expect.objectContaining({ code: 'INVALID' }));
  });
});

test.each([
  ['*', true],
  ['example.com', true],
  ['.example.com', true],
  ['*.example.com', true],
  ['prod.example.com', true],
  ['api.prod.example.com:6443', true],
  ['api.prod.example.com:443', false],
  ['other.com, example.com', true],
  ['ample.com', false],
  ['', false],
])('NO_PROXY=%s covers api.prod.example.com: %s', (noProxy, expected) => {
  expect(matchesNoProxy(new URL(SERVER), noProxy)).toBe(expected);
});

test.each([
  ['10.0.0.0/8', true],
  ['10.1.2.0/24', true],
  ['10.1.3.0/24', false],
  ['0.0.0.0/0', true],
  ['10.1.2.3', true],
  ['10.1.2.0/99', false],
])('NO_PROXY=%s covers 10.1.2.3: %s', (noProxy, expected) => {
  expect(matchesNoProxy(new URL('https://10.1.2.3'), noProxy)).toBe(expected);
});

test.each([
  ['2001:db8::/32', true],
  ['2001:db9::/32', false],
  ['2001:db8:0:0::7', true],
  ['[2001:db8::7]:6443', true],
  ['[2001:db8::7]:443', false],
  ['0.0.0.0/0', false],
  ['2001:db8::/129', false],
])('NO_PROXY=%s covers [2001:db8::7]:6443: %s', (noProxy, expected) => {
  expect(matchesNoProxy(new URL('https://[2001:db8::7]:6443'), noProxy)).toBe(expected);
});
