/** Field selectors: `metadata.name`, `metadata.namespace` and what a kind declares. Source: API reference, "Field Selectors". */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { badRequest } from '../status.ts';
import type { KindDefinition } from '../types.ts';

export interface FieldMatcher {
  matches(object: KubeObject): boolean;
  /** The one name that can match, when the selector says so: lets a list or watch look at one object only. */
  name: string | null;
}

/** Null when everything matches. Throws 400 for unknown fields and bad syntax. */
export function parseFieldSelector(text: string, kind: KindDefinition): FieldMatcher | null {
  // No field that is nothing is one that everything has.
  const terms = fieldTerms(text).filter(({ field, value }) => field !== '' || value !== '');
  if (terms.length === 0) return null;
  let name: string | null = null;
  const matchers: ((object: KubeObject) => boolean)[] = [];
  for (const { field, differs, value } of terms) {
    const read = reader(kind, field);
    if (differs) matchers.push((object) => read(object) !== value);
    else {
      if (field === 'metadata.name') name = value;
      matchers.push((object) => read(object) === value);
    }
  }
  return { name, matches: (object) => matchers.every((matches) => matches(object)) };
}

/** What a selector says, whatever kind it is about. Throws 400 for bad syntax. */
export function fieldTerms(text: string): { field: string; differs: boolean; value: string }[] {
  return splitTerms(text).map((term) => {
    const parsed = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
    if (parsed === null) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const wrong = /\\([^\\,=]|$)/.exec(parsed[3]!.replace(/\\[\\,=]/g, ''));
    if (wrong !== null) throw badRequest(`invalid field selector: invalid escape sequence: \\${wrong[1]}`);
    return { field: parsed[1]!, differs: parsed[2] === '!=', value: parsed[3]!.replace(/\\([\\,=])/g, '$1') };
  });
}

function reader(kind: KindDefinition, field: string): (object: KubeObject) => string {
  if (field === 'metadata.name') return (object) => object.metadata.name ?? '';
  const ownFields = kind.selectableFields !== undefined || kind.custom !== undefined;
  if (field === 'metadata.namespace' && (kind.namespaced || !ownFields))
    return (object) => object.metadata.namespace ?? '';
  const own = kind.selectableFields?.[field];
  if (own !== undefined) return own;
  // Kinds with fields of their own word it differently from those that only know the metadata.
  if (ownFields) throw badRequest(`field label not supported: ${field}`);
  throw badRequest(
    `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let term = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '\\') {
      term += char + (text[++i] ?? '');
    } else if (char === ',') {
      terms.push(term);
      term = '';
    } else term += char;
  }
  terms.push(term);
  return terms.filter((each) => each !== '');
}
