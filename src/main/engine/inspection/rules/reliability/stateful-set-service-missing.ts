import { said } from '#shared/inspection-evidence.ts';
import { workloadRule } from '../families.ts';

export const statefulSetServiceMissing = workloadRule(
  'StatefulSetServiceMissing',
  {
    needs: ['services'],
    references: ['https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id'],
    zh: [
      'StatefulSet 没有对应的无头 Service',
      'Pod 没有稳定的 DNS 名称，成员之间无法互相发现。',
      '创建 clusterIP: None 的 Service，名称与 serviceName 一致。',
    ],
    en: [
      'StatefulSet without its headless Service',
      'Pods have no stable names in DNS, and members do not find each other.',
      'Make a Service with clusterIP: None under the name in serviceName.',
    ],
  },
  ({ kind, spec, metadata }, world) => {
    const name = spec?.serviceName ?? '';
    if (kind !== 'StatefulSet' || name === '') return [];
    const service = world.find({ kind: 'Service', namespace: metadata.namespace ?? '', name });
    if (service === undefined)
      return [{ field: 'spec.serviceName', evidence: said('doesNotExist', { what: `Service ${name}` }) }];
    return service.spec?.clusterIP === 'None'
      ? []
      : [{ field: 'spec.serviceName', evidence: said('notHeadless', { name }) }];
  },
);
