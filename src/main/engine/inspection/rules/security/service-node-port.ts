import { serviceSecurityRule } from '../families.ts';

export const serviceNodePort = serviceSecurityRule(
  'ServiceNodePort',
  {
    severity: 'notice',
    zh: [
      'Service 在每个节点上开放端口',
      '端口在所有节点的所有地址上打开，绕过入口处的访问控制与 TLS。',
      '改用 ClusterIP 加 Ingress 或 Gateway，或用防火墙限制来源。',
    ],
    en: [
      'Service opens a port on every node',
      'The port is open on every address of every node, past the access control and TLS of the entrance.',
      'Use ClusterIP with an Ingress or Gateway, or let a firewall decide who comes.',
    ],
  },
  ({ spec }) =>
    spec?.type === 'NodePort'
      ? [
          {
            field: 'spec.type',
            evidence: ((spec.ports ?? []) as { nodePort?: number }[]).map(({ nodePort }) => nodePort ?? '?').join(', '),
          },
        ]
      : [],
);
