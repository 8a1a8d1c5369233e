import { serviceSecurityRule } from '../families.ts';

export const serviceExternalIPs = serviceSecurityRule(
  'ServiceExternalIPs',
  {
    zh: [
      'Service 使用 externalIPs',
      '创建者可以截取发往任意 IP 的流量（CVE-2020-8554）。',
      '改用 LoadBalancer 或 Ingress，并用准入策略禁止 externalIPs。',
    ],
    en: [
      'Service with externalIPs',
      'Who makes it intercepts traffic to any address (CVE-2020-8554).',
      'Use a LoadBalancer or an Ingress, and forbid externalIPs by an admission policy.',
    ],
  },
  ({ spec }) =>
    (spec?.externalIPs ?? []).length === 0
      ? []
      : [{ field: 'spec.externalIPs', evidence: spec.externalIPs.join(', ') }],
);
