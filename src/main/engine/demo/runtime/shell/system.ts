/** Programs that look at the machine and the cluster around a container: processes, host, names, HTTP. */

import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { behavioursOf } from '../../kubelet/behaviour.ts';
import { imageUser } from '../../kubelet/identity.ts';
import type { World } from '../../sim/world.ts';
import { dateText } from '../date.ts';
import { pause } from '../logs.ts';
import { hostnameOf } from '../names.ts';
import { DialError } from '../network.ts';
import type { Program } from '../programs.ts';
import type { RedisStore } from '../redis.ts';
import { USERS } from './accounts.ts';
import { absolute } from './container-files.ts';
import { mountOf, mountsSeen, spaceTable } from './mount-table.ts';
import { flagsOf, optionOf } from './options.ts';
import type { Owners } from './owners.ts';
import { processesOf, type SeenProcess } from './process-list.ts';
import type { Run } from './shell.ts';

/** Longer nobody waits for another answer. */
const MOST_WAIT_S = 10;

export interface Surroundings {
  world: World;
  pod: KubeObject;
  container: Json;
  program: Program;
  dns: string;
  /** To whom its files belong. */
  owners: Owners;
  /** HTTP from inside the pod; throws DialError. */
  fetch(
    url: URL,
    method: string,
    headers: Record<string, string>,
    body: string,
  ): Promise<{ status: number; headers: Record<string, string>; body: string }>;
  /** Connects and hangs up; throws DialError. */
  connect(host: string, port: number, protocol: 'TCP' | 'UDP'): void;
  /** What is said to a text, byte for byte; empty where nothing is. Rejects with a DialError. */
  talk(host: string, port: number, text: string, protocol: 'TCP' | 'UDP'): Promise<string>;
  /** The Redis that answers there; rejects with a DialError. */
  redis(host: string, port: number): Promise<RedisStore>;
  /** Ends the container's first process. */
  terminate(code: number): void;
}

export function systemCommands(around: Surroundings): Record<string, Run> {
  const { world, pod, container, program } = around;
  const hostname = hostnameOf(pod);
  const node = world.caches.nodes.get(pod.spec?.nodeName ?? '');
  const { user, group, groups } = identityOf(pod, container);
  const userName = USERS[user] ?? String(user);
  const memory = parseQuantity(node?.status?.capacity?.memory);
  const usage = () => world.meter.node(node as KubeObject, [], world.now());

  return {
    hostname: (args, io) => {
      io.out(`${args[0] === '-i' ? pod.status?.podIP : hostname}\n`);
      return 0;
    },
    whoami: (_args, io) => {
      if (USERS[user] === undefined) {
        io.err(`whoami: unknown uid ${user}\n`);
        return 1;
      }
      io.out(`${userName}\n`);
      return 0;
    },
    id: (args, io) => {
      const named = (id: number, names: Readonly<Record<number, string>>) =>
        names[id] === undefined ? String(id) : `${id}(${names[id]})`;
      const { flags } = flagsOf(args);
      const numeric = flags.has('n') ? (USERS[user] ?? String(user)) : String(user);
      if (flags.has('u')) io.out(`${numeric}\n`);
      else if (flags.has('g')) io.out(`${group}\n`);
      else if (flags.has('G')) io.out(`${groups.join(' ')}\n`);
      else
        io.out(
          `uid=${named(user, USERS)} gid=${named(group, USERS)} groups=${groups.map((one) => named(one, USERS)).join(',')}\n`,
        );
      return 0;
    },
    date: (args, io) => {
      // A machine whose clock is wrong is so for everything on it.
      const wrong = behavioursOf(node).includes('clock-wrong') ? 4200 : 0;
      const now = new Date(world.now() + wrong);
      const format = args.find((arg) => arg.startsWith('+'));
      io.out(`${format === undefined ? dateText(now) : formatDate(now, format.slice(1))}\n`);
      return 0;
    },
    uname: (args, io) => {
      const { flags } = flagsOf(args);
      const kernel: string = node?.status?.nodeInfo?.kernelVersion ?? '6.1.0';
      const all = flags.has('a');
      const parts = [
        ...(all || flags.has('s') || flags.size === 0 ? ['Linux'] : []),
        ...(all || flags.has('n') ? [hostname] : []),
        ...(all || flags.has('r') ? [kernel] : []),
        ...(all || flags.has('v') ? ['#1 SMP'] : []),
        ...(all || flags.has('m') ? ['x86_64'] : []),
        ...(all || flags.has('o') ? ['GNU/Linux'] : []),
      ];
      io.out(`${parts.join(' ')}\n`);
      return 0;
    },
    uptime: (_args, io) => {
      const up = Math.max(0, world.now() - (Date.parse(node?.metadata.creationTimestamp ?? '') || 0));
      io.out(
        ` ${new Date(world.now()).toISOString().slice(11, 19)} up ${Math.floor(up / 60_000)} min,  0 users,  load average: 0.12, 0.20, 0.18\n`,
      );
      return 0;
    },
    ps: (args, io) => {
      const found = processesOf(pod, container);
      const own = {
        pid: Math.max(41, ...found.map(({ pid }) => pid + 4)),
        container,
        command: ['ps', ...args].join(' '),
      };
      const line = ({ pid, container: of, command }: SeenProcess) => {
        const id = command === '/pause' ? 65535 : identityOf(pod, of).user;
        const name = command.startsWith('nginx: worker') ? 'nginx' : (USERS[id] ?? String(id));
        return `${String(pid).padStart(5)} ${name.padEnd(8)}  0:00 ${command}`;
      };
      io.out(['PID   USER     TIME  COMMAND', ...[...found, own].map(line), ''].join('\n'));
      return 0;
    },
    kill: (args, io, shell) => {
      const signal = /^-(\w+)$/.exec(args[0] ?? '')?.[1] ?? 'TERM';
      const pid = args.at(-1) ?? '';
      if (pid !== '1') {
        io.err(`${shell.name}: kill: (${pid}) - No such process\n`);
        return 1;
      }
      // The first asks whether it is there; the kernel keeps SIGKILL from the first process of its own namespace.
      if (!/^(0|9|KILL|SIGKILL)$/.test(signal)) around.terminate(/^(2|INT|SIGINT)$/.test(signal) ? 130 : 143);
      return 0;
    },
    free: (args, io) => {
      const { flags } = flagsOf(args);
      const unit = flags.has('g') ? 2 ** 30 : flags.has('m') ? 2 ** 20 : 1024;
      const used = usage().memory;
      const show = (bytes: number) => String(Math.floor(bytes / unit)).padStart(12);
      io.out(
        `              total        used        free      shared  buff/cache   available\nMem:   ${show(memory)}${show(used)}${show((memory - used) * 0.4)}${show(2 ** 22)}${show((memory - used) * 0.6)}${show(memory - used)}\nSwap:  ${show(0)}${show(0)}${show(0)}\n`,
      );
      return 0;
    },
    df: (args, io, shell) => {
      const { flags, words } = flagsOf(args);
      const all = mountsSeen(world, pod, container, shell.root);
      const asked = words.map((word) => mountOf(all, absolute(shell.cwd, word)));
      io.out(spaceTable(words.length === 0 ? all : asked.filter((one) => one !== undefined), flags));
      return 0;
    },
    nc: async (args, io, shell) => {
      const waits = optionOf(args, '-w');
      const { flags, words } = flagsOf(optionOf(waits.words, '-p', '-s', '-i').words);
      const [host = '', port = ''] = words;
      const protocol = flags.has('u') ? 'UDP' : 'TCP';
      try {
        around.connect(host, Number(port), protocol);
        if (flags.has('v')) io.err(`${host} (${host}:${port}) open\n`);
        if (flags.has('z')) return 0;
        io.out(await around.talk(host, Number(port), await io.input(), protocol));
        // Of a datagram nobody says that it was the last one.
        if (protocol === 'UDP' && waits.value !== undefined)
          await pause(Math.min(Number(waits.value), MOST_WAIT_S) * 1000 * world.pace, shell.signal);
        return 0;
      } catch (error) {
        if (!(error instanceof DialError)) throw error;
        io.err(
          `nc: ${host} (${error.address}): ${error.message === 'no such host' ? 'Name or service not known' : 'Connection refused'}\n`,
        );
        return 1;
      }
    },
    nginx: (args, io) => {
      if (program.kind !== 'nginx') return 127;
      if (args.includes('-t'))
        io.err(
          'nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n',
        );
      else io.err(`nginx version: nginx/${/:(\d+(?:\.\d+)*)/.exec(container.image)?.[1] ?? '1.29'}\n`);
      return 0;
    },
  };
}

/** Who the container runs as: its own settings before the pod's, the image's user where neither says. */
export function identityOf(pod: KubeObject, container: Json): { user: number; group: number; groups: number[] } {
  const own: Json = container.securityContext ?? {};
  const shared: Json = pod.spec?.securityContext ?? {};
  const ofImage = imageUser(container.image ?? '');
  // Of an image that nobody knows it is taken that it is made for that.
  const nonRoot = (own.runAsNonRoot ?? shared.runAsNonRoot) === true;
  const user = Number(
    own.runAsUser ?? shared.runAsUser ?? (typeof ofImage === 'string' ? 65534 : (ofImage ?? (nonRoot ? 65532 : 0))),
  );
  const group = Number(own.runAsGroup ?? shared.runAsGroup ?? (user === 101 ? 101 : 0));
  const more: number[] = [shared.fsGroup, ...(shared.supplementalGroups ?? [])].filter((one) => one !== undefined);
  return { user, group, groups: [...new Set([group, ...more])] };
}

function formatDate(date: Date, format: string): string {
  const iso = date.toISOString();
  const parts: Record<string, string> = {
    Y: iso.slice(0, 4),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    F: iso.slice(0, 10),
    T: iso.slice(11, 19),
    s: String(Math.floor(date.getTime() / 1000)),
    N: `${iso.slice(20, 23)}000000`,
    Z: 'UTC',
  };
  return format.replace(/%([YmdHMSFTsNZ%])/g, (_whole, code: string) => (code === '%' ? '%' : (parts[code] ?? '')));
}
