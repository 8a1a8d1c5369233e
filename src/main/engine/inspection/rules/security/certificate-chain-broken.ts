import { said } from '#shared/inspection-evidence.ts';
import { connectionRule } from '../families.ts';

const BREAKS = { otherKey: 'chainOtherKey', notSent: 'chainNotSent', unknown: 'chainUnknown' } as const;

/** Of a server that is talked to all the same: the kubeconfig does not verify it, or has what the server should send. */
export const certificateChainBroken = connectionRule(
  'CertificateChainBroken',
  {
    zh: [
      'API Server 的证书链不完整',
      '校验证书的客户端会拒绝连接；不校验的客户端无法发现有人冒充 API Server。',
      '让 API Server 发送完整的证书链（tls-cert-file 中依次放入证书与中间证书）；CA 更换后更新 kubeconfig 的 certificate-authority-data，去掉 insecure-skip-tls-verify。',
    ],
    en: [
      'Certificate chain of the API server is broken',
      'Clients that verify it refuse to connect; those that do not cannot tell who pretends to be the API server.',
      'Let the API server send its whole chain (tls-cert-file: its certificate, then the intermediates); after the authority has changed, renew certificate-authority-data in the kubeconfig and remove insecure-skip-tls-verify.',
    ],
  },
  ({ chain, cluster }) =>
    chain === null
      ? []
      : [
          {
            about: { namespace: '', kind: 'Cluster', name: cluster },
            field: 'API server certificate',
            evidence: said(BREAKS[chain.what], { subject: chain.subject, issuer: chain.issuer }),
          },
        ],
);
