import { said } from '#shared/inspection-evidence.ts';
import type { Json } from '#shared/kubernetes/types.ts';
import type { Severity } from '../../types.ts';
import { controlPlaneRule } from '../families.ts';

type Flags = ReadonlyMap<string, string>;
/** What is wrong, or undefined. */
type Check = readonly [flag: string, severity: Severity, wrong: (value: string | undefined, flags: Flags) => boolean];

const includes = (value: string | undefined, word: string): boolean => (value ?? '').split(',').includes(word);
const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';
const profiled: Check = ['profiling', 'notice', (value) => value !== 'false'];

/** Of the arguments that the CIS benchmark judges those that are wrong whatever the cluster is for. By component. */
const CHECKS: Readonly<Record<string, readonly Check[]>> = {
  'kube-apiserver': [
    [
      'authorization-mode',
      'danger',
      (value) => isSet(value) && (includes(value, 'AlwaysAllow') || !includes(value, 'RBAC')),
    ],
    ['enable-admission-plugins', 'danger', (value) => includes(value, 'AlwaysAdmit')],
    ['insecure-port', 'danger', (value) => isSet(value) && value !== '0'],
    ['service-account-lookup', 'danger', (value) => value === 'false'],
    ['token-auth-file', 'warning', isSet],
    ['audit-log-path', 'warning', (value, flags) => !isSet(value) && !isSet(flags.get('audit-webhook-config-file'))],
    ['encryption-provider-config', 'notice', (value) => !isSet(value)],
    profiled,
  ],
  'kube-controller-manager': [['use-service-account-credentials', 'warning', (value) => value !== 'true'], profiled],
  'kube-scheduler': [profiled],
  etcd: [
    ['client-cert-auth', 'danger', (value) => value !== 'true'],
    ['auto-tls', 'danger', (value) => value === 'true'],
    ['peer-auto-tls', 'danger', (value) => value === 'true'],
  ],
};

/** Static pods of kubeadm and its like, known by the label `component`; a managed control plane shows none. */
export const controlPlaneArguments = controlPlaneRule(
  'ControlPlaneArguments',
  {
    zh: [
      '控制面组件的启动参数不安全',
      '放开的授权、未加密的 etcd 或缺失的审计会使整个集群失守而无从追查。',
      '按证据修改控制面节点 /etc/kubernetes/manifests 中的参数；kubeadm 集群同时更新 ClusterConfiguration。',
    ],
    en: [
      'Unsafe arguments of the control plane',
      'Open authorization, an etcd that asks for no certificate or a missing audit log give the whole cluster away, without a trace.',
      'Change the argument in /etc/kubernetes/manifests of the control plane nodes, and in the ClusterConfiguration of kubeadm.',
    ],
  },
  ({ metadata, spec }) => {
    if (metadata.namespace !== 'kube-system') return [];
    const checks = CHECKS[metadata.labels?.['component'] ?? ''] ?? [];
    return ((spec?.containers ?? []) as Json[]).flatMap((container, index) => {
      const flags = flagsOf(container);
      return flags.size === 0
        ? []
        : checks
            .filter(([flag, , wrong]) => wrong(flags.get(flag), flags))
            .map(([flag, severity]) => ({
              severity,
              container: String(container?.name ?? ''),
              field: `spec.containers[${index}].command`,
              evidence: flags.has(flag) ? `--${flag}=${flags.get(flag)}` : said('notSet', { what: `--${flag}` }),
            }));
    });
  },
);

function flagsOf({ command, args }: Json): Flags {
  const flags = new Map<string, string>();
  for (const word of [...(command ?? []), ...(args ?? [])]) {
    const match = /^--([\w-]+)(?:=(.*))?$/s.exec(String(word));
    if (match?.[1] !== undefined) flags.set(match[1], match[2] ?? 'true');
  }
  return flags;
}
