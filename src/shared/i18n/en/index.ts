/** The English catalogue, one file per area. It is the pattern: the other languages must have its keys. */
import { errors, hints } from './errors.ts';

export const en = { errors, hints } as const;
