/** The English catalogue, one file per area. It is the pattern: the other languages must have its keys. */
import { clusters } from './clusters.ts';
import { common } from './common.ts';
import { errors, hints } from './errors.ts';
import { host } from './host.ts';
import { settings, shell } from './shell.ts';

export const en = { clusters, common, errors, hints, host, settings, shell } as const;
