import { said } from '#shared/inspection-evidence.ts';
import { usageRule } from '../families.ts';
import { usageOf } from '../usage.ts';

export const usageAboveRequest = usageRule(
  'UsageAboveRequest',
  {
    threshold: { default: 200, min: 100, max: 1000, unit: 'percent' },
    zh: [
      '用量远高于请求',
      '调度器低估了它，节点可能过载；内存紧张时它会先被驱逐。',
      '将 resources.requests 调整到通常用量。',
    ],
    en: [
      'Usage far above the request',
      'The scheduler thinks too little of it: nodes are overloaded, and it is evicted early when memory runs short.',
      'Set resources.requests to what it usually uses.',
    ],
  },
  (pod, world, percent) =>
    usageOf(pod, world).flatMap(({ name, path, mean, requests }) =>
      (['cpu', 'memory'] as const).flatMap((resource) => {
        const asked = requests[resource];
        if (asked === null || asked === 0 || mean[resource] * 100 < percent * asked) return [];
        const share = Math.round((100 * mean[resource]) / asked);
        const field = `${path}.resources.requests.${resource}`;
        return [{ container: name, field, evidence: said('usesOfRequest', { resource, share }) }];
      }),
    ),
);
