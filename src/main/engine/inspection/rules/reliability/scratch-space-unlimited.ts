import { said } from '#shared/inspection-evidence.ts';
import type { Json } from '#shared/kubernetes/types.ts';
import { runningContainers, volumesOf } from '../../workloads.ts';
import { steadyPodRule } from '../families.ts';

export const scratchSpaceUnlimited = steadyPodRule(
  'ScratchSpaceUnlimited',
  {
    severity: 'notice',
    type: 'resources',
    references: ['https://kubernetes.io/docs/concepts/storage/ephemeral-storage/'],
    zh: [
      '临时卷没有大小限制',
      '写满 emptyDir 会占满节点磁盘，使节点驱逐其他 Pod。',
      '为 emptyDir 设置 sizeLimit，或为容器设置 resources.limits.ephemeral-storage。',
    ],
    en: [
      'Scratch space has no limit',
      'What fills an emptyDir fills the disk of the node, which then evicts other pods.',
      'Set sizeLimit of the emptyDir, or resources.limits.ephemeral-storage of the containers.',
    ],
  },
  (pod) => {
    const limited = runningContainers(pod).every(
      ({ container }) => container.resources?.limits?.['ephemeral-storage'] !== undefined,
    );
    if (limited) return [];
    return volumesOf(pod.spec).flatMap((volume: Json, index) => {
      const { emptyDir } = volume;
      // In memory it counts against the memory limit.
      if (emptyDir === undefined || emptyDir?.medium === 'Memory' || emptyDir?.sizeLimit !== undefined) return [];
      return [
        {
          field: `${pod.path}.volumes[${index}].emptyDir.sizeLimit`,
          evidence: said('notSetIn', { name: volume.name, what: 'sizeLimit' }),
        },
      ];
    });
  },
);
