/** Kubernetes objects as YAML text and back; the text is always checked for what makes an object addressable. Pure. */
import { parseDocument, stringify } from 'yaml';
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
  const document = parseDocument(text, { prettyErrors: true });
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
