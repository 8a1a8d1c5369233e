import { said } from '#shared/inspection-evidence.ts';
import { leftoverRule } from '../families.ts';
import { isUsed } from '../references.ts';

export const unusedSecret = leftoverRule('Secret', 'secrets')(
  'UnusedSecret',
  {
    needs: ['secrets', 'serviceaccounts', 'ingresses.networking.k8s.io'],
    zh: [
      'Secret 没有被使用',
      '无人使用的凭据也会泄露，且往往忘记更换。',
      '确认没有程序通过 API 读取后删除，并吊销其中的凭据。',
    ],
    en: [
      'Secret is not used',
      'Credentials that nobody uses leak too, and are never replaced.',
      'Delete it once it is sure that no program reads it over the API, and revoke what it held.',
    ],
  },
  (object, world) => (isUsed(object, world) ? [] : [{ field: 'metadata.name', evidence: said('noWorkloadRefers') }]),
);
