import { resourceRule } from '../families.ts';
import { lacks, STARVES } from '../missing-resource.ts';

export const noCpuLimits = resourceRule(
  'NoCPULimits',
  {
    zh: [
      '没有 CPU 限制',
      STARVES.zh,
      '按观测到的 P95 至 P99 设置 resources.limits.cpu；对延迟敏感的服务可以有意不设，并豁免本项。',
    ],
    en: [
      'No CPU limit',
      STARVES.en,
      'Set resources.limits.cpu from the observed P95 to P99; where latency matters it may be left out on purpose: exempt it.',
    ],
  },
  lacks('limits', 'cpu'),
);
