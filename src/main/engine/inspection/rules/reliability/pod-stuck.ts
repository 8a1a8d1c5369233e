import { said } from '#shared/inspection-evidence.ts';
import { podStateRule } from '../families.ts';

export const podStuck = podStateRule(
  'PodStuck',
  {
    threshold: { default: 1, min: 1, max: 168, unit: 'hours' },
    zh: ['Pod 长时间未能运行', '调度、镜像或存储存在问题，该副本一直不可用。', '对该 Pod 执行诊断，按第一原因处理。'],
    en: [
      'Pod does not come up',
      'Scheduling, image or storage stand in the way; the copy is missing all the time.',
      'Run the diagnosis of the pod and follow its first cause.',
    ],
  },
  ({ status, metadata }, world, hours) => {
    const age = world.now - Date.parse(metadata.creationTimestamp ?? '');
    if (!(age > hours * 3_600_000)) return [];
    if (metadata.deletionTimestamp !== undefined)
      return world.now - Date.parse(metadata.deletionTimestamp) > hours * 3_600_000
        ? [
            {
              field: 'metadata.deletionTimestamp',
              evidence: said('terminatingSince', { time: metadata.deletionTimestamp }),
            },
          ]
        : [];
    return status?.phase === 'Pending' ? [{ field: 'status.phase', evidence: 'Pending' }] : [];
  },
);
