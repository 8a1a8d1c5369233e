/** 中文文案目录，每个领域一个文件；键必须与英文目录一致。 */
import type { en } from '../en/index.ts';
import type { Translation } from '../types.ts';
import { errors, hints } from './errors.ts';
import { host } from './host.ts';

export const zh: Translation<typeof en> = { errors, hints, host };
