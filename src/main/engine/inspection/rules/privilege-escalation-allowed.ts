import type { PodRule } from '../types.ts';
import { addedCapabilities, allContainers } from '../workloads.ts';

/** Explicitly allowed, or implied by what else the container may do, is a danger; left to the default (true) a warning. */
export const privilegeEscalationAllowed: PodRule = {
  id: 'PrivilegeEscalationAllowed',
  sets: ['manual'],
  type: 'security',
  severity: 'danger',
  scope: 'pod',
  references: ['https://kubernetes.io/docs/concepts/security/pod-security-standards/'],
  texts: {
    zh: {
      title: '允许特权升级',
      impact: '容器内的 setuid 程序可以获得比父进程更高的权限，是容器逃逸链中的一环。',
      remedy: '将容器的 securityContext.allowPrivilegeEscalation 设为 false。',
    },
    en: {
      title: 'Privilege escalation allowed',
      impact:
        'A setuid program in the container gains more rights than its parent: one link in the chain of a break-out.',
      remedy: 'Set securityContext.allowPrivilegeEscalation of the container to false.',
    },
  },
  check: (pod) =>
    allContainers(pod).flatMap(({ container, name, path }) => {
      const field = `${path}.securityContext.allowPrivilegeEscalation`;
      const context = container.securityContext ?? {};
      if (context.allowPrivilegeEscalation === true)
        return [{ container: name, field, evidence: 'allowPrivilegeEscalation: true' }];
      if (context.privileged === true) return [{ container: name, field, evidence: 'implied by privileged: true' }];
      if (addedCapabilities(container).includes('SYS_ADMIN'))
        return [{ container: name, field, evidence: 'implied by capability SYS_ADMIN' }];
      if (context.allowPrivilegeEscalation === false) return [];
      return [{ container: name, field, evidence: 'not set, which allows it', severity: 'warning' as const }];
    }),
};
