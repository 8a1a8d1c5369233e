import { said } from '#shared/inspection-evidence.ts';
import type { PodRule, PodSubject, World } from '../../types.ts';
import { podNamespaceRule } from '../families.ts';
import { MANUAL_RULES } from '../manual/index.ts';
import { STANDARD_RULES } from '../standards/index.ts';

const ENFORCE = 'pod-security.kubernetes.io/enforce';
const OTHERS = ['pod-security.kubernetes.io/audit', 'pod-security.kubernetes.io/warn'];
const LEVELS = ['restricted', 'baseline'] as const;

const rulesOf = (level: (typeof LEVELS)[number]): PodRule[] =>
  [...MANUAL_RULES, ...STANDARD_RULES].filter(
    (rule): rule is PodRule => rule.scope === 'pod' && rule.sets.includes(level),
  );
const byLevel = LEVELS.map((level) => ({ level, rules: rulesOf(level) }));

/** One finding for each namespace that has workloads, with the strictest level that all of them pass as they are. */
export const podSecurityNotEnforced = podNamespaceRule(
  'PodSecurityNotEnforced',
  {
    severity: 'notice',
    zh: [
      '命名空间没有强制 Pod 安全标准',
      '任何人只要能创建 Pod，就能以特权运行并控制节点。',
      '为命名空间设置标签 pod-security.kubernetes.io/enforce；证据中给出现有工作负载都能通过的最严格级别，先用 warn 试行。',
    ],
    en: [
      'Pod Security is not enforced',
      'Whoever may create pods there may run them privileged, and have the node.',
      'Label the namespace pod-security.kubernetes.io/enforce; the evidence names the strictest level that its workloads pass as they are. Try it with warn first.',
    ],
  },
  (world) => {
    const pods = new Map<string, PodSubject[]>();
    for (const pod of world.pods) {
      const namespace = pod.object.metadata.namespace ?? '';
      const list = pods.get(namespace);
      if (list === undefined) pods.set(namespace, [pod]);
      else list.push(pod);
    }
    return world.ofKind('Namespace').flatMap(({ metadata }) => {
      const { name = '', labels = {} } = metadata;
      const own = pods.get(name) ?? [];
      if (name.startsWith('kube-') || own.length === 0 || labels[ENFORCE] !== undefined) return [];
      const told = OTHERS.filter((label) => labels[label] !== undefined).map((label) => `${label}=${labels[label]}`);
      const evidence = said('passes', {
        level: levelOf(own, world),
        labels: told.map((label) => `, ${label}`).join(''),
      });
      return [{ about: { namespace: '', kind: 'Namespace', name }, field: `metadata.labels["${ENFORCE}"]`, evidence }];
    });
  },
);

function levelOf(pods: readonly PodSubject[], world: World): string {
  const passes = ({ rules }: (typeof byLevel)[number]): boolean =>
    pods.every((pod) => rules.every((rule) => rule.check(pod, world, rule.threshold?.default ?? 0).length === 0));
  return byLevel.find(passes)?.level ?? 'privileged';
}
