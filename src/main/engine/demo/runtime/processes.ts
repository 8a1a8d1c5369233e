/** exec and attach: a shell of its own for every command, or the container's first process. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { AttachRequest, ExecRequest, ProcessExit, ProcessStreams } from '#engine/apiserver/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { uidOf } from '../sim/objects.ts';
import { HEX } from '../sim/random.ts';
import type { World } from '../sim/world.ts';
import { environmentOf } from './environment.ts';
import type { Logs } from './logs.ts';
import { machineFiles } from './machine.ts';
import { dial } from './network.ts';
import { type Program, programOf } from './programs.ts';
import { COMMANDS, type Run } from './shell/commands.ts';
import { FileFailure, type Files, filesOf, mountWhole } from './shell/files.ts';
import { type CommandIo, ExitShell, inputOf, type Programs, Shell } from './shell/shell.ts';
import { type Surroundings, systemCommands } from './shell/system.ts';
import { tar } from './shell/tar.ts';
import { interact } from './shell/terminal.ts';

const MOST_INPUT = 16 << 20;
const SHELLS = new Set(['sh', 'ash', 'dash', 'bash']);

export interface ProcessHost {
  world: World;
  logs: Logs;
  fetch: (pod: KubeObject) => Surroundings['fetch'];
}

interface Place {
  shellOf(signal: AbortSignal): Shell;
  program: Program;
}

/** Of a script that does not end at once, or asks others. */
const LASTING = /\b(sleep|while|until|for|exit|trap|wget|curl|nslookup|read)\b/;

export class Processes {
  readonly #host: ProcessHost;
  /** What was written since a container started, by its id. */
  readonly #files = new Map<string, Files>();

  constructor(host: ProcessHost) {
    this.#host = host;
    host.world.caches.pods.subscribe((pod, _previous, deleted) => {
      if (!deleted) return;
      for (const key of this.#files.keys()) if (key.startsWith(`${uidOf(pod)}/`)) this.#files.delete(key);
    });
  }

  async exec(request: ExecRequest, streams: ProcessStreams, signal: AbortSignal): Promise<ProcessExit> {
    const { pod, command, tty } = request;
    const { world } = this.#host;
    const place = await this.#place(pod, request.container, streams, signal);
    const name = command[0]?.split('/').at(-1) ?? '';
    if (SHELLS.has(name) && hasShell(place.program, name))
      return await this.#runShell(place, name, command.slice(1), streams, tty, signal);
    const io = ioOf(streams, tty);
    const code = place.program.shell ? await guarded(() => place.shellOf(signal).program(command, io), io) : null;
    if (code === null) throw notFound(command[0] ?? '', world.random.text(64, HEX));
    return { code };
  }

  /**
   * Lines of a container that runs a script once and ends. Null where the script takes its time, or the program is no
   * shell: such logs are made (log-lines.ts).
   */
  async printed(pod: KubeObject, name: string): Promise<string[] | null> {
    const container = containerSpec(pod, name);
    const [shell = '', flag, script = ''] = [...(container.command ?? []), ...(container.args ?? [])] as string[];
    if (pod.spec?.restartPolicy !== 'Never' || flag !== '-c' || !SHELLS.has(shell.split('/').at(-1) ?? '')) return null;
    if (LASTING.test(script)) return null;
    const signal = new AbortController().signal;
    const place = await this.#place(
      pod,
      name,
      { stdin: null, stdout: null, stderr: null, onResize: () => undefined },
      signal,
    );
    let text = '';
    const say = (content: string | Uint8Array): void => {
      text += typeof content === 'string' ? content : Buffer.from(content).toString('utf8');
    };
    const io: CommandIo = { ...inputOf(Buffer.alloc(0)), out: say, err: say };
    await guarded(() => place.shellOf(signal).run(script, io));
    return text === '' ? [] : text.replace(/\n$/, '').split('\n');
  }

  /** A shell that waits for its terminal is talked to; anything else can only be listened to. */
  async attach(request: AttachRequest, streams: ProcessStreams, signal: AbortSignal): Promise<ProcessExit> {
    const { world } = this.#host;
    const container = containerSpec(request.pod, request.container);
    const program = programOf(container);
    const own: string[] = [...(container.command ?? []), ...(container.args ?? [])];
    const shell =
      own.length === 0 ? program.kind === 'shell' : own.length === 1 && SHELLS.has(own[0]?.split('/').at(-1) ?? '');
    if (container.stdin === true && shell && streams.stdin !== null) {
      const place = await this.#place(request.pod, request.container, streams, signal);
      const exit = await this.#runShell(place, own[0] ?? 'sh', [], streams, request.tty, signal);
      // What came of it is in the pod's status: to whoever is attached the connection just ends.
      if (!signal.aborted) world.signals.terminate(request.pod, request.container, exit.code);
      return { code: 0 };
    }
    streams.stdin?.resume();
    const lines = this.#host.logs.read(
      {
        ...request,
        follow: true,
        previous: false,
        sinceSeconds: null,
        sinceTime: attachedFrom(request.pod, request.container, world.now()),
        tailLines: null,
        limitBytes: null,
        timestamps: false,
        stream: 'All',
      },
      signal,
    );
    const io = ioOf(streams, request.tty);
    for await (const piece of lines) {
      io.out(Buffer.from(piece).toString('utf8'));
      await drained(streams.stdout, signal);
    }
    return { code: 0 };
  }

  async #runShell(
    place: Place,
    name: string,
    args: readonly string[],
    streams: ProcessStreams,
    tty: boolean,
    signal: AbortSignal,
  ): Promise<ProcessExit> {
    const io = ioOf(streams, tty);
    const at = args.findIndex((arg) => /^-[a-z]*c$/.test(arg));
    if (at >= 0) {
      const shell = place.shellOf(signal);
      return { code: await guarded(() => shell.run(args[at + 1] ?? '', io)) };
    }
    if (tty && streams.stdin !== null && streams.stdout !== null) {
      const user = 'root';
      const prompt = (shell: Shell) =>
        name === 'bash' ? `${user}@${shell.env.get('HOSTNAME')}:${shell.cwd}# ` : `${shell.cwd} # `;
      return { code: await interact({ stdin: streams.stdin, stdout: streams.stdout }, prompt, place.shellOf, signal) };
    }
    const script = await io.input();
    return { code: await guarded(() => place.shellOf(signal).run(script, { ...io, ...inputOf(Buffer.alloc(0)) })) };
  }

  async #place(pod: KubeObject, name: string, streams: ProcessStreams, signal: AbortSignal): Promise<Place> {
    const { world } = this.#host;
    const client = world.clients.kubelet;
    const container = containerSpec(pod, name);
    const program = programOf(container);
    const dns: string = world.caches.services.get('kube-system/kube-dns')?.spec?.clusterIP ?? '10.96.0.10';
    const api: string = world.caches.services.get('default/kubernetes')?.spec?.clusterIP ?? '10.96.0.1';
    const status = (pod.status?.containerStatuses ?? []).find((one: Json) => one.name === name);
    const key = `${uidOf(pod)}/${name}/${status?.containerID ?? ''}`;
    let files = this.#files.get(key);
    if (files === undefined) {
      files = filesOf(client, pod, container, program, dns, [
        ...(await mountWhole(client, pod, container)),
        ...machineFiles(world, pod, container),
      ]);
      this.#files.set(key, files);
    }
    const env = await environmentOf(client, pod, container, api);
    const from = { namespace: pod.metadata.namespace ?? '', pod };
    const system = systemCommands({
      world,
      pod,
      container,
      program,
      dns,
      fetch: this.#host.fetch(pod),
      connect: (host, port) => void dial(world, host, port, from),
      terminate: (code) => world.signals.terminate(pod, name, code),
    });
    const programs: Programs = (command, args, io, shell) => {
      if (SHELLS.has(command) && hasShell(program, command)) return nested(shell, args, io, programs);
      const run = own(COMMANDS, command) ?? own(system, command) ?? (command === 'tar' ? tar : undefined);
      return run === undefined ? undefined : started(run, args, io, shell);
    };
    const found = files;
    return {
      program,
      shellOf: (ends) =>
        new Shell({
          name: program.os === 'debian' ? 'bash' : 'sh',
          files: found,
          env,
          signal: ends,
          programs,
          ready: () => drained(streams.stdout, signal),
        }),
    };
  }
}

/** What a program throws is thrown later, like what it waits for. */
async function started(run: Run, args: string[], io: CommandIo, shell: Shell): Promise<number> {
  return await run(args, io, shell);
}

/** `sh -c` within a shell: variables and place are copies. */
async function nested(shell: Shell, args: readonly string[], io: CommandIo, programs: Programs): Promise<number> {
  const inner = new Shell({
    name: 'sh',
    files: shell.files,
    env: new Map(shell.env),
    signal: shell.signal,
    programs,
    ready: shell.ready,
  });
  inner.cwd = shell.cwd;
  const at = args.findIndex((arg) => /^-[a-z]*c$/.test(arg));
  const script = at >= 0 ? (args[at + 1] ?? '') : await io.input();
  return await guarded(() => inner.run(script, io));
}

async function guarded<T>(run: () => Promise<T>, io?: CommandIo): Promise<T | number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ExitShell) return error.code;
    if (error instanceof FileFailure && io !== undefined) {
      io.err(`${error.message}\n`);
      return 1;
    }
    throw error;
  }
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function hasShell(program: Program, name: string): boolean {
  return program.shell && (name !== 'bash' || program.os === 'debian');
}

/** As containerd and runc say it; `id` is that of the process that was to be. */
function notFound(name: string, id: string): Error {
  const why = name.includes('/') ? `stat ${name}: no such file or directory` : 'executable file not found in $PATH';
  return new Error(
    `failed to exec in container: failed to start exec "${id}": OCI runtime exec failed: exec failed: unable to start container process: exec: "${name}": ${why}: unknown`,
  );
}

export function containerSpec(pod: KubeObject, name: string): Json {
  const lists = ['containers', 'initContainers', 'ephemeralContainers'];
  return lists.flatMap((list) => pod.spec?.[list] ?? []).find((one: Json) => one.name === name) ?? { name };
}

/** As long as it takes a client to attach to what it has just started: what was said meanwhile is not lost to it. */
const JUST_STARTED_MS = 2000;

function attachedFrom({ status }: KubeObject, name: string, now: number): number {
  const lists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'];
  const found = lists.flatMap((list) => status?.[list] ?? []).find((one: Json) => one.name === name);
  const started = Date.parse(found?.state?.running?.startedAt ?? '');
  return now - started < JUST_STARTED_MS ? started : now;
}

function ioOf(streams: ProcessStreams, tty: boolean): CommandIo {
  const cooked = (content: string | Uint8Array) =>
    tty && typeof content === 'string' ? content.replace(/\r?\n/g, '\r\n') : content;
  const err = tty ? streams.stdout : streams.stderr;
  let whole: Promise<Buffer> | null = null;
  const bytes = () => {
    whole ??= readAll(streams.stdin);
    return whole;
  };
  return {
    input: async () => (await bytes()).toString('utf8'),
    bytes,
    out: (content) => void streams.stdout?.write(cooked(content)),
    err: (text) => void err?.write(cooked(text)),
  };
}

/** @throws FileFailure when there is more than a container could keep. */
async function readAll(stdin: ProcessStreams['stdin']): Promise<Buffer> {
  if (stdin === null) return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
    if (length > MOST_INPUT) throw new FileFailure('No space left on device');
  }
  return Buffer.concat(chunks);
}

/** Waits for a client that does not keep up. */
async function drained(stdout: Writable | null, signal: AbortSignal): Promise<void> {
  if (stdout === null || !stdout.writableNeedDrain || signal.aborted) return;
  try {
    await once(stdout, 'drain', { signal });
  } catch {
    // The client has gone: whoever writes notices by the signal.
  }
}
