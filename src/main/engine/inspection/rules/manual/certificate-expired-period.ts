import { said } from '#shared/inspection-evidence.ts';
import { manualClusterRule } from '../families.ts';

const DAY_MS = 86_400_000;

export const certificateExpiredPeriod = manualClusterRule(
  'CertificateExpiredPeriod',
  {
    type: 'certificate',
    severity: 'danger',
    threshold: { default: 30, min: 1, max: 365, unit: 'days' },
    references: ['https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/'],
    zh: [
      '证书即将过期',
      '到期后所有客户端和 kubelet 都会被拒绝，集群无法管理。',
      'kubeadm 集群执行 kubeadm certs renew all 并重启控制面；托管集群在其控制台轮换证书。',
    ],
    en: [
      'Certificate about to expire',
      'Once it has ended every client and kubelet is refused; the cluster cannot be managed.',
      'kubeadm clusters: kubeadm certs renew all, then restart the control plane; managed ones: rotate it in the console.',
    ],
  },
  ({ certificates, now, cluster }, limit) =>
    certificates.flatMap(({ of, subject, issuer, notAfter, names }) => {
      const days = Math.floor((notAfter - now) / DAY_MS);
      if (days >= limit) return [];
      const end = new Date(notAfter).toISOString();
      const certificate = said(notAfter <= now ? 'certificateExpired' : 'certificateEnds', {
        ...{ subject, issuer, days },
        time: end,
      });
      return [
        {
          about: { namespace: '', kind: 'Cluster', name: cluster },
          field: of,
          evidence: names.length > 0 ? said('certificateFor', { certificate, names: names.join(', ') }) : certificate,
        },
      ];
    }),
);
