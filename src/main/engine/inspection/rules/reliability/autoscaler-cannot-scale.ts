import { autoscalerRule } from '../families.ts';
import { conditionText, type NodeCondition } from '../nodes.ts';

export const autoscalerCannotScale = autoscalerRule(
  'AutoscalerCannotScale',
  {
    zh: [
      'HPA 无法获取指标或伸缩',
      '负载上升时不会扩容。',
      '按条件中的原因处理：检查 metrics API、资源请求与目标对象。',
    ],
    en: [
      'Autoscaler cannot scale',
      'When load rises, no copy is added.',
      'Follow the reason of the condition: look at the metrics API, the requests of resources and the target.',
    ],
  },
  ({ status }) =>
    ((status?.conditions ?? []) as NodeCondition[])
      .filter(({ type, status: is }) => (type === 'AbleToScale' || type === 'ScalingActive') && is === 'False')
      .filter(({ reason }) => reason !== 'ScalingDisabled')
      .map((condition) => ({ field: `status.conditions[${condition.type}]`, evidence: conditionText(condition) })),
);
