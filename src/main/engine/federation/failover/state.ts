/**
 * Reads one value by a JSONPath as `statePreservation` has it: `{.status.leader}` or `.jobs[0].id`. Only plain steps, as
 * the API allows; anything else, and anything that is no scalar, is no value.
 */
import type { Json } from '#shared/kubernetes/types.ts';

export function jsonPathText(root: Json, jsonPath: string): string | undefined {
  const inner = jsonPath
    .trim()
    .replace(/^\{(.*)\}$/s, '$1')
    .replace(/^\$/, '');
  const steps = [...inner.matchAll(/\.([A-Za-z0-9_-]+)|\[(\d+)\]|\['([^']*)'\]/g)];
  if (steps.map(([text]) => text).join('') !== inner || inner === '') return undefined;
  let value: Json = root;
  for (const [, field, index, quoted] of steps) {
    if (value === null || typeof value !== 'object') return undefined;
    value = value[index === undefined ? ((field ?? quoted) as string) : Number(index)];
  }
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
}
