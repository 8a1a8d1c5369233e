/**
 * Keeps of antd's ready-made style sheet what the interface can show. The sheet covers every component of the library;
 * which ones can be there follows from what the interface imports. It is used instead of styles made at run time, which
 * cost a third of the time until a page is there.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import postcss, { type AtRule } from 'postcss';
import type { Plugin } from 'vite';

/** Module of a component's style; the folder names the component. */
const STYLE_MODULE = /^([a-z-]+)[\\/]style[\\/]index\.js$/;

/** Class prefixes of the components whose folder is named otherwise. */
const PREFIXES: Record<string, string[]> = {
  'date-picker': ['picker'],
  'float-button': ['float-btn'],
  grid: ['row', 'col'],
  'qr-code': ['qrcode'],
  button: ['btn'],
  carousel: ['carousel', 'slick'],
};

/** The sheet without the rules that only an unused component could match; components are named by their folders. */
export function keepUsed(css: string, components: ReadonlySet<string>, used: ReadonlySet<string>): string {
  /** Prefix to whether its component is used. */
  const prefixes = new Map<string, boolean>();
  for (const name of components)
    for (const prefix of PREFIXES[name] ?? [name])
      prefixes.set(prefix, used.has(name) || prefixes.get(prefix) === true);
  const canMatch = (selector: string): boolean => {
    let plain = selector;
    // What stands in brackets is an alternative or an exclusion.
    while (/\([^()]*\)/.test(plain)) plain = plain.replace(/\([^()]*\)/g, '');
    return ![...plain.matchAll(/\.ant-([a-z-]+)/g)].some(([, name = '']) => usedPrefix(name) === false);
  };
  /** The longest known prefix decides: input-number is not input. */
  const usedPrefix = (name: string): boolean | undefined => {
    for (let end = name.length; end > 0; end = name.lastIndexOf('-', end - 1)) {
      const known = prefixes.get(name.slice(0, end));
      if (known !== undefined) return known;
    }
    return undefined;
  };
  const sheet = postcss.parse(css);
  sheet.walkRules((rule) => {
    if (rule.parent?.type === 'atrule' && /keyframes$/.test((rule.parent as AtRule).name)) return;
    const kept = rule.selectors.filter(canMatch);
    if (kept.length === 0) rule.remove();
    else if (kept.length < rule.selectors.length) rule.selectors = kept;
  });
  sheet.walkAtRules(/^(media|supports)$/, (rule) => {
    if (rule.nodes?.length === 0) rule.remove();
  });
  return sheet.toString();
}

/** Names that a module takes from another, and the modules it loads. */
function read(file: string): { request: string; names: (string | null)[] }[] {
  const { module } = parseSync(file, readFileSync(file, 'utf8'));
  const entries = [...module.staticImports, ...module.staticExports].flatMap((statement) =>
    'moduleRequest' in statement
      ? [{ request: statement.moduleRequest.value, names: statement.entries.map((entry) => entry.importName.name) }]
      : statement.entries.map((entry) => ({ request: entry.moduleRequest?.value, names: [entry.exportName.name] })),
  );
  return entries.flatMap(({ request, names }) => (request === undefined ? [] : [{ request, names }]));
}

/** Folders of the components that the source files show, with those that these are made of; `antd` is its folder of ES modules. */
export function usedComponents(antd: string, sources: readonly string[]): Set<string> {
  const folders = new Map(
    read(path.join(antd, 'index.js')).flatMap(({ request, names }) => names.map((name) => [name, request])),
  );
  const shown = sources.flatMap((file) =>
    read(file).flatMap(({ request, names }) =>
      request === 'antd' ? names.flatMap((name) => folders.get(name ?? '') ?? []) : [],
    ),
  );
  const seen = new Set(shown.map((request) => moduleFile(path.join(antd, request))));
  // A set may grow while it is walked.
  for (const file of seen) {
    for (const { request } of read(file)) {
      if (request.startsWith('.')) seen.add(moduleFile(path.resolve(path.dirname(file), request)));
    }
  }
  // Of some components only texts or types are read.
  return new Set([...seen].flatMap((file) => STYLE_MODULE.exec(path.relative(antd, file))?.[1] ?? []));
}

function moduleFile(base: string): string {
  if (base.endsWith('.js')) return base;
  return existsSync(`${base}.js`) ? `${base}.js` : path.join(base, 'index.js');
}

/** Shortens `antd/dist/antd.css`. `antd` is the folder of the package, `sources` the one whose files import from it. */
export function libraryStyles(antd: string, sources: string): Plugin {
  return {
    name: 'library-styles',
    enforce: 'pre',
    transform: {
      filter: { id: /\/antd\/dist\/antd\.css$/ },
      handler(css) {
        const components = path.join(antd, 'es');
        const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) =>
          /(?<!\.test)\.tsx?$/.test(name),
        );
        const used = usedComponents(
          components,
          files.map((name) => path.join(sources, name)),
        );
        return keepUsed(css, new Set(readdirSync(components)), used);
      },
    },
  };
}
