import { said } from '#shared/inspection-evidence.ts';
import type { Json } from '#shared/kubernetes/types.ts';
import { latestOfBundle } from '../../../kube/index.ts';
import type { Hit } from '../../types.ts';
import { webhookRule } from '../families.ts';

const DAY_MS = 86_400_000;

/** Of a bundle that is being renewed the certificate that ends last counts. */
export const webhookAuthorityEnds = webhookRule(
  'WebhookAuthorityEnds',
  {
    threshold: { default: 30, min: 1, max: 365, unit: 'days' },
    zh: [
      '准入 webhook 的 caBundle 即将过期',
      '到期后 API Server 不再信任该 webhook：failurePolicy 为 Fail 时，它所管的对象都无法创建和修改。',
      '由 cert-manager 等签发方更新证书并写入新的 caBundle；手工维护的 caBundle 换成新的 CA。',
    ],
    en: [
      'The caBundle of an admission webhook is about to expire',
      'After that the API server does not trust the webhook: with failurePolicy Fail nothing that it judges can be created or changed.',
      'Let the issuer (cert-manager and the like) renew the certificate and write the new caBundle; put the new authority into one that is kept by hand.',
    ],
  },
  ({ webhooks }, { now }, limit) =>
    ((webhooks ?? []) as Json[]).flatMap((webhook, index): Hit[] => {
      const caBundle = webhook?.clientConfig?.caBundle;
      if (typeof caBundle !== 'string' || caBundle === '') return [];
      const field = `webhooks[${index}].clientConfig.caBundle`;
      const latest = latestOfBundle(caBundle);
      if (latest === undefined)
        return [{ field, severity: 'warning', evidence: said('bundleUnreadable', { webhook: webhook.name }) }];
      const { subject, issuer, notAfter } = latest;
      const days = Math.floor((notAfter - now) / DAY_MS);
      if (days >= limit) return [];
      const values = { subject, issuer, days, time: new Date(notAfter).toISOString() };
      const ended = notAfter <= now;
      const evidence = said(ended ? 'certificateExpired' : 'certificateEnds', values);
      return [{ field, severity: ended ? 'danger' : 'warning', evidence }];
    }),
);
