import { volumesOf } from '../../workloads.ts';
import { restrictedRule } from '../families.ts';

const ALLOWED = new Set([
  ...['configMap', 'downwardAPI', 'emptyDir', 'projected', 'secret', 'csi'],
  ...['persistentVolumeClaim', 'ephemeral', 'image'],
]);

export const restrictedVolumeTypes = restrictedRule(
  'RestrictedVolumeTypes',
  {
    zh: [
      '使用了 restricted 不允许的卷类型',
      '这类卷绕过集群的存储管理，直接使用节点或外部存储的凭据。',
      '改用 configMap、downwardAPI、emptyDir、projected、secret、csi、ephemeral 或 PVC。',
    ],
    en: [
      'Volume type beyond the restricted standard',
      'Such volumes go past the storage of the cluster, with credentials of nodes or of storage elsewhere.',
      'Use configMap, downwardAPI, emptyDir, projected, secret, csi, ephemeral or a claim.',
    ],
  },
  ({ spec, path }) =>
    volumesOf(spec).flatMap(({ name, ...source }, index) => {
      const wrong = Object.keys(source).filter((type) => !ALLOWED.has(type));
      // A directory of the host has a rule of its own, which is in this set too.
      if (wrong.length === 0 || wrong.includes('hostPath')) return [];
      return [{ field: `${path}.volumes[${index}]`, evidence: `${name}: ${wrong.join(', ')}` }];
    }),
);
