import { expect, test } from 'vitest';
import { rewriteLinks } from './proxied-links.ts';

const PREFIX = '/api/v1/namespaces/a/services/web/proxy';
const through = (page: string) => rewriteLinks(page, PREFIX, '127.0.0.1:6443');

test.each([
  ['<a href="/rewriteme">test</a>', `<a href="${PREFIX}/rewriteme">test</a>`],
  ['<A HREF=/x class=b>t</A>', `<a href="${PREFIX}/x" class="b">t</A>`],
  ["<img src='/a.png?x=1&amp;y=2'/>", `<img src="${PREFIX}/a.png?x=1&amp;y=2"/>`],
  ['<form action="/go" data-x="/no">', `<form action="${PREFIX}/go" data-x="/no">`],
  ['<a href="next">', '<a href="next">'],
  ['<a href="https://example.com/x">', '<a href="https://example.com/x">'],
  ['<a href="//127.0.0.1:6443/x">', `<a href="//127.0.0.1:6443${PREFIX}/x">`],
  [`<a href="${PREFIX}/x">`, `<a href="${PREFIX}/x">`],
  [
    '<script src="/a.js">if (a < b) "<a href=\\"/x\\">"</script>',
    `<script src="${PREFIX}/a.js">if (a < b) "<a href=\\"/x\\">"</script>`,
  ],
  ['<!-- <a href="/x"> --><p>1 < 2</p>', '<!-- <a href="/x"> --><p>1 < 2</p>'],
  ['<input disabled>', '<input disabled="">'],
  ['<a href="/x', '<a href="/x'],
  ['', ''],
])('%s becomes %s', (page, expected) => {
  expect(through(page)).toBe(expected);
});

test('a page of nothing but openings is read in no time', () => {
  const page = '<a '.repeat(50_000);
  expect(through(page)).toBe(page);
});
