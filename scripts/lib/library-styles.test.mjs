import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { keepUsed, usedComponents } from './library-styles.ts';
import { inRoot } from './paths.mjs';

const components = new Set(['button', 'input', 'input-number', 'date-picker', 'table']);
/** @param {string} css @param {string[]} used */
const kept = (css, ...used) => keepUsed(css, components, new Set(used)).replaceAll(/\s+/g, '');

test('rules of components that are not used go, others stay', () => {
  const css = '.ant-btn{a:b}.ant-picker-cell{a:b}.ant-input{a:b}.ours{a:b}';
  expect(kept(css, 'button')).toBe('.ant-btn{a:b}.ours{a:b}');
  expect(kept(css, 'date-picker', 'input')).toBe('.ant-picker-cell{a:b}.ant-input{a:b}.ours{a:b}');
});

test('the longest name of a component decides', () => {
  const css = '.ant-input-number-handler{a:b}.ant-input-affix-wrapper{a:b}';
  expect(kept(css, 'input')).toBe('.ant-input-affix-wrapper{a:b}');
  expect(kept(css, 'input-number')).toBe('.ant-input-number-handler{a:b}');
});

test('a list of selectors keeps those that can match', () => {
  expect(kept('.ant-btn,.ant-table td,.ant-btn .ant-picker{a:b}', 'button')).toBe('.ant-btn{a:b}');
});

test('what is excluded or an alternative does not decide', () => {
  const css = '.ant-btn:not(.ant-table:is(.a,.b)){a:b}:where(.ant-picker,.ant-btn) a{a:b}';
  expect(kept(css, 'button')).toBe(css.replaceAll(' ', ''));
});

test('what nothing is left in goes too; movements and names it does not know stay', () => {
  const css = '@media print{.ant-table{a:b}}@keyframes ant-x{from{a:b}to{a:b}}.ant-motion-x{a:b}';
  expect(kept(css, 'button')).toBe('@keyframesant-x{from{a:b}to{a:b}}.ant-motion-x{a:b}');
});

test('components are those that are imported, with those that these show', () => {
  const antd = inRoot('node_modules', 'antd', 'es');
  const folder = mkdtempSync(path.join(tmpdir(), 'library-styles-'));
  const source = path.join(folder, 'Page.tsx');
  writeFileSync(source, "import { Select, type TableProps } from 'antd';\nexport const page = <Select />;\n");
  const used = usedComponents(antd, [source]);
  rmSync(folder, { recursive: true });
  // An empty list of a Select shows Empty.
  expect([...used]).toEqual(expect.arrayContaining(['select', 'empty']));
  expect(used).not.toContain('table');
});
