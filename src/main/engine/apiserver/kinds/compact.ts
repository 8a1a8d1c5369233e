/** Objects as the server writes them: a field without a value is not there. */
import type { Json } from '#shared/kubernetes/types.ts';

/** The same fields without those that are undefined. */
export function compact(fields: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
