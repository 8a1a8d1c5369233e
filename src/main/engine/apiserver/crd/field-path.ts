/** Paths into a schema, as `fieldPath` of a rule and `jsonPath` of a selectable field give them: `.a.b['c d']`. */
import type { CustomSchema } from './structural.ts';

/** What stands between the dots and brackets; null when the path is not of this form. */
function segments(path: string): { name: string; quoted: boolean }[] | null {
  const found: { name: string; quoted: boolean }[] = [];
  const pattern = /\.([^.[\]]+)|\['((?:[^'\\]|\\.)+)'\]/y;
  while (pattern.lastIndex < path.length) {
    const match = pattern.exec(path);
    if (match === null) return null;
    const quoted = match[2] !== undefined;
    found.push({ name: quoted ? match[2]!.replace(/\\(.)/g, '$1') : match[1]!, quoted });
  }
  return found.length === 0 ? null : found;
}

/** Follows a path through a schema; null when it leads nowhere. Gives the path as errors write it, and where it ends. */
export function followPath(
  path: string,
  schema: CustomSchema,
): { text: string; schema: CustomSchema; quoted: boolean } | null {
  const parts = segments(path);
  if (parts === null) return null;
  let at = schema;
  let text = '';
  for (const { name } of parts) {
    if (at.properties !== undefined) {
      const next = Object.hasOwn(at.properties, name) ? at.properties[name] : undefined;
      if (next === undefined) return null;
      at = next;
      text += text === '' ? name : `.${name}`;
    } else if (typeof at.additionalProperties === 'object') {
      at = at.additionalProperties;
      text += `[${name}]`;
    } else return null;
  }
  return { text, schema: at, quoted: parts.some((part) => part.quoted) };
}

/** The `fieldPath` of a rule as errors write it; null when it is none. */
export function ruleFieldPath(path: string, schema: CustomSchema): string | null {
  return followPath(path, schema)?.text ?? null;
}
