/** What a simulated container is taken to be, by its image: which ports it answers, what it logs, whether it has a shell. Pure. */
import type { Json } from '#shared/kubernetes/types.ts';
import { parseImage } from '../kubelet/images.ts';
import { agnhostPorts } from './agnhost.ts';
import { KNOWN, serverPorts } from './known-images.ts';
import { type SampleName, samplePort } from './sample-apps.ts';

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
  /** Last part of the image's repository. */
  image: string;
  /** Command line of the first process. */
  command: string;
  /** TCP ports it listens on beside those its container declares. */
  ports: readonly number[];
  /** Which of its ports speak HTTP. */
  http: boolean;
  /** Images without a shell have nothing to run in them. */
  shell: boolean;
  os: 'debian' | 'alpine' | 'busybox' | 'none';
  /** One of the small applications of tutorials, which have answers of their own. */
  sample?: SampleName;
  /** Seconds of CPU that an answer takes. */
  cpuPerRequest?: number;
}

/** A command in the place of an image's own that only waits. */
const IDLE = /^(\S*\/)?((ba|a|da)?sh -\w*c\s+)?(sleep|tail|while|until|trap)\b/;

export function programOf(container: Json): Program {
  const image: string = container.image ?? '';
  const reference = parseImage(image);
  const repository = reference?.repository ?? image;
  const name = repository.split('/').at(-1) ?? 'server';
  const known = KNOWN.find(([pattern]) => pattern.test(repository))?.[1];
  const tagged: Program['os'] = /alpine/.test(reference?.tag ?? '') ? 'alpine' : 'debian';
  const entry: string[] = container.command ?? (known?.kind === 'agnhost' && container.args ? ['/agnhost'] : []);
  const own = [...entry, ...(container.args ?? [])].join(' ');
  const base: Omit<Program, 'image'> =
    known === undefined
      ? {
          kind: 'service',
          command: `/app/${name}`,
          ...(serverPorts(name) ?? { ports: ownPorts(container), http: true }),
          shell: true,
          os: tagged,
        }
      : { ...known, os: known.os ?? tagged };
  const told = base.sample === undefined ? null : samplePort(base.sample, container);
  const ports = IDLE.test(own) || runsAnother(container) ? [] : told === null ? base.ports : [told];
  return { ...base, image: name, command: own === '' ? base.command : own, ports };
}

/** Whether the image's own program is one that never ends by itself, so far as that is known. */
export function isServer(container: Json): boolean {
  if (container.command !== undefined || runsAnother(container)) return false;
  const { kind, sample } = programOf(container);
  const name = (parseImage(container.image ?? '')?.repository ?? '').split('/').at(-1) ?? '';
  const known = kind !== 'shell' && kind !== 'service' && kind !== 'agnhost';
  return known || sample !== undefined || name === 'pause' || serverPorts(name) !== null;
}

/** Databases and the like start whatever program they are given as their first word: clients of their own, as a rule. */
const ENTERED = /(^|\/)(redis|valkey|postgres|mysql|mariadb|mongo|rabbitmq|memcached|cassandra|wordpress|nginx|httpd)$/;

export function runsAnother({ image, command, args }: Json): boolean {
  const [first = '-']: string[] = args ?? [];
  if (command !== undefined || first.startsWith('-') || !ENTERED.test(parseImage(image ?? '')?.repository ?? ''))
    return false;
  return !/(server|nginx|httpd(-foreground)?|mysqld|mariadbd|postgres|mongod|apache2-foreground)$/.test(first);
}

/** Where a program listens that nobody knows and that declares nothing: as many are told, or where most do. */
function ownPorts({ command, ports, env }: Json): number[] {
  if (command !== undefined || (ports ?? []).length > 0) return [];
  const told = Number((env ?? []).find((one: Json) => one.name === 'PORT')?.value);
  return [Number.isInteger(told) && told > 0 && told < 65_536 ? told : 8080];
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
