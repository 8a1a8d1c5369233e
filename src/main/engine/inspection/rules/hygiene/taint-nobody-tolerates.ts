import type { Json } from '#shared/kubernetes/types.ts';
import { leftoverRule } from '../families.ts';

/** Set and taken away by controllers. */
const OF_CONTROLLERS = /^(node\.kubernetes\.io|node\.cloudprovider\.kubernetes\.io|node-role\.kubernetes\.io)\//;

export const taintNobodyTolerates = leftoverRule('Node', 'nodes')(
  'TaintNobodyTolerates',
  {
    zh: [
      '没有工作负载容忍节点的污点',
      '该节点闲置：除系统组件外没有 Pod 能调度上来。',
      '删除污点，或为应当使用该节点的工作负载添加容忍。',
    ],
    en: [
      'Nobody tolerates the node’s taint',
      'The node is idle: apart from agents no pod can be scheduled to it.',
      'Take the taint away, or let the workloads that the node is for tolerate it.',
    ],
  },
  ({ spec }, world) =>
    ((spec?.taints ?? []) as Json[]).flatMap((taint, index) => {
      if (taint?.effect === 'PreferNoSchedule' || OF_CONTROLLERS.test(String(taint?.key))) return [];
      const used = world.pods.some(({ spec: pod }) =>
        ((pod.tolerations ?? []) as Json[]).some((one) => one?.key !== undefined && tolerates(one, taint)),
      );
      const { key, value, effect } = taint;
      return used ? [] : [{ field: `spec.taints[${index}]`, evidence: `${key}${value ? `=${value}` : ''}:${effect}` }];
    }),
);

function tolerates(one: Json, taint: Json): boolean {
  if (one.key !== taint.key || (one.effect && one.effect !== taint.effect)) return false;
  return one.operator === 'Exists' || (one.value ?? '') === (taint.value ?? '');
}
