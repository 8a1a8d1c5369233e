/**
 * Texts that explain types and fields (kubectl explain, table headers). They come with the client library, whose
 * declarations carry the API's own documentation: one small file per type, read when somebody asks. Where the library's
 * declarations are not installed the texts are empty, nothing else changes.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface Descriptions {
  type: string;
  fields: Map<string, string>;
}

const NONE: Descriptions = { type: '', fields: new Map() };
const cache = new Map<string, Descriptions>();
let folder: string | null | undefined;

function modelsFolder(): string | null {
  if (folder === undefined) {
    try {
      const entry = createRequire(import.meta.url).resolve('@kubernetes/client-node');
      folder = join(dirname(entry), 'gen', 'models');
    } catch {
      folder = null;
    }
  }
  return folder;
}

/** Texts of a type by id (`core.PodSpec`). */
export function descriptionsOf(id: string): Descriptions {
  let found = cache.get(id);
  if (found === undefined) {
    found = read(id);
    cache.set(id, found);
  }
  return found;
}

/** Text of one field. */
export function fieldDescription(id: string, field: string): string {
  return descriptionsOf(id).fields.get(field) ?? '';
}

function read(id: string): Descriptions {
  const models = modelsFolder();
  if (models === null) return NONE;
  const [space = '', name = ''] = id.split('.');
  const version = space === 'autoscalingv2' ? 'V2' : 'V1';
  const group = space.replace(/v\d$/, '');
  const candidates = [`${group.charAt(0).toUpperCase()}${group.slice(1)}${version}${name}`, `${version}${name}`];
  for (const candidate of candidates) {
    try {
      return parse(readFileSync(join(models, `${candidate}.d.ts`), 'utf8'));
    } catch {
      // The other spelling, or a type the library does not have.
    }
  }
  return NONE;
}

function parse(source: string): Descriptions {
  const fields = new Map<string, string>();
  let type = '';
  for (const match of source.matchAll(
    /\/\*\*\s*\n((?:(?!\*\/)[\s\S])*)\*\/\s*\n\s*(export declare class|'([^']+)'\??:)/g,
  )) {
    const text = (match[1] ?? '')
      .split('\n')
      .map((line) => line.replace(/^\s*\*\s?/, '').trimEnd())
      .join('\n')
      .replace(/\\(["'`])/g, '$1')
      .trim();
    if (match[3] === undefined) type = text;
    else fields.set(match[3].replace(/^_/, ''), text);
  }
  return { type, fields };
}
