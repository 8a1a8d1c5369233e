/** Programs that the shell's library leaves out, and builtins of a shell that mean nothing where there are no processes. */
import { sysctlName, sysctlsOf } from '../../kubelet/sysctls.ts';
import { createRandom, LOWER_DIGITS } from '../../sim/random.ts';
import { absolute, statOf } from './container-files.ts';
import { dd } from './dd.ts';
import { hexdump } from './hexdump.ts';
import { mountsSeen } from './mount-table.ts';
import { flagsOf, optionOf } from './options.ts';
import { said } from './said.ts';
import type { Run } from './shell.ts';
import { identityOf, type Surroundings } from './system.ts';

/** As many lines as a pipe takes before its reader has seen enough. */
const YES_LINES = 2000;

export function smallTools({ world, pod, container, program }: Surroundings): Record<string, Run> {
  const nothing: Run = () => 0;
  return {
    stty: nothing,
    sync: nothing,
    umask: (args, io) => {
      if (args.length === 0) io.out('0022\n');
      return 0;
    },
    ulimit: (args, io) => {
      io.out(args.includes('-n') ? '1048576\n' : 'unlimited\n');
      return 0;
    },
    tty: (_args, io) => {
      io.out('not a tty\n');
      return 1;
    },
    nproc: (_args, io) => {
      const node = world.caches.nodes.get(pod.spec?.nodeName ?? '');
      io.out(`${Math.max(1, Math.floor(Number(node?.status?.capacity?.cpu ?? 1)))}\n`);
      return 0;
    },
    groups: (_args, io) => {
      io.out(
        `${identityOf(pod, container)
          .groups.map((one) => (one === 0 ? 'root' : String(one)))
          .join(' ')}\n`,
      );
      return 0;
    },
    mount: (args, io, shell) => {
      const type = optionOf(args, '-t').value;
      if (args.length > 0 && type === undefined) {
        io.err('mount: permission denied (are you root?)\n');
        return 1;
      }
      for (const one of mountsSeen(world, pod, container, shell.root))
        if (type === undefined || type === one.type)
          io.out(`${one.source} on ${one.path} type ${one.type} (${one.options})\n`);
      return 0;
    },
    top: (_args, io) => {
      const node = world.caches.nodes.get(pod.spec?.nodeName ?? '');
      const used = node === undefined ? 0 : Math.floor(world.meter.node(node, [], world.now()).memory / 1024);
      const total = Math.floor(Number.parseInt(node?.status?.capacity?.memory ?? '0', 10));
      io.out(
        `Mem: ${used}K used, ${Math.max(0, total - used)}K free, 2204K shrd, 182044K buff, 4194304K cached\nCPU:   3% usr   1% sys   0% nic  95% idle   0% io   0% irq   0% sirq\nLoad average: 0.12 0.20 0.18 1/312 41\n  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND\n    1     0 root     S     8412   0%   1   0% ${program.command}\n   41     0 root     R     1640   0%   0   0% top\n`,
      );
      return 0;
    },
    yes: (args, io) => {
      io.out(`${args.length === 0 ? 'y' : args.join(' ')}\n`.repeat(YES_LINES));
      return 0;
    },
    realpath: async (args, io, shell) => {
      for (const word of flagsOf(args).words) {
        const path = absolute(shell.cwd, word);
        if ((await statOf(shell.files, path)) === null) {
          io.err(`realpath: ${word}: No such file or directory\n`);
          return 1;
        }
        io.out(`${await shell.files.realpath(path)}\n`);
      }
      return 0;
    },
    mktemp: async (args, io, shell) => {
      const name = `/tmp/tmp.${createRandom('mktemp', world.now(), world.random.next()).text(6, LOWER_DIGITS)}`;
      try {
        if (args.includes('-d')) await shell.files.mkdir(name);
        else await shell.files.writeFile(name, '');
      } catch (error) {
        io.err(`mktemp: : ${said(error)}\n`);
        return 1;
      }
      io.out(`${name}\n`);
      return 0;
    },
    dd,
    hexdump,
    sysctl: async (args, io, shell) => {
      const { flags, words } = flagsOf(args);
      let failed = 0;
      for (const word of flags.has('a') ? [...sysctlsOf(pod).keys()] : words) {
        const [asked = '', value] = word.split('=', 2);
        const name = sysctlName(asked);
        const path = `/proc/sys/${name.replaceAll('.', '/')}`;
        if (value !== undefined || flags.has('w')) {
          io.err(`sysctl: error setting key '${name}': Read-only file system\n`);
          failed = 1;
        } else if ((await statOf(shell.files, path))?.isFile !== true) {
          io.err(`sysctl: error: '${path}' is an unknown key\n`);
          failed = 1;
        } else {
          const content = String(await shell.files.readFile(path)).trimEnd();
          io.out(flags.has('n') ? `${content}\n` : `${name} = ${content}\n`);
        }
      }
      return failed;
    },
    pgrep: (args, io) => {
      const found = program.command.includes(
        optionOf(args, '-u').words.filter((word) => !word.startsWith('-'))[0] ?? '',
      );
      if (found) io.out(args.includes('-l') ? `1 ${program.command}\n` : '1\n');
      return found ? 0 : 1;
    },
    pidof: (args, io) => {
      const own = program.command.split(/[\s:]/)[0]?.split('/').at(-1) ?? '';
      const found = args.some((word) => word === own);
      if (found) io.out('1\n');
      return found ? 0 : 1;
    },
  };
}
