import { podSecurityRule } from '../families.ts';

export const defaultNamespaceUsed = podSecurityRule(
  'DefaultNamespaceUsed',
  {
    severity: 'notice',
    type: 'configuration',
    references: ['https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/'],
    zh: [
      '工作负载运行在 default 命名空间',
      '不同应用混在一起，难以分别授权、限额与隔离。',
      '为应用创建各自的命名空间。',
    ],
    en: [
      'Workload in the namespace default',
      'Applications are mixed: rights, quotas and isolation cannot be given to one of them.',
      'Make a namespace for each application.',
    ],
  },
  ({ object }) =>
    object.metadata.namespace === 'default' ? [{ field: 'metadata.namespace', evidence: 'namespace: default' }] : [],
);
