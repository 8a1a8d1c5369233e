import type { PodRule } from '../types.ts';
import { allContainers } from '../workloads.ts';

/** The container's setting goes before the pod's. A user other than 0 is as good as the promise. */
export const notRunAsNonRoot: PodRule = {
  id: 'NotRunAsNonRoot',
  sets: ['manual'],
  type: 'security',
  severity: 'warning',
  scope: 'pod',
  references: ['https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted'],
  texts: {
    zh: {
      title: '允许以 root 用户运行',
      impact: '容器里的 root 在逃逸后就是节点上的 root。',
      remedy: '设置 runAsNonRoot: true 和 runAsUser: 10000 或更大；或为 Pod 设置 hostUsers: false。',
    },
    en: {
      title: 'May run as root',
      impact: 'Root in the container is root on the node once it breaks out.',
      remedy: 'Set runAsNonRoot: true and runAsUser: 10000 or more; or hostUsers: false for the pod.',
    },
  },
  check(pod) {
    if (pod.spec.hostUsers === false) return [];
    const shared = pod.spec.securityContext ?? {};
    return allContainers(pod).flatMap(({ container, name, path }) => {
      const own = container.securityContext ?? {};
      const user = own.runAsUser ?? shared.runAsUser;
      if (user === 0)
        return [
          {
            container: name,
            field: `${path}.securityContext.runAsUser`,
            evidence: 'runAsUser: 0',
            severity: 'danger' as const,
          },
        ];
      if ((own.runAsNonRoot ?? shared.runAsNonRoot) === true || Number(user) >= 1) return [];
      return [
        {
          container: name,
          field: `${path}.securityContext.runAsNonRoot`,
          evidence: 'neither runAsNonRoot nor a runAsUser other than 0 is set',
        },
      ];
    });
  },
};
