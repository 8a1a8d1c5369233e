/** What the core needs of schemas and encodings: one place to import it from. */
import { unsupportedMediaType } from './status.ts';
import type { KindDefinition, KindRegistry } from './types.ts';

export function unknownFields(_kind: KindDefinition, _object: unknown): string[] {
  return [];
}
export function patchStrategyOf(
  _kind: KindDefinition,
  path: readonly string[],
): { mergeKey?: string; strategy: string[] } | undefined {
  const last = path.at(-1) ?? '';
  return /^(containers|initContainers|volumes|env)$/.test(last) ? { mergeKey: 'name', strategy: ['merge'] } : undefined;
}
export function openApiV2(_registry: KindRegistry): unknown {
  return null;
}
export function openApiV3(_registry: KindRegistry, _path: string): unknown {
  return null;
}
export function decodeProtobuf(_bytes: Uint8Array): unknown {
  throw unsupportedMediaType(['application/json', 'application/yaml']);
}
