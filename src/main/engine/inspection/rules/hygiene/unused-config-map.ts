import { said } from '#shared/inspection-evidence.ts';
import { leftoverRule } from '../families.ts';
import { isUsed } from '../references.ts';

export const unusedConfigMap = leftoverRule('ConfigMap', 'configmaps')(
  'UnusedConfigMap',
  {
    zh: ['ConfigMap 没有被使用', '使人误以为它仍然有效，修改它不会有任何作用。', '确认没有程序通过 API 读取后删除。'],
    en: [
      'ConfigMap is not used',
      'It misleads: a change of it has no effect.',
      'Delete it once it is sure that no program reads it over the API.',
    ],
  },
  (object, world) => (isUsed(object, world) ? [] : [{ field: 'metadata.name', evidence: said('noWorkloadRefers') }]),
);
