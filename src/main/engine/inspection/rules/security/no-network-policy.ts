import { said } from '#shared/inspection-evidence.ts';
import { selectorMatches } from '../../workloads.ts';
import { isolationRule } from '../families.ts';

const NAMED = 5;

/** One finding for each namespace: that is where a default is set. */
export const noNetworkPolicy = isolationRule(
  'NoNetworkPolicy',
  {
    zh: [
      '命名空间内的 Pod 没有网络隔离',
      '集群中任何 Pod 都能访问这些 Pod；一处失陷即可横向移动。',
      '先创建默认拒绝的 NetworkPolicy，再放行需要的流量；确认网络插件支持 NetworkPolicy。',
    ],
    en: [
      'Pods without network isolation',
      'Every pod of the cluster reaches these pods: what breaks into one moves on to the others.',
      'Begin with a NetworkPolicy that denies by default, then allow what is needed; make sure the network plugin enforces them.',
    ],
  },
  (world) => {
    const open = new Map<string, string[]>();
    for (const { object, labels, spec } of world.pods) {
      const { namespace = '', name = '' } = object.metadata;
      // Pods on the host's network are beyond the reach of policies.
      if (spec.hostNetwork === true || namespace === 'kube-system') continue;
      const policies = world.inNamespace('NetworkPolicy', namespace);
      if (policies.some((policy) => selectorMatches(policy.spec?.podSelector, labels))) continue;
      open.set(namespace, [...(open.get(namespace) ?? []), `${object.kind}/${name}`]);
    }
    return [...open].map(([namespace, workloads]) => ({
      about: { namespace: '', kind: 'Namespace', name: namespace },
      field: 'NetworkPolicy',
      evidence: said(workloads.length > NAMED ? 'selectedByNoneAndMore' : 'selectedByNone', {
        workloads: workloads.slice(0, NAMED).join(', '),
        more: workloads.length - NAMED,
      }),
    }));
  },
);
