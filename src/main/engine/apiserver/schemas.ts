/** What the core needs of schemas and encodings: one place to import it from. */
import { type CustomSchema, unknownEmbedded, unknownPaths } from './crd/index.ts';
import { patchStrategyOf as strategyAt } from './openapi/index.ts';
import { duplicateFields, fieldText, unknownFields, unknownMetadataFields } from './openapi/schema.ts';
import type { KindDefinition } from './types.ts';

export { openApiV2, openApiV3 } from './openapi/index.ts';
export { decodeProtobuf } from './protobuf/index.ts';

/**
 * What field validation finds wrong, as texts: `unknown field "spec.foo"`, `duplicate field "data"`. `text` is the JSON
 * of the body where there is one; a parsed object cannot show duplicates. What is part of `known`, a stored object of the
 * kind, is not looked at again.
 */
export function fieldProblems(
  kind: KindDefinition,
  object: Record<string, unknown>,
  text: string | null,
  known: unknown = undefined,
  keyless = false,
): string[] {
  const unknown =
    kind.custom === undefined
      ? unknownFields(kind, object, known, keyless)
      : [
          ...unknownMetadataFields(object.metadata),
          ...unknownPaths(object, kind.custom.structuralSchema as CustomSchema).map(asUnknown),
          ...unknownEmbedded(object, kind.custom.structuralSchema as CustomSchema).map(asUnknown),
        ];
  if (text === null) return unknown.map(fieldText);
  // Built-in kinds are read once, custom ones as JSON first and pruned then.
  if (kind.custom !== undefined) return [...duplicateFields(text), ...unknown].map(fieldText);
  return duplicateFields(text, new Set(unknown.map(({ path }) => path))).map(fieldText);
}

export function patchStrategyOf(
  kind: KindDefinition,
  path: readonly string[],
): { mergeKey?: string; strategy: string[]; unknown?: string } | undefined {
  const { mergeKey, strategies, unknown } = strategyAt(kind, path);
  if (unknown !== undefined) return { strategy: [], unknown };
  if (strategies.length === 0) return undefined;
  return { ...(mergeKey === undefined ? {} : { mergeKey }), strategy: strategies };
}

function asUnknown(path: string): { path: string; kind: 'unknown' } {
  return { path, kind: 'unknown' };
}
