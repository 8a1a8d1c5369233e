/** Who may import whom: the rules of docs/architecture.md as data, and the check of a set of files against them. */
import { builtinModules } from 'node:module';
import { cycles, importsOf } from './import-graph.mjs';

/** @typedef {import('./import-graph.mjs').Import} Import */

/** The first prefix that fits names the zone of a file. */
const zones = /** @type {const} */ ([
  ['shared', 'src/shared/'],
  ['renderer', 'src/renderer/'],
  ['electron', 'src/main/electron/'],
  ['loopback', 'src/main/loopback/'],
  ['cli', 'src/main/cli/'],
  ['host', 'src/main/host/'],
  ['engine', 'src/main/engine/'],
]);

/** Zones that a zone may use besides itself. @type {Readonly<Record<string, readonly string[]>>} */
const mayUse = {
  shared: [],
  renderer: ['shared'],
  engine: ['shared'],
  host: ['engine', 'shared'],
  loopback: ['host', 'engine', 'shared'],
  cli: ['host', 'loopback', 'engine', 'shared'],
  electron: ['host', 'engine', 'shared'],
};

/** Packages that only one place may use. @type {readonly {packages: RegExp, place: string}[]} */
const confined = [
  { packages: /^electron(\/|$)/, place: 'src/main/electron/' },
  {
    packages: /^(antd|@ant-design\/|@xyflow\/|monaco-editor|monaco-yaml|@tanstack\/(react-table|table-core))/,
    place: 'src/renderer/ui/',
  },
  { packages: /^(react|react-dom|zustand|@vitejs\/)/, place: 'src/renderer/' },
  { packages: /^better-sqlite3(\/|$)/, place: 'src/main/engine/' },
];

/** Schemas that the engine checks what it is sent against. */
const CONTRACT = 'src/shared/contract/';

/** Zones that run in a browser and may not use Node. */
const pure = ['shared', 'renderer'];

const isTest = (/** @type {string} */ file) => /\.test\.tsx?$/.test(file);
const zoneOf = (/** @type {string} */ file) => zones.find(([, prefix]) => file.startsWith(prefix))?.[0] ?? null;
/** Area of an engine file: its folder, or null for the few files beside the areas. */
const areaOf = (/** @type {string} */ file) => /^src\/main\/engine\/([^/]+)\/./.exec(file)?.[1] ?? null;

/**
 * @param {ReadonlyMap<string, string>} sources text by path relative to the root, `/` separated
 * @param {(file: string) => boolean} exists for what is imported but not among the sources (styles, JSON)
 * @returns {{file: string, line: number, message: string}[]} what is wrong, in the order of the files
 */
export function checkImports(sources, exists) {
  const imports = [...sources].flatMap(([file, text]) => importsOf(file, text));
  const problems = imports.flatMap((item) => {
    const message = problemOf(item, (file) => sources.has(file) || exists(file));
    return message === null ? [] : [{ file: item.from, line: item.line, message }];
  });
  for (const group of cycles(imports)) {
    problems.push({ file: group[0] ?? '', line: 1, message: `import cycle: ${group.join(' -> ')}` });
  }
  return problems;
}

/** Data outside of src that code may read: the program's own description and what lies under resources/. @param {string} file */
function isData(file) {
  return file === 'package.json' || (file.startsWith('resources/') && file.endsWith('.json'));
}

/** @param {Import} item @param {(file: string) => boolean} exists @returns {string | null} */
function problemOf(item, exists) {
  const { from, to, request } = item;
  if (to === null) return problemOfPackage(from, request, item.typeOnly);
  if (!exists(to)) return `"${request}" names no file: name it with its extension, relative or by an alias`;
  if (isTest(from)) return null;
  if (isTest(to)) return `"${request}" is a test`;
  const zone = zoneOf(from);
  const target = zoneOf(to);
  if (zone === null) return null;
  if (target === null) return isData(to) ? null : `"${request}" is outside src`;
  if (zone !== target && !mayUse[zone]?.includes(target)) return `${zone} may not import ${target}`;
  if (target === 'engine') return problemInEngine(zone, item);
  if (zone === 'renderer' && to.startsWith(CONTRACT) && !item.typeOnly)
    return 'the contract comes with its validator, which the page neither needs nor may run: only "import type"';
  return null;
}

/** An area is used only through its index.ts; its types.ts may be named in `import type`. @param {string} zone @param {Import} item */
function problemInEngine(zone, { from, to, typeOnly }) {
  const area = areaOf(to ?? '');
  const file = (to ?? '').slice('src/main/engine/'.length);
  if (zone === 'engine' && area === areaOf(from)) return null;
  if (area === null) {
    if (file === 'engine.ts') return zone === 'engine' ? 'areas may not import engine.ts, it puts them together' : null;
    return null;
  }
  if (file === `${area}/index.ts` || (file === `${area}/types.ts` && typeOnly)) return null;
  return `${area} is used only through its index.ts (or its types.ts, by "import type"), not ${file}`;
}

/** @param {string} from @param {string} request @param {boolean} typeOnly @returns {string | null} */
function problemOfPackage(from, request, typeOnly) {
  const zone = zoneOf(from);
  if (isTest(from)) return null;
  const rule = confined.find(({ packages, place }) => packages.test(request) && !from.startsWith(place));
  if (rule !== undefined) return `"${request}" may be imported only in ${rule.place}`;
  const isNode = request.startsWith('node:') || builtinModules.includes(request);
  if (isNode && !request.startsWith('node:')) return `write "node:${request}"`;
  if (isNode && !typeOnly && zone !== null && pure.includes(zone)) return `${zone} runs in a browser: no "${request}"`;
  return null;
}
