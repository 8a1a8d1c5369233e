import { tidyWorkloadRule } from '../families.ts';

export const scaledToNothing = tidyWorkloadRule(
  'ScaledToNothing',
  {
    zh: ['副本数为 0', '可能是临时停用后遗忘的工作负载。', '确认不再需要后删除；需要时恢复副本数。'],
    en: [
      'Scaled to nothing',
      'It may have been stopped for a while and forgotten.',
      'Delete it when it is needed no more; else scale it up again.',
    ],
  },
  ({ spec }) => (spec?.replicas === 0 ? [{ field: 'spec.replicas', evidence: 'replicas: 0' }] : []),
);
