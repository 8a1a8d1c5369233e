import { claimRule } from '../families.ts';

const PATIENCE_MS = 10 * 60_000;

export const claimNotBound = claimRule(
  'ClaimNotBound',
  {
    zh: [
      'PVC 没有绑定',
      '使用它的 Pod 无法启动。',
      '检查 StorageClass、容量与可用区；Lost 表示卷已不存在，需要恢复数据。',
    ],
    en: [
      'Claim is not bound',
      'Pods that use it do not start.',
      'Look at StorageClass, capacity and zone; Lost means that the volume is gone and its data has to be restored.',
    ],
  },
  ({ status, spec, metadata }, world) => {
    if (status?.phase === 'Lost')
      return [{ field: 'status.phase', evidence: `Lost: ${spec?.volumeName ?? ''}`, severity: 'danger' as const }];
    const young = world.now - Date.parse(metadata.creationTimestamp ?? '') < PATIENCE_MS;
    return status?.phase === 'Pending' && !young ? [{ field: 'status.phase', evidence: 'Pending' }] : [];
  },
);
