/** Who imports whom, from the parser's module records: static and dynamic imports and re-exports, resolved to files. */
import path from 'node:path';
import { parseSync } from 'oxc-parser';

/**
 * @typedef {object} Import
 * @property {string} from importing file, relative to the root
 * @property {number} line
 * @property {string} request as written
 * @property {string | null} to file within the sources, relative to the root; null for packages
 * @property {boolean} typeOnly vanishes when types are stripped
 * @property {boolean} lazy `import()`: runs when it is called, not when the file is loaded
 */

/** Aliases of package.json. @type {Readonly<Record<string, string>>} */
const aliases = { '#shared/': 'src/shared/', '#engine/': 'src/main/engine/', '#main/': 'src/main/' };

/** @param {string} from @param {string} request @returns {string | null} */
export function resolve(from, request) {
  if (request.startsWith('.')) return path.posix.normalize(path.posix.join(path.posix.dirname(from), request));
  for (const [alias, folder] of Object.entries(aliases)) {
    if (request.startsWith(alias)) return path.posix.normalize(folder + request.slice(alias.length));
  }
  return null;
}

/** @param {string} file relative to the root @param {string} text @returns {Import[]} */
export function importsOf(file, text) {
  const { module, errors } = parseSync(file, text);
  if (errors.some((error) => error.severity === 'Error')) {
    throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  }
  /** @type {Import[]} */
  const found = [];
  const add = (/** @type {string} */ request, /** @type {number} */ at, typeOnly = false, lazy = false) => {
    const line = text.slice(0, at).split('\n').length;
    found.push({ from: file, line, request, to: resolve(file, request.replace(/\?.*$/, '')), typeOnly, lazy });
  };
  for (const { moduleRequest, entries, start } of module.staticImports) {
    add(moduleRequest.value, start, entries.length > 0 && entries.every((entry) => entry.isType));
  }
  for (const { entries, start } of module.staticExports) {
    for (const request of new Set(entries.flatMap((entry) => entry.moduleRequest?.value ?? []))) {
      const ofRequest = entries.filter((entry) => entry.moduleRequest?.value === request);
      add(
        request,
        start,
        ofRequest.every((entry) => entry.isType),
      );
    }
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^(['"`])([^'"`$]+)\1$/.exec(text.slice(moduleRequest.start, moduleRequest.end).trim());
    if (literal?.[2] !== undefined) add(literal[2], moduleRequest.start, false, true);
  }
  return found;
}

/**
 * Groups of files that import each other in a circle when they are loaded (Tarjan's strongly connected components).
 * Type-only and lazy imports do not count: neither exists at load time.
 * @param {readonly Import[]} imports
 * @returns {string[][]}
 */
export function cycles(imports) {
  /** @type {Map<string, Set<string>>} */
  const edges = new Map();
  for (const { from, to, typeOnly, lazy } of imports) {
    if (to === null || typeOnly || lazy) continue;
    if (!edges.has(from)) edges.set(from, new Set());
    edges.get(from)?.add(to);
  }
  /** @type {Map<string, {index: number, low: number, onStack: boolean}>} */
  const seen = new Map();
  /** @type {string[]} */
  const stack = [];
  /** @type {string[][]} */
  const found = [];
  const visit = (/** @type {string} */ file) => {
    const own = { index: seen.size, low: seen.size, onStack: true };
    seen.set(file, own);
    stack.push(file);
    for (const next of edges.get(file) ?? []) {
      const known = seen.get(next) ?? visit(next);
      if (known.onStack) own.low = Math.min(own.low, known.low);
    }
    if (own.low === own.index) {
      const group = stack.splice(stack.indexOf(file));
      for (const member of group) /** @type {any} */ (seen.get(member)).onStack = false;
      if (group.length > 1 || edges.get(file)?.has(file)) found.push(group.sort());
    }
    return own;
  };
  for (const file of edges.keys()) if (!seen.has(file)) visit(file);
  return found;
}
