/**
 * Three builds, chosen by mode: `renderer` (the interface), `main` (everything on Node's side) and `preload` (one
 * CommonJS file, as a sandboxed preload script has to be). Libraries are bundled; only what has a native part or comes
 * with its host stays outside. `scripts/lib/build.mjs` decides what is stale and where it goes.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin, type UserConfig } from 'vite';
import { libraryStyles } from './scripts/lib/library-styles.ts';

const here = import.meta.dirname;

/** better-sqlite3 is a native module; electron comes with its host; the other two are optional accelerators of ws. */
const external = ['better-sqlite3', 'electron', 'bufferutil', 'utf-8-validate'];

/**
 * Every file costs a request of three processes, and a large one is compiled by one of the processors alone. What the first
 * paint needs is two files of like size, and what other pages share a third.
 */
const LIBRARIES =
  /^\0rolldown|node_modules[\\/](?:react|react-dom|scheduler|@rc-component|@tanstack|yaml|i18next)[\\/]/;
const fewFiles = [
  { name: 'libraries', tags: ['$initial' as const], test: LIBRARIES, priority: 3 },
  { name: 'frame', tags: ['$initial' as const], priority: 2 },
  { name: 'parts', minShareCount: 5, priority: 1 },
];

const renderer: UserConfig = {
  root: `${here}/src/renderer`,
  base: '/',
  publicDir: false,
  plugins: [react(), libraryStyles(`${here}/node_modules/antd`, `${here}/src/renderer/ui`)],
  build: {
    target: 'chrome130',
    modulePreload: { polyfill: false },
    // The content security policy allows no data: fonts, and one file more costs nothing on loopback.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 8000,
    reportCompressedSize: false,
    rolldownOptions: { output: { codeSplitting: { groups: fewFiles } } },
  },
  worker: { format: 'es' },
};

/** A host that this checkout does not have is not built. */
function existing(entries: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file)));
}

/** The Lua engine's glue is CommonJS and asks where it lies, although it is told where the engine is. */
const COMMONJS_NAMES = `import { createRequire as requireFrom } from 'node:module';
const [__filename, __dirname, require] = [import.meta.filename, import.meta.dirname, requireFrom(import.meta.url)];`;

/** The Lua engine is a file of its own, read by the thread that runs scripts. */
const luaEngine: Plugin = {
  name: 'lua-engine',
  generateBundle() {
    const source = readFileSync(`${here}/node_modules/wasmoon/dist/glue.wasm`);
    this.emitFile({ type: 'asset', fileName: 'lua.wasm', source });
  },
};

/** What explains the fields of the API is larger than the code of its server, and read when somebody asks. */
const apiTexts: Plugin = {
  name: 'api-texts',
  generateBundle() {
    const folder = `${here}/resources/api-texts`;
    for (const name of readdirSync(folder)) {
      const texts = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));
      this.emitFile({ type: 'asset', fileName: `api-texts/${name}.gz`, source: gzipSync(JSON.stringify(texts)) });
    }
  },
};

/**
 * One letter outside Latin-1 and the engine of JavaScript keeps the whole text of a file in two bytes a letter. An escape
 * means the same wherever code can have such letters: in strings, patterns and names.
 */
const asciiOnly: Plugin = {
  name: 'ascii-only',
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) if (chunk.type === 'chunk') chunk.code = escaped(chunk.code);
  },
};

function escaped(code: string): string {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Entries whose code loads lazily stays in chunks of its own, so that a command pays only for what it uses. */
const main: UserConfig = {
  root: here,
  publicDir: false,
  plugins: [luaEngine, apiTexts, asciiOnly],
  ssr: { noExternal: true, external },
  build: {
    ssr: true,
    target: 'node20',
    minify: false,
    sourcemap: false,
    reportCompressedSize: false,
    rolldownOptions: {
      external,
      input: existing({
        cli: `${here}/src/main/cli/entry.ts`,
        engine: `${here}/src/main/host/engine-process.ts`,
        'demo-worker': `${here}/src/main/engine/demo/worker.ts`,
        'inspection-worker': `${here}/src/main/engine/inspection/work/worker.ts`,
        'script-worker': `${here}/src/main/engine/federation/interpreter/lua/worker.ts`,
        electron: `${here}/src/main/electron/main.ts`,
      }),
      output: {
        format: 'es',
        entryFileNames: '[name].js',
        chunkFileNames: 'chunks/[name]-[hash].js',
        banner: ({ name }) => (name === 'script-worker' ? COMMONJS_NAMES : ''),
      },
    },
  },
};

const preload: UserConfig = {
  root: here,
  publicDir: false,
  ssr: { noExternal: true, external },
  build: {
    ssr: true,
    target: 'chrome130',
    minify: false,
    rolldownOptions: {
      external,
      input: { preload: `${here}/src/main/electron/preload.ts` },
      output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
    },
  },
};

const builds: Record<string, UserConfig> = { renderer, main, preload };

export default defineConfig(({ mode }) => {
  const build = builds[mode];
  if (build === undefined) throw new Error(`no build named "${mode}": ${Object.keys(builds).join(', ')}`);
  return build;
});
