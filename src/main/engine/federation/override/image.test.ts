import { describe, expect, test } from 'vitest';
import { changeImage, formatImage, parseImage } from './image.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
function changed(image: string, component: string, operator: string, value = ''): string {
  const parts = parseImage(image);
  if (parts === null) throw new Error('not an image');
  return formatImage(changeImage(parts, component, operator, value));
}

describe('image references', () => {
  test.each([
    ['nginx', { registry: '', repository: 'nginx', tag: '', digest: '' }],
    ['library/nginx:1', { registry: '', repository: 'library/nginx', tag: '1', digest: '' }],
    ['localhost/a', { registry: 'localhost', repository: 'a', tag: '', digest: '' }],
    [
      'registry.example.com:5000/team/app:v1',
      { registry: 'registry.example.com:5000', repository: 'team/app', tag: 'v1', digest: '' },
    ],
    [`a/b@${DIGEST}`, { registry: '', repository: 'a/b', tag: '', digest: DIGEST }],
    [`a/b:v1@${DIGEST}`, { registry: '', repository: 'a/b', tag: 'v1', digest: '' }],
  ])('%s is taken apart', (image, parts) => {
    expect(parseImage(image)).toEqual(parts);
  });

  test.each(['', 'Nginx', 'a b', 'nginx:', 'a@sha256:12', '-a'])('%j is refused', (image) => {
    expect(parseImage(image)).toBeNull();
  });

  test.each([
    ['nginx:1', 'Registry', 'replace', 'r.io', 'r.io/nginx:1'],
    ['gcr.io/a', 'Registry', 'add', '.cn', 'gcr.io.cn/a'],
    ['gcr.io/a', 'Registry', 'remove', '', 'a'],
    ['gcr.io/a:1', 'Repository', 'replace', 'b/c', 'gcr.io/b/c:1'],
    ['a:1', 'Tag', 'add', '-rc', 'a:1-rc'],
    ['a:1', 'Tag', 'replace', DIGEST, `a@${DIGEST}`],
    [`a@${DIGEST}`, 'Tag', 'replace', '2', 'a:2'],
    ['a:1', 'Tag', 'replace', 'no tag!', 'a:1'],
    ['a:1', 'Tag', 'remove', '', 'a'],
  ])('%s, %s %s %s gives %s', (image, component, operator, value, expected) => {
    expect(changed(image, component, operator, value)).toBe(expected);
  });
});
