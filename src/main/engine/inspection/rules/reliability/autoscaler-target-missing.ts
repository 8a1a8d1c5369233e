import { said } from '#shared/inspection-evidence.ts';
import { autoscalerRule } from '../families.ts';

export const autoscalerTargetMissing = autoscalerRule(
  'AutoscalerTargetMissing',
  {
    severity: 'danger',
    zh: ['HPA 的目标不存在', '不会进行任何伸缩。', '修正 scaleTargetRef，或删除该 HPA。'],
    en: [
      'Target of the autoscaler is missing',
      'Nothing is scaled.',
      'Correct scaleTargetRef, or delete the autoscaler.',
    ],
  },
  ({ spec, metadata }, world) => {
    const { kind = '', name = '' } = spec?.scaleTargetRef ?? {};
    if (!['Deployment', 'StatefulSet', 'ReplicaSet'].includes(kind)) return [];
    return world.find({ kind, name, namespace: metadata.namespace ?? '' }) !== undefined
      ? []
      : [{ field: 'spec.scaleTargetRef', evidence: said('doesNotExist', { what: `${kind}/${name}` }) }];
  },
);
