import { said } from '#shared/inspection-evidence.ts';
import { leftoverRule } from '../families.ts';
import { isUsed } from '../references.ts';

export const unusedClaim = leftoverRule('PersistentVolumeClaim', 'persistentvolumeclaims')(
  'UnusedClaim',
  {
    type: 'resources',
    zh: ['PVC 没有被使用', '占用的存储持续计费。', '备份需要的数据后删除。'],
    en: [
      'Claim is not used',
      'Its storage is paid for all the time.',
      'Delete it once what is needed of its data is saved.',
    ],
  },
  (object, world) => (isUsed(object, world) ? [] : [{ field: 'metadata.name', evidence: said('noPodMounts') }]),
);
