import { said } from '#shared/inspection-evidence.ts';
import { addedCapabilities } from '../../workloads.ts';
import { inEveryContainer } from '../containers.ts';
import { hardeningRule } from '../families.ts';

/** Explicitly allowed, or implied by what else the container may do, is a danger; left to the default (true) a warning. */
export const privilegeEscalationAllowed = hardeningRule(
  'PrivilegeEscalationAllowed',
  {
    severity: 'danger',
    zh: [
      '允许特权升级',
      '容器内的 setuid 程序可以获得比父进程更高的权限，是容器逃逸链中的一环。',
      '将容器的 securityContext.allowPrivilegeEscalation 设为 false。',
    ],
    en: [
      'Privilege escalation allowed',
      'A setuid program in the container gains more rights than its parent: one link in the chain of a break-out.',
      'Set securityContext.allowPrivilegeEscalation of the container to false.',
    ],
  },
  inEveryContainer((container) => {
    const { allowPrivilegeEscalation: allowed, privileged } = container.securityContext ?? {};
    const field = 'securityContext.allowPrivilegeEscalation';
    // The API refuses false beside what implies true: these two are mended by their own rules.
    if (privileged === true) return { field, evidence: said('impliedByPrivileged') };
    if (addedCapabilities(container).includes('SYS_ADMIN')) return { field, evidence: said('impliedByCapability') };
    const fix = { value: false };
    if (allowed === true) return { field, evidence: 'allowPrivilegeEscalation: true', fix };
    return allowed === false ? null : { field, evidence: said('allowsByDefault'), severity: 'warning', fix };
  }),
);
