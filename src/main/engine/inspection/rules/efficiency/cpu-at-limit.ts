import { said } from '#shared/inspection-evidence.ts';
import { usageRule } from '../families.ts';
import { usageOf } from '../usage.ts';

export const cpuAtLimit = usageRule(
  'CpuAtLimit',
  {
    severity: 'warning',
    threshold: { default: 90, min: 50, max: 100, unit: 'percent' },
    zh: [
      'CPU 用量达到限制',
      '容器被限速，延迟升高。',
      '提高 resources.limits.cpu 或增加副本；对延迟敏感的服务可以去掉 CPU 限制。',
    ],
    en: [
      'CPU at its limit',
      'The container is throttled, and latency rises.',
      'Raise resources.limits.cpu or add copies; where latency matters, leave the CPU limit out.',
    ],
  },
  (pod, world, percent) =>
    usageOf(pod, world).flatMap(({ name, path, worst, limits }) => {
      if (limits.cpu === null || worst.cpu * 100 < percent * limits.cpu) return [];
      const share = Math.round((100 * worst.cpu) / limits.cpu);
      return [{ container: name, field: `${path}.resources.limits.cpu`, evidence: said('usesOfLimit', { share }) }];
    }),
);
