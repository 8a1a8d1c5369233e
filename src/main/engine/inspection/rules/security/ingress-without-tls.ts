import { said } from '#shared/inspection-evidence.ts';
import { ingressSecurityRule } from '../families.ts';

/** `*.example.com` stands for one label. */
function isUnder(host: string, name: string): boolean {
  return name.startsWith('*.') && host.slice(host.indexOf('.')) === name.slice(1);
}

export const ingressWithoutTls = ingressSecurityRule(
  'IngressWithoutTls',
  {
    references: ['https://kubernetes.io/docs/concepts/services-networking/ingress/#tls'],
    zh: [
      'Ingress 没有 TLS',
      '流量以明文传输，途中可被窃听和篡改。',
      '为 Ingress 配置 tls 和证书，并将 HTTP 重定向到 HTTPS。',
    ],
    en: [
      'Ingress without TLS',
      'Traffic is in plain text, to be read and changed on its way.',
      'Give the Ingress tls with a certificate, and redirect HTTP to HTTPS.',
    ],
  },
  ({ spec }) => {
    const secured = ((spec?.tls ?? []) as { hosts?: string[] }[]).flatMap(({ hosts }) => hosts ?? ['']);
    const open = ((spec?.rules ?? []) as { host?: string }[])
      .map(({ host }) => host ?? '')
      .filter((host) => !secured.some((name) => name === '' || name === host || isUnder(host, name)));
    const named = open.filter((host) => host !== '').join(', ');
    const any = named === '' ? said('anyHost') : said('anyHostAnd', { hosts: named });
    return open.length === 0 ? [] : [{ field: 'spec.tls', evidence: open.includes('') ? any : named }];
  },
);
