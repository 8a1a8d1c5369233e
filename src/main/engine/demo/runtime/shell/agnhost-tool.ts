/** The subcommands of `agnhost` that say something and end. Source: what the image of Kubernetes' own tests prints. */
import { parseArgs } from 'node:util';
import { SLOWEST_PACE } from '../../kubelet/back-off.ts';
import { flagIn } from '../flags.ts';
import { pause } from '../logs.ts';
import { DialError } from '../network.ts';
import { issuerDiscovery } from './agnhost-issuer.ts';
import { mountOf, mountsIn } from './mount-table.ts';
import { bitsText } from './owners.ts';
import { said } from './said.ts';
import type { CommandIo, CommandShell, Run } from './shell.ts';
import type { Surroundings } from './system.ts';

const NEW_FILES: readonly (readonly [flag: string, mode: number])[] = [
  ['new_file_0644', 0o644],
  ['new_file_0666', 0o666],
  ['new_file_0660', 0o660],
  ['new_file_0777', 0o777],
];
const NEW_CONTENT = 'mount-tester new file\n';
/** So long a file is looked at where nothing is said, and how often. */
const RETRY_S = 180;
const LOOK_S = 2;
const FLAGS = [
  'fs_type',
  ...NEW_FILES.map(([flag]) => flag),
  'file_mode',
  'file_perm',
  'file_content',
  'file_owner',
  'file_content_in_loop',
  'retry_time',
  'break_on_expected_content',
] as const;

export function agnhostTool(around: Surroundings): Record<string, Run> {
  const { world, pod, container, connect } = around;
  const named =
    (program: string): Run =>
    async (args, io, shell) => {
      const [name = '', ...rest] = args;
      switch (name) {
        case 'entrypoint-tester':
          io.out(`[/${program} ${args.join(' ')}]\n`);
          return 0;
        case 'dns-suffix':
          io.out(`${(await resolver(shell, 'search')).join(',')}\n`);
          return 0;
        case 'dns-server-list':
          io.out(`${(await resolver(shell, 'nameserver')).join(',')}\n`);
          return 0;
        case 'etc-hosts':
          io.out(String(await shell.files.readFile('/etc/hosts')));
          return 0;
        case 'connect':
          return connected(rest, io, connect);
        case 'mounttest':
          return await mounttest(rest, io, shell);
        case 'test-service-account-issuer-discovery':
          return await issuerDiscovery(rest, io, shell, around);
        default:
          io.err(`Error: unknown command "${name}" for "app"\n`);
          return 1;
      }
    };
  return { agnhost: named('agnhost'), 'agnhost-2': named('agnhost-2') };

  async function mounttest(args: readonly string[], io: CommandIo, shell: CommandShell): Promise<number> {
    const { files } = shell;
    const options = Object.fromEntries(FLAGS.map((flag) => [flag, { type: 'string' as const }]));
    const words = args.map((word) =>
      word.replace(/^--?([\w-]+)/, (_whole, flag: string) => `--${flag.replaceAll('-', '_')}`),
    );
    const asked = parseArgs({ args: words, options, strict: false }).values as Record<string, string | undefined>;
    const { owners } = around;
    let failed = 0;
    const each = async (flag: string, show: (path: string) => Promise<void>) => {
      const path = asked[flag];
      if (path === undefined) return;
      try {
        await show(path);
      } catch (error) {
        io.out(`error reading file ${path}: ${said(error)}\n`);
        failed = 1;
      }
    };
    await each('fs_type', async (path) => io.out(`mount type of "${path}": ${typeAt(path)}\n`));
    for (const [flag, mode] of NEW_FILES)
      await each(flag, async (path) => {
        await files.writeFile(path, NEW_CONTENT);
        await files.chmod(path, mode);
        io.out(`content of file "${path}": ${String(await files.readFile(path))}\n`);
      });
    const shown = async (path: string) => {
      const { mode, isDirectory } = await files.stat(path);
      return { isDirectory, mode: owners(path, mode, isDirectory ? 'directory' : 'file').mode };
    };
    await each('file_mode', async (path) => {
      const { mode, isDirectory } = await shown(path);
      io.out(`mode of file "${path}": ${modeText(mode, isDirectory)}\n`);
    });
    await each('file_perm', async (path) =>
      io.out(`perms of file "${path}": ${modeText((await shown(path)).mode & 0o777, false)}\n`),
    );
    await each('file_content', async (path) =>
      io.out(`content of file "${path}": ${String(await files.readFile(path))}\n`),
    );
    await each('file_owner', async (path) => {
      const { user, group } = owners(path, 0, 'file');
      io.out(`owner UID of "${path}": ${user}\nowner GID of "${path}": ${group}\n`);
    });
    const watched = asked['file_content_in_loop'];
    if (watched !== undefined) failed = (await shownInLoop(watched, asked, io, shell)) ? 0 : 1;
    return failed;
  }

  /** Shows a file every two seconds, until it is what this program writes or the time is over. */
  async function shownInLoop(
    path: string,
    options: Record<string, string | undefined>,
    io: CommandIo,
    { files, signal }: CommandShell,
  ): Promise<boolean> {
    const rounds = Math.ceil((Number(options['retry_time'] ?? RETRY_S) || RETRY_S) / LOOK_S);
    const expects = options['break_on_expected_content'] !== 'false';
    let there = false;
    for (let round = 0; round < rounds && !signal.aborted; round++) {
      if (round > 0) await pause(LOOK_S * 1000 * Math.max(world.pace, SLOWEST_PACE), signal);
      try {
        const content = String(await files.readFile(path));
        there = true;
        io.out(`content of file "${path}": ${content}\n`);
        if (expects && content === NEW_CONTENT) break;
        if (expects) io.out(`Unexpected content. Expected: ${NEW_CONTENT}. Retrying\n`);
      } catch (error) {
        there = false;
        io.out(`Error reading file ${path}: open ${path}: ${said(error).toLowerCase()}, retrying\n`);
      }
    }
    return there;
  }

  /** Of the file system that the path lies in. */
  function typeAt(path: string): string {
    return mountOf(mountsIn(world, pod, container), path)?.type ?? '';
  }
}

/** Says in one word why nobody answers. */
function connected(args: readonly string[], io: CommandIo, connect: Surroundings['connect']): number {
  const target = args.find((word) => !word.startsWith('-')) ?? '';
  const [host = '', port = ''] = target.split(/:(?=\d+$)/);
  const udp = (flagIn(args, 'protocol') ?? 'tcp').toLowerCase() === 'udp';
  try {
    connect(host, Number(port), udp ? 'UDP' : 'TCP');
    return 0;
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
    const { message } = error;
    if (message === 'no such host') io.err(`DNS: lookup ${host}: no such host\n`);
    else if (message === 'i/o timeout' || message === 'no route to host') io.err('TIMEOUT\n');
    else io.err('REFUSED\n');
    return 1;
  }
}

async function resolver({ files }: CommandShell, key: string): Promise<string[]> {
  const lines = String(await files.readFile('/etc/resolv.conf')).split('\n');
  return lines.filter((line) => line.startsWith(`${key} `)).flatMap((line) => line.split(/\s+/).slice(1));
}

/** As Go prints a mode: `-rw-r--r--`, `dgtrwxrwxrwx`. */
function modeText(mode: number, directory: boolean): string {
  const kinds = `${directory ? 'd' : ''}${mode & 0o4000 ? 'u' : ''}${mode & 0o2000 ? 'g' : ''}${mode & 0o1000 ? 't' : ''}`;
  return `${kinds || '-'}${bitsText(mode & 0o777)}`;
}
