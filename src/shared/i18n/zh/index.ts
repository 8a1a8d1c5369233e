/** 中文文案目录，每个领域一个文件；键必须与英文目录一致。 */
import type { en } from '../en/index.ts';
import type { Translation } from '../types.ts';
import { clusters } from './clusters.ts';
import { common } from './common.ts';
import { errors, hints } from './errors.ts';
import { host } from './host.ts';
import { settings, shell } from './shell.ts';

export const zh: Translation<typeof en> = { clusters, common, errors, hints, host, settings, shell };
