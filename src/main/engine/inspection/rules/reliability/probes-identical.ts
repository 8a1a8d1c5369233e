import { isDeepStrictEqual } from 'node:util';
import { said } from '#shared/inspection-evidence.ts';
import { inRunningContainers } from '../containers.ts';
import { steadyPodRule } from '../families.ts';

export const probesIdentical = steadyPodRule(
  'ProbesIdentical',
  {
    references: ['https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/'],
    zh: [
      '存活探针与就绪探针相同',
      '短暂过载时容器不是暂停接收流量，而是被重启，使情况恶化。',
      '就绪探针检查能否处理请求；存活探针只检查进程是否挂死，且更宽松。',
    ],
    en: [
      'Liveness and readiness probe are the same',
      'Under a short overload the container is restarted instead of spared, which makes it worse.',
      'Let readiness ask whether it can serve; let liveness ask only whether the process hangs, and be more patient.',
    ],
  },
  inRunningContainers(({ livenessProbe, readinessProbe }) =>
    livenessProbe && readinessProbe && isDeepStrictEqual(livenessProbe, readinessProbe)
      ? { field: 'livenessProbe', evidence: said('equalToReadiness') }
      : null,
  ),
);
