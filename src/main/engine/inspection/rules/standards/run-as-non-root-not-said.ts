import { said } from '#shared/inspection-evidence.ts';
import { inEveryContainer } from '../containers.ts';
import { restrictedRule } from '../families.ts';

/** Without a user either, the rule about root says so. */
export const runAsNonRootNotSaid = restrictedRule(
  'RunAsNonRootNotSaid',
  {
    zh: [
      '没有声明 runAsNonRoot',
      '用户号来自模板；镜像或模板改动后可能悄悄变为 root。',
      '设置 runAsNonRoot: true，由 kubelet 拒绝以 root 启动。',
    ],
    en: [
      'runAsNonRoot is not said',
      'The user is a number in the template: a change may turn it to root without anybody noticing.',
      'Set runAsNonRoot: true, so that the kubelet refuses to start as root.',
    ],
  },
  inEveryContainer((container, { spec }) => {
    const [own, shared] = [container.securityContext ?? {}, spec.securityContext ?? {}];
    const user = own.runAsUser ?? shared.runAsUser;
    if (spec.hostUsers === false || (own.runAsNonRoot ?? shared.runAsNonRoot) === true || !(Number(user) >= 1))
      return null;
    return {
      field: 'securityContext.runAsNonRoot',
      evidence: said('userWithoutNonRoot', { user }),
      fix: { value: true },
    };
  }),
);
