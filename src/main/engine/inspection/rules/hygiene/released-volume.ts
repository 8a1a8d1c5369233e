import { leftoverRule } from '../families.ts';

export const releasedVolume = leftoverRule('PersistentVolume', 'persistentvolumes')(
  'ReleasedVolume',
  {
    type: 'resources',
    zh: [
      'PersistentVolume 已释放或失败',
      '存储仍被保留并计费，但没有 PVC 可以使用它。',
      '取回数据后删除该卷及其后端存储；需要复用时清除 claimRef。',
    ],
    en: [
      'Volume is released or failed',
      'Its storage is kept and paid for, and no claim can use it.',
      'Save the data, then delete the volume and its storage; to use it again, clear claimRef.',
    ],
  },
  ({ status }) =>
    status?.phase === 'Released' || status?.phase === 'Failed'
      ? [{ field: 'status.phase', evidence: [status.phase, status.message].filter(Boolean).join(': ') }]
      : [],
);
