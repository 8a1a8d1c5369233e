/**
 * YAML, loaded when the first client speaks it: nearly all speak JSON, and the library costs more memory than the rest
 * of a request. The pipeline loads it before a request that needs it is looked at.
 */
import type { Document, Node, ScalarTag, Tags } from 'yaml';
import { goSyntax } from './apply/go-text.ts';
import { goQuoted } from './go-quote.ts';
import { parseJson, TooDeep } from './json.ts';
import { foldLines } from './yaml-fold.ts';
import { yamlProblemOf } from './yaml-problem.ts';

type Yaml = typeof import('yaml');

/** Aliases are bounded: a few bytes must not unfold into gigabytes. */
const MAX_ALIASES = 100;

/** What YAML 1.1 reads differently, and with it the API server: `yes` and `off`, octal numbers. */
const OLDER: ScalarTag[] = [
  {
    tag: 'tag:yaml.org,2002:bool',
    default: true,
    test: /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/,
    resolve: (text) => /^(?:y|on)/i.test(text),
  },
  {
    tag: 'tag:yaml.org,2002:int',
    default: true,
    test: /^[-+]?0[0-7]+$/,
    resolve: (text) => Number.parseInt(text, 8),
  },
];

let loaded: Yaml | null = null;

export async function loadYaml(): Promise<void> {
  loaded ??= await import('yaml');
}

/**
 * JSON is YAML, and by far the most of what is sent as YAML. Of a key that is given twice the last value counts. Throws an
 * Error with the message of the API server.
 */
export function parseYaml(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof TooDeep) throw error;
    const customTags = (tags: Tags) => [...OLDER, ...tags];
    const document = yaml().parseDocument(text, { customTags, uniqueKeys: false });
    // Of several documents the first one counts.
    const fault = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS');
    if (fault !== undefined) {
      const { code, message, linePos } = fault;
      const shown = message.split('\n', 1)[0]!.replace(/ at line \d+, column \d+:$/, '');
      const { line, col: column } = linePos?.[0] ?? { line: 0, col: 0 };
      throw new Error(yamlProblemOf({ code, message: shown, line, column }, text));
    }
    checkKeys(document);
    return plainValue(document);
  }
}

/** Throws an Error for a key that is no scalar, which is what a template that was not filled in looks like. */
function checkKeys(document: Document): void {
  const { isCollection, visit } = yaml();
  visit(document, {
    Pair(_key, { key }) {
      if (!isCollection(key)) return;
      const shown = goSyntax(key.toJS(document, { maxAliasCount: MAX_ALIASES }));
      // Keys may be of any kind there.
      throw new Error(
        `yaml: invalid map key: ${shown.replaceAll('map[string]interface', 'map[interface {}]interface')}`,
      );
    },
  });
}

function plainValue(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    const unknown = error instanceof Error ? /^Unresolved alias \(.*\): (.*)$/s.exec(error.message) : null;
    throw unknown === null ? error : new Error(`yaml: unknown anchor '${unknown[1]}' referenced`);
  }
}

/** Keys that are given twice, as `line 9: key "foo" already set in map`: the line is that of the later value. */
export function repeatedKeys(text: string): string[] {
  const { isMap, isScalar, isSeq, LineCounter, parseDocument } = yaml();
  const lineCounter = new LineCounter();
  const found: string[] = [];
  const lineOf = (node: unknown): number => lineCounter.linePos((node as Node).range?.[0] ?? 0).line;
  const walk = (node: unknown): void => {
    if (isSeq(node)) for (const item of node.items) walk(item);
    if (!isMap(node)) return;
    const seen = new Set<unknown>();
    for (const { key, value } of node.items) {
      walk(value);
      if (!isScalar(key)) continue;
      const shown = typeof key.value === 'string' ? goQuoted(key.value) : String(key.value);
      if (seen.has(key.value)) found.push(`line ${lineOf(value ?? key)}: key ${shown} already set in map`);
      seen.add(key.value);
    }
  };
  walk(parseDocument(text, { lineCounter, uniqueKeys: false }).contents);
  return found;
}

/** A point alone, which ownership of fields is full of, is a number to this library and to no other. */
function withoutPoint(tag: Tags[number]): Tags[number] {
  if (typeof tag === 'string' || !('test' in tag) || tag.test?.test('.') !== true) return tag;
  return { ...tag, test: new RegExp(`(?!^\\.$)${tag.test.source}`) } as ScalarTag;
}

/**
 * As the API server writes it: keys in order, lists not indented; in double quotes what would be read as something else,
 * in single ones what could not be read at all.
 */
export function toYaml(value: unknown): string {
  const { Document, visit } = yaml();
  const document = new Document(value, {
    version: '1.1',
    sortMapEntries: true,
    customTags: (tags: Tags) => tags.map(withoutPoint),
  });
  const others = document.schema.tags.filter((tag) => tag.default === true && 'test' in tag && tag.test !== undefined);
  visit(document, {
    Scalar(_key, node) {
      const { value: text } = node;
      if (typeof text !== 'string') return;
      if (text === '' || others.some((tag) => (tag as ScalarTag).test?.test(text))) node.type = 'QUOTE_DOUBLE';
    },
  });
  return foldLines(document.toString({ indentSeq: false, lineWidth: 0, singleQuote: true }));
}

function yaml(): Yaml {
  if (loaded === null) throw new Error('YAML was not loaded before it was needed');
  return loaded;
}
