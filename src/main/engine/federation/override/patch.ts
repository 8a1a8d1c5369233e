/** RFC 6902 patches as override policies use them: add, replace and remove; a path that cannot be resolved is an error. */
import jsonPatch from 'fast-json-patch';
import type { Json } from '#shared/kubernetes/types.ts';

export interface PatchStep {
  path: string;
  operator: string;
  value?: Json;
}

/** The patched document; the given one is not changed. Throws when a step cannot be applied, and then nothing is. */
export function applySteps(document: Json, steps: readonly PatchStep[]): Json {
  const operations = steps.map(({ path, operator, value }) =>
    operator === 'remove'
      ? { op: 'remove' as const, path }
      : { op: operator as 'add' | 'replace', path, value: value === undefined ? null : structuredClone(value) },
  );
  try {
    return jsonPatch.applyPatch(document, operations, true, false).newDocument;
  } catch (error) {
    const [reason] = String((error as Error).message).split('\n');
    throw new Error(`patch cannot be applied: ${reason}`);
  }
}
