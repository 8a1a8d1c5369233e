/** The English catalogue, one file per area. It is the pattern: the other languages must have its keys. */
import { errors, hints } from './errors.ts';
import { host } from './host.ts';

export const en = { errors, hints, host } as const;
