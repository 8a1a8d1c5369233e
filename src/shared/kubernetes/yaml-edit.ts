/**
 * Changing one place of a YAML text and leaving the rest as it is: comments, order, and fields that nobody here knows.
 * Forms write through this, so that going between form and text loses nothing. Pure.
 */
import { isCollection, parseDocument } from 'yaml';

export type YamlPath = readonly (string | number)[];

/**
 * The text with `value` at `path`; undefined removes it, and with it the maps and lists above that are empty then, up to
 * `keep` levels from the top. A text that is no YAML comes back as it is.
 */
export function changeYaml(text: string, path: YamlPath, value: unknown, keep = 1): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) return text;
  if (value === undefined) {
    document.deleteIn(path);
    for (let length = path.length - 1; length > keep; length--) {
      const parent = document.getIn(path.slice(0, length));
      // An entry of a list stays: the form still shows its line.
      if (!isCollection(parent) || parent.items.length > 0 || typeof path[length - 1] === 'number') break;
      document.deleteIn(path.slice(0, length));
    }
  } else document.setIn(path, document.createNode(value));
  return document.toString({ lineWidth: 0 });
}

/** What lies at `path`, as plain data. */
export function valueAt(object: unknown, path: YamlPath): unknown {
  let current: unknown = object;
  for (const part of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string | number, unknown>)[part];
  }
  return current;
}
