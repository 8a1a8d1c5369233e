import { said } from '#shared/inspection-evidence.ts';
import { usageRule } from '../families.ts';
import { usageOf } from '../usage.ts';

/** Cores and bytes: less than this is not worth a change. */
const SMALL = { cpu: 0.2, memory: 256 * 1024 * 1024 } as const;

export const usageBelowRequest = usageRule(
  'UsageBelowRequest',
  {
    threshold: { default: 10, min: 1, max: 90, unit: 'percent' },
    zh: [
      '请求远高于用量',
      '预留而未使用的资源无法分给其他工作负载，增加成本。',
      '观察一段时间后降低 resources.requests。',
    ],
    en: [
      'Request far above the usage',
      'What is reserved and not used is lost to everybody else, and paid for.',
      'Lower resources.requests after a time of watching.',
    ],
  },
  (pod, world, percent) =>
    usageOf(pod, world).flatMap(({ name, path, mean, requests }) =>
      (['cpu', 'memory'] as const).flatMap((resource) => {
        const asked = requests[resource];
        if (asked === null || asked < SMALL[resource] || mean[resource] * 100 > percent * asked) return [];
        const share = Math.round((100 * mean[resource]) / asked);
        const field = `${path}.resources.requests.${resource}`;
        return [{ container: name, field, evidence: said('usesOfRequest', { resource, share }) }];
      }),
    ),
);
