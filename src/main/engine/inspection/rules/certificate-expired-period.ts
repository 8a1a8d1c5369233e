import type { ClusterRule } from '../types.ts';

const DAY_MS = 86_400_000;
const LIMIT_DAYS = 30;

export const certificateExpiredPeriod: ClusterRule = {
  id: 'CertificateExpiredPeriod',
  sets: ['manual'],
  type: 'certificate',
  severity: 'danger',
  scope: 'cluster',
  references: ['https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/'],
  texts: {
    zh: {
      title: '证书有效期少于 30 天',
      impact: '到期后所有客户端和 kubelet 都会被拒绝，集群无法管理。',
      remedy: 'kubeadm 集群执行 kubeadm certs renew all 并重启控制面；托管集群在其控制台轮换证书。',
    },
    en: {
      title: 'Certificate ends within 30 days',
      impact: 'Once it has ended every client and kubelet is refused; the cluster cannot be managed.',
      remedy:
        'kubeadm clusters: kubeadm certs renew all, then restart the control plane; managed ones: rotate it in the console.',
    },
  },
  check: ({ certificates, now, cluster }) =>
    certificates.flatMap(({ of, subject, issuer, notAfter, names }) => {
      const days = Math.floor((notAfter - now) / DAY_MS);
      if (days >= LIMIT_DAYS) return [];
      const end = new Date(notAfter).toISOString();
      const state = notAfter <= now ? `expired ${end}` : `ends ${end}, in ${days} days`;
      return [
        {
          about: { namespace: '', kind: 'Cluster', name: cluster },
          field: of,
          evidence: `${subject}, issued by ${issuer}, ${state}${names.length > 0 ? `; for ${names.join(', ')}` : ''}`,
        },
      ];
    }),
};
