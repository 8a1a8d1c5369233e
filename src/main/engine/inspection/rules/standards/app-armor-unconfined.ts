import type { Hit, PodSubject } from '../../types.ts';
import { baselineRule } from '../families.ts';
import { profileRule } from '../profiles.ts';

/** As it was written before Kubernetes 1.30. */
const ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';

function annotated({ annotations }: PodSubject): Hit[] {
  return Object.entries(annotations).flatMap(([key, value]) =>
    key.startsWith(ANNOTATION) && value === 'unconfined'
      ? [{ container: key.slice(ANNOTATION.length), field: `metadata.annotations['${key}']`, evidence: value }]
      : [],
  );
}

export const appArmorUnconfined = baselineRule(
  'AppArmorUnconfined',
  {
    zh: [
      '关闭了 AppArmor',
      '主机上的强制访问控制不再限制该容器。',
      '去掉 appArmorProfile，或将 type 设为 RuntimeDefault。',
    ],
    en: [
      'AppArmor is switched off',
      'The mandatory access control of the host does not confine the container.',
      'Remove appArmorProfile, or set its type to RuntimeDefault.',
    ],
  },
  (pod, world, threshold) => [
    ...profileRule('appArmorProfile', ({ type }) => type === 'Unconfined')(pod, world, threshold),
    ...annotated(pod),
  ],
);
