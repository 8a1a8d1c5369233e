import { resourceRule } from '../families.ts';
import { lacks, STARVES } from '../missing-resource.ts';

export const noMemoryLimits = resourceRule(
  'NoMemoryLimits',
  {
    zh: ['没有内存限制', STARVES.zh, '按观测到的峰值并留出余量设置 resources.limits.memory。'],
    en: ['No memory limit', STARVES.en, 'Set resources.limits.memory to the observed peak with some room.'],
  },
  lacks('limits', 'memory'),
);
