/** Kubernetes objects as YAML text and back; the text is always checked for what makes an object addressable. Pure. */
import { type Document, isScalar, parseAllDocuments, parseDocument, stringify } from 'yaml';
import type { KubeObject } from './types.ts';

/** As people write objects: apiVersion, kind and metadata first, whatever order the server sent. */
export function toYaml(object: Partial<KubeObject>): string {
  const { apiVersion, kind, metadata, ...rest } = object;
  // Anchors and aliases save lines nobody wants saved: a manifest is read by people.
  return stringify({ apiVersion, kind, metadata, ...rest }, { lineWidth: 0, aliasDuplicateObjects: false });
}

export type Parsed = { object: KubeObject } | { problem: 'yaml'; message: string } | { problem: 'incomplete' };

/** One object from YAML or JSON text; a second document is an error, not silently dropped. */
export function parseObject(text: string): Parsed {
  return objectOf(parseDocument(text, { prettyErrors: true }));
}

export type ParsedAll = { objects: KubeObject[] } | Exclude<Parsed, { object: KubeObject }>;

/** Every object of a text with one or several documents, and of Lists in it; documents without anything are passed over. */
export function parseObjects(text: string): ParsedAll {
  const documents = parseAllDocuments(text, { prettyErrors: true });
  const objects: KubeObject[] = [];
  for (const document of Array.isArray(documents) ? documents : []) {
    if (document.errors.length === 0 && isEmpty(document)) continue;
    const list = document.errors.length === 0 ? itemsOf(document) : null;
    if (list !== null) objects.push(...list);
    else {
      const parsed = objectOf(document);
      if ('problem' in parsed) return parsed;
      objects.push(parsed.object);
    }
  }
  return objects.length === 0 ? { problem: 'incomplete' } : { objects };
}

function isEmpty({ contents }: Document): boolean {
  return contents === null || (isScalar(contents) && contents.value === null);
}

function itemsOf(document: Document): KubeObject[] | null {
  if (document.get('kind') !== 'List') return null;
  const { items } = document.toJS({ maxAliasCount: 100 }) as { items?: unknown };
  return Array.isArray(items) ? (items as KubeObject[]) : null;
}

function objectOf(document: Document): Parsed {
  const error = document.errors[0];
  if (error !== undefined) return { problem: 'yaml', message: error.message.split('\n')[0] ?? error.message };
  let value: Partial<KubeObject> | null;
  try {
    value = document.toJS({ maxAliasCount: 100 }) as Partial<KubeObject> | null;
  } catch (cause) {
    return { problem: 'yaml', message: cause instanceof Error ? cause.message : String(cause) };
  }
  if (
    typeof value !== 'object' ||
    value === null ||
    typeof value.apiVersion !== 'string' ||
    typeof value.kind !== 'string' ||
    typeof value.metadata?.name !== 'string' ||
    value.metadata.name === ''
  )
    return { problem: 'incomplete' };
  return { object: value as KubeObject };
}
