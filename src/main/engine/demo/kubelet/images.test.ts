import { describe, expect, test } from 'vitest';
import { readCommand } from './behaviour.ts';
import { parseImage, pullError, pullPolicy } from './images.ts';

describe('image references', () => {
  test.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27'],
    ['bitnami/redis:7', 'docker.io/bitnami/redis:7'],
    ['registry.local:5000/a/b', 'registry.local:5000/a/b:latest'],
    ['ghcr.io/example/cart:2.4.1', 'ghcr.io/example/cart:2.4.1'],
  ])('%s is %s', (image, full) => {
    expect(parseImage(image)?.full).toBe(full);
  });
  test.each(['', 'Nginx', 'nginx:', 'a b', 'nginx@sha256:12', '../x'])('%j is none', (image) => {
    expect(parseImage(image)).toBeNull();
  });
  test('a long hostile name is answered at once', () => {
    const started = performance.now();
    parseImage(`${'a-'.repeat(5000)}!`);
    parseImage(`${'a/'.repeat(5000)}!`);
    expect(performance.now() - started).toBeLessThan(500);
  });
  test('missing are names that say so, and those that Docker Hub does not have', () => {
    const errorOf = (image: string) => pullError(parseImage(image) ?? expect.fail(image));
    expect(errorOf('nginx:1.27')).toBeNull();
    expect(errorOf('nginx:does-not-exist')).toContain('not found');
    expect(errorOf('nonexistent:1')).toContain('pull access denied');
    // Docker Hub has few names without an owner; whose own registry has what is nobody's to know.
    expect(errorOf('ngnix:1.27')).toContain('"docker.io/library/ngnix:1.27": pull access denied');
    expect(errorOf('registry.example.com/ngnix:1.27')).toBeNull();
    expect(errorOf('somebody/ngnix')).toBeNull();
    expect(errorOf('ghcr.io/example/that-doesnt-exist')).toMatch(/: not found$/);
  });
  test('no registry is on a node itself, nor behind a name that is kept for none', () => {
    const errorOf = (image: string) => pullError(parseImage(image) ?? expect.fail(image));
    expect(errorOf('localhost:5000/shop/web:1')).toMatch(
      /: failed to do request: Head "http:\/\/localhost:5000\/v2\/shop\/web\/manifests\/1": dial tcp \[::1\]:5000: connect: connection refused$/,
    );
    expect(errorOf('localhost/web')).toContain('Head "https://localhost/v2/web/manifests/latest": dial tcp [::1]:443:');
    expect(errorOf('127.0.0.1:5000/web')).toContain('dial tcp 127.0.0.1:5000: connect: connection refused');
    expect(errorOf('registry.invalid/web')).toContain('lookup registry.invalid on 10.0.0.2:53: no such host');
    expect(errorOf('registry.local:5000/web')).toBeNull();
  });
  test.each([
    ['nginx:1.161', false],
    ['nginx:1.16.1', true],
    ['nginx', true],
    ['nginx:alpine', true],
    ['nginx:1', true],
    ['busybox:1.28', true],
    ['gcr.io/google-samples/kubernetes-bootcamp:v2', true],
    ['gcr.io/google-samples/kubernetes-bootcamp:v10', false],
    ['registry.example/nginx:1.161', true],
  ])('a tag that a tutorial lets its readers mistype: %s can be pulled: %s', (image, there) => {
    const error = pullError(parseImage(image)!);
    expect(error === null).toBe(there);
    if (!there) expect(error).toMatch(/: not found$/);
  });

  test('the pull policy defaults by tag', () => {
    expect([pullPolicy({ image: 'nginx' }), pullPolicy({ image: 'nginx:1' })]).toEqual(['Always', 'IfNotPresent']);
    expect(pullPolicy({ image: 'nginx', imagePullPolicy: 'Never' })).toBe('Never');
  });
});

test.each([
  ['sh -c sleep 5', { runsFor: 5, exitCode: 0 }],
  ['sleep 2m', { runsFor: 120, exitCode: 0 }],
  ['sh -c sleep 1; exit 3', { runsFor: 1, exitCode: 3 }],
  ['sleep infinity', { runsFor: Number.POSITIVE_INFINITY, exitCode: 0 }],
  ['while true; do date; sleep 1; done', { runsFor: Number.POSITIVE_INFINITY, exitCode: 0 }],
  ['/bin/false', { runsFor: 0.5, exitCode: 1 }],
  ['nginx -g daemon off;', null],
])('the command %j', (command, expected) => {
  expect(readCommand(command)).toEqual(expected);
});
