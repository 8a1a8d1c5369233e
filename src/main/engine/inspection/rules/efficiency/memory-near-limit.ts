import { said } from '#shared/inspection-evidence.ts';
import { usageRule } from '../families.ts';
import { usageOf } from '../usage.ts';

export const memoryNearLimit = usageRule(
  'MemoryNearLimit',
  {
    severity: 'warning',
    threshold: { default: 90, min: 50, max: 100, unit: 'percent' },
    zh: ['内存用量接近限制', '再增长一些就会被 OOM 终止。', '提高 resources.limits.memory，或查明内存增长的原因。'],
    en: [
      'Memory close to its limit',
      'A little more and the container is killed.',
      'Raise resources.limits.memory, or find out what makes the memory grow.',
    ],
  },
  (pod, world, percent) =>
    usageOf(pod, world).flatMap(({ name, path, worst, limits }) => {
      if (limits.memory === null || worst.memory * 100 < percent * limits.memory) return [];
      const share = Math.round((100 * worst.memory) / limits.memory);
      return [{ container: name, field: `${path}.resources.limits.memory`, evidence: said('usesOfLimit', { share }) }];
    }),
);
