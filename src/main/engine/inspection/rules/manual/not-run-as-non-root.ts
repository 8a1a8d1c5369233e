import { said } from '#shared/inspection-evidence.ts';
import { inEveryContainer } from '../containers.ts';
import { hardeningRule } from '../families.ts';

/** The container's setting goes before the pod's. A user other than 0 is as good as the promise. */
export const notRunAsNonRoot = hardeningRule(
  'NotRunAsNonRoot',
  {
    zh: [
      '允许以 root 用户运行',
      '容器里的 root 在逃逸后就是节点上的 root。',
      '设置 runAsNonRoot: true 和 runAsUser: 10000 或更大；或为 Pod 设置 hostUsers: false。',
    ],
    en: [
      'May run as root',
      'Root in the container is root on the node once it breaks out.',
      'Set runAsNonRoot: true and runAsUser: 10000 or more; or hostUsers: false for the pod.',
    ],
  },
  inEveryContainer((container, { spec }) => {
    if (spec.hostUsers === false) return null;
    const [own, shared] = [container.securityContext ?? {}, spec.securityContext ?? {}];
    const user = own.runAsUser ?? shared.runAsUser;
    if (user === 0) return { field: 'securityContext.runAsUser', evidence: 'runAsUser: 0', severity: 'danger' };
    if ((own.runAsNonRoot ?? shared.runAsNonRoot) === true || Number(user) >= 1) return null;
    const evidence = said('neverNonRoot');
    return { field: 'securityContext.runAsNonRoot', evidence };
  }),
);
