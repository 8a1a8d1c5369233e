/** What a simulated container is taken to be, by its image: which ports it answers, what it logs, whether it has a shell. Pure. */
import type { Json } from '#shared/kubernetes/types.ts';
import { parseImage } from '../kubelet/images.ts';
import { agnhostPorts } from './agnhost.ts';

export type ProgramKind =
  | 'agnhost'
  | 'nginx'
  | 'httpd'
  | 'redis'
  | 'postgres'
  | 'mysql'
  | 'prometheus'
  | 'coredns'
  | 'kube-proxy'
  | 'shell'
  | 'service';

export interface Program {
  kind: ProgramKind;
  /** Command line of the first process. */
  command: string;
  /** TCP ports it listens on beside those its container declares. */
  ports: readonly number[];
  /** Which of its ports speak HTTP. */
  http: boolean;
  /** Images without a shell have nothing to run in them. */
  shell: boolean;
  os: 'debian' | 'alpine' | 'busybox' | 'none';
}

const KNOWN: [RegExp, Omit<Program, 'os'> & { os?: Program['os'] }][] = [
  [
    /(^|[-/])nginx/,
    { kind: 'nginx', command: 'nginx: master process nginx -g daemon off;', ports: [80], http: true, shell: true },
  ],
  [
    /(^|\/)(httpd|hpa-example|apache)/,
    { kind: 'httpd', command: 'httpd -DFOREGROUND', ports: [80], http: true, shell: true },
  ],
  [
    /(^|[-/])(redis|valkey)/,
    { kind: 'redis', command: 'redis-server *:6379', ports: [6379], http: false, shell: true },
  ],
  [/(^|[-/])postgres/, { kind: 'postgres', command: 'postgres', ports: [5432], http: false, shell: true }],
  [/(^|[-/])(mysql|mariadb)/, { kind: 'mysql', command: 'mysqld', ports: [3306], http: false, shell: true }],
  [
    /(^|\/)prometheus$/,
    {
      kind: 'prometheus',
      command: '/bin/prometheus --config.file=/etc/prometheus/prometheus.yml',
      ports: [9090],
      http: true,
      shell: true,
      os: 'busybox',
    },
  ],
  [
    /(^|\/)coredns$/,
    {
      kind: 'coredns',
      command: '/coredns -conf /etc/coredns/Corefile',
      ports: [53, 8080, 8181, 9153],
      http: true,
      shell: false,
      os: 'none',
    },
  ],
  [
    /(^|\/)kube-proxy/,
    {
      kind: 'kube-proxy',
      command: '/usr/local/bin/kube-proxy --config=/var/lib/kube-proxy/config.conf',
      ports: [10249, 10256],
      http: true,
      shell: false,
      os: 'none',
    },
  ],
  [/(^|\/)agnhost/, { kind: 'agnhost', command: '/agnhost pause', ports: [], http: true, shell: true, os: 'alpine' }],
  [/(^|\/)busybox/, { kind: 'shell', command: 'sh', ports: [], http: false, shell: true, os: 'busybox' }],
  [
    /(^|\/)(alpine|netshoot|curl)/,
    { kind: 'shell', command: '/bin/sh', ports: [], http: false, shell: true, os: 'alpine' },
  ],
  [/(^|\/)(ubuntu|debian|centos|fedora)$/, { kind: 'shell', command: 'bash', ports: [], http: false, shell: true }],
  [/distroless|\/pause|scratch/, { kind: 'service', command: '/app', ports: [], http: true, shell: false, os: 'none' }],
];

export function programOf(container: Json): Program {
  const image: string = container.image ?? '';
  const reference = parseImage(image);
  const repository = reference?.repository ?? image;
  const known = KNOWN.find(([pattern]) => pattern.test(repository))?.[1];
  const tagged: Program['os'] = /alpine/.test(reference?.tag ?? '') ? 'alpine' : 'debian';
  const entry: string[] = container.command ?? (known?.kind === 'agnhost' && container.args ? ['/agnhost'] : []);
  const own = [...entry, ...(container.args ?? [])].join(' ');
  const base: Program =
    known === undefined
      ? {
          kind: 'service',
          command: `/app/${repository.split('/').at(-1) ?? 'server'}`,
          ports: [],
          http: true,
          shell: true,
          os: tagged,
        }
      : { ...known, os: known.os ?? tagged };
  return { ...base, command: own === '' ? base.command : own };
}

/** Whether something listens on the TCP port. A shell does not, whatever its container declares. */
export function listensOn(container: Json, port: number): boolean {
  const program = programOf(container);
  const declared =
    program.kind !== 'shell' &&
    (container.ports ?? []).some((one: Json) => one.containerPort === port && (one.protocol ?? 'TCP') === 'TCP');
  return (
    declared || program.ports.includes(port) || (program.kind === 'agnhost' && agnhostPorts(container).includes(port))
  );
}
