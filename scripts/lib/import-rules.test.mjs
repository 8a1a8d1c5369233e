import { describe, expect, test } from 'vitest';
import { checkImports } from './import-rules.mjs';

/** Messages for a set of files; files that are imported and not given do not exist. */
function check(/** @type {Record<string, string>} */ files) {
  return checkImports(new Map(Object.entries(files)), () => false).map(({ file, message }) => `${file}: ${message}`);
}

describe('who may import whom', () => {
  test('what the architecture allows passes', () => {
    expect(
      check({
        'src/shared/errors.ts': 'export const a = 1;',
        'src/renderer/app/main.tsx': "import { a } from '#shared/errors.ts'; import React from 'react';",
        'src/main/engine/types.ts': "export type { A } from '../../shared/errors.ts';",
        'src/main/engine/store/index.ts': "export { db } from './db.ts';",
        'src/main/engine/store/db.ts': "import D from 'better-sqlite3'; export const db = D;",
        'src/main/engine/audit/index.ts': "import { db } from '#engine/store/index.ts'; export const log = db;",
        'src/main/engine/engine.ts': "import { log } from './audit/index.ts'; export const engine = log;",
        'src/main/cli/main.ts': "const { engine } = await import('../engine/engine.ts');",
        'src/main/electron/main.ts': "import { app } from 'electron';",
      }),
    ).toEqual([]);
  });

  test.each([
    ['renderer may not import engine', 'src/renderer/app/x.ts', "import '../../main/engine/engine.ts';"],
    ['shared may not import engine', 'src/shared/x.ts', "export * from '#engine/engine.ts';"],
    ['engine may not import cli', 'src/main/engine/store/x.ts', "import '#main/cli/main.ts';"],
    ['engine may not import electron', 'src/main/engine/x.ts', "await import('../electron/main.ts');"],
    ['loopback may not import cli', 'src/main/loopback/x.ts', "import '../cli/main.ts';"],
    ['only in src/main/electron/', 'src/main/engine/store/x.ts', "import { app } from 'electron';"],
    ['only in src/renderer/ui/', 'src/renderer/app/x.tsx', "import { Button } from 'antd';"],
    ['only "import type"', 'src/renderer/app/x.ts', "import { clusterSchema } from '#shared/contract/clusters.ts';"],
    ['shared runs in a browser', 'src/shared/x.ts', "import fs from 'node:fs';"],
    ['write "node:fs"', 'src/main/cli/x.ts', "import fs from 'fs';"],
    ['names no file', 'src/main/cli/x.ts', "import './missing';"],
    ['store is used only through its index.ts', 'src/main/engine/audit/x.ts', "import '../store/db.ts';"],
    ['store is used only through its index.ts', 'src/main/cli/x.ts', "import type { A } from '#engine/store/db.ts';"],
    ['store is used only through its index.ts', 'src/main/engine/audit/x.ts', "import { T } from '../store/types.ts';"],
    ['areas may not import engine.ts', 'src/main/engine/audit/x.ts', "import '../engine.ts';"],
    ['is a test', 'src/shared/x.ts', "import './y.test.ts';"],
  ])('a deliberate violation is found: %s', (message, file, text) => {
    const problems = check({
      'src/main/engine/engine.ts': '',
      'src/main/engine/store/db.ts': '',
      'src/main/engine/store/types.ts': '',
      'src/main/cli/main.ts': '',
      'src/main/electron/main.ts': '',
      'src/shared/contract/clusters.ts': '',
      'src/shared/y.test.ts': '',
      [file]: text,
    });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(message);
  });

  test("another area's types.ts may be named as a type", () => {
    const files = {
      'src/main/engine/store/types.ts': 'export interface T {}',
      'src/main/engine/audit/x.ts': "import type { T } from '../store/types.ts'; export type { T };",
    };
    expect(check(files)).toEqual([]);
  });

  test('a cycle is found through any number of files and through re-exports', () => {
    const problems = check({
      'src/shared/a.ts': "import './b.ts';",
      'src/shared/b.ts': "export * from './c.ts';",
      'src/shared/c.ts': "import { a } from './a.ts';",
      'src/shared/d.ts': "import './a.ts';",
    });
    expect(problems).toEqual(['src/shared/a.ts: import cycle: src/shared/a.ts -> src/shared/b.ts -> src/shared/c.ts']);
  });

  test('types and lazy imports make no cycle', () => {
    expect(
      check({
        'src/shared/a.ts': "import type { B } from './b.ts'; export type A = B;",
        'src/shared/b.ts': "import { type A } from './a.ts'; export type B = A;",
        'src/main/cli/c.ts': "export const d = () => import('./d.ts');",
        'src/main/cli/d.ts': "export { d } from './c.ts';",
      }),
    ).toEqual([]);
  });

  test('the same line of a type import that also imports a value counts as a value', () => {
    const problems = check({
      'src/shared/a.ts': "import { type B, b } from './b.ts'; export const a = b;",
      'src/shared/b.ts': "import { a } from './a.ts'; export const b = a; export type B = 1;",
    });
    expect(problems).toHaveLength(1);
  });
});
