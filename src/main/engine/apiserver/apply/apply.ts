/** Server-side apply. */
import type { ApiAnswer } from '../request/types.ts';
import { unsupportedMediaType } from '../status.ts';
import type { VerbContext } from '../verbs/context.ts';

export async function apply(_context: VerbContext): Promise<ApiAnswer> {
  throw unsupportedMediaType([]);
}
