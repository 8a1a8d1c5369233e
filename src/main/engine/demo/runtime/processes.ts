/** exec and attach: a shell of its own for every command, or the container's first process. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { IFileSystem, InMemoryFs } from 'just-bash/browser';
import type { AttachRequest, ExecRequest, ProcessExit, ProcessStreams } from '#engine/apiserver/index.ts';
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import { type Json, type KubeObject, objectKey } from '#shared/kubernetes/types.ts';
import { SLOWEST_PACE } from '../kubelet/back-off.ts';
import { containerIdOf } from '../kubelet/run.ts';
import { nameOf, namespaceOf, uidOf } from '../sim/objects.ts';
import { HEX } from '../sim/random.ts';
import type { LiveScript, World } from '../sim/world.ts';
import { agnhostEnding } from './agnhost.ts';
import { environmentOf, expanded } from './environment.ts';
import type { Logs } from './logs.ts';
import { subPathOf } from './mounts.ts';
import { clusterDns } from './names.ts';
import { DialError, dial } from './network.ts';
import { datagramAnswer, talk } from './plain-talk.ts';
import type { CommandEnd } from './prober.ts';
import { type Program, programOf } from './programs.ts';
import { RedisStore } from './redis.ts';
import { settingsOf } from './resp.ts';
import { directWords, liveScript, quoted, terminationPath, wordsOf } from './script-kind.ts';
import { agnhostTool } from './shell/agnhost-tool.ts';
import { cgroupFiles } from './shell/cgroup-files.ts';
import {
  absolute,
  emptyFiles,
  mounted,
  openFiles,
  rootFiles,
  shellLibrary,
  withFirstOutput,
} from './shell/container-files.ts';
import { dnsTools } from './shell/dns-tools.ts';
import { DIRECTORIES, imageFiles } from './shell/image-files.ts';
import { netTools } from './shell/net-tools.ts';
import { digitsAsked, perl } from './shell/perl.ts';
import { RedisPrompt, redisCli } from './shell/redis-cli.ts';
import { type CommandIo, inputOf, type Run, Shell, TOOLS } from './shell/shell.ts';
import { smallTools } from './shell/small-tools.ts';
import { identityOf, type Surroundings, systemCommands } from './shell/system.ts';
import { tar } from './shell/tar.ts';
import { interact } from './shell/terminal.ts';
import { volumesOf } from './shell/volume-files.ts';
import { webClients } from './shell/web-clients.ts';

/** Where every pod has its token, which no server hands out. */
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const NO_STREAMS: ProcessStreams = { stdin: null, stdout: null, stderr: null, onResize: () => undefined };
const MOST_INPUT = 16 << 20;
const SHELLS = new Set(['sh', 'ash', 'dash', 'bash']);

export interface ProcessHost {
  world: World;
  logs: Logs;
  fetch: (pod: KubeObject) => Surroundings['fetch'];
}

interface Place {
  shell: Shell;
  around: Surroundings;
  program: Program;
  userName: string;
}

/** Of a script that does not end at once. */
const LASTING = /\b(sleep|while|until|for|trap|read|top|watch|yes)\b|\btail\s+-\w*[fF]/;
/** Whatever else keeps a script from its end. */
const MOST_MS = 5000;

/** What came of a script. */
interface Outcome {
  code: number;
  text: string;
}

const NOT_FOUND = 127;
/** So long at most a change of what is mounted takes to come to a container. */
const RENEW_MS = 20_000;

export class Processes {
  readonly #host: ProcessHost;
  /** What was written since a container started, by the container's id. */
  readonly #roots = new Map<string, InMemoryFs>();
  /** What servers have counted. */
  readonly #received = new Map<string, Map<string, number>>();
  /** Which parts of volumes they mount, by where, by the container's id. */
  readonly #parts = new Map<string, Map<string, string>>();
  /** What was written to volumes, by `keyOfVolume`. */
  readonly #volumes = new Map<string, InMemoryFs>();
  /** What is kept by containers that run Redis, by the container's id. */
  readonly #redis = new Map<string, Promise<RedisStore>>();
  /** What came of scripts that containers run once, by pod, name and attempt. */
  readonly #outcomes = new Map<string, Promise<Outcome | null>>();

  constructor(host: ProcessHost) {
    this.#host = host;
    const { pods, volumeClaims } = host.world.caches;
    pods.subscribe((pod, _previous, deleted) => {
      if (!deleted) return;
      forget(this.#roots, `${uidOf(pod)}/`);
      forget(this.#parts, `${uidOf(pod)}/`);
      forget(this.#received, `${uidOf(pod)}/`);
      forget(this.#volumes, `pod/${uidOf(pod)}/`);
      forget(this.#outcomes, `${uidOf(pod)}/`);
      forget(this.#redis, `${uidOf(pod)}/`);
    });
    volumeClaims.subscribe((claim, _previous, deleted) => {
      if (deleted) forget(this.#volumes, `claim/${namespaceOf(claim)}/${nameOf(claim)}`);
    });
  }

  async exec(request: ExecRequest, streams: ProcessStreams, signal: AbortSignal): Promise<ProcessExit> {
    const { pod, command, tty } = request;
    const { world } = this.#host;
    await this.#initialized(pod);
    const place = await this.#place(pod, request.container, streams, signal);
    world.signals.touched(pod, request.container);
    const name = command[0]?.split('/').at(-1) ?? '';
    if (SHELLS.has(name) && hasShell(place.program, name)) {
      place.shell.calledAs(command[0] ?? name);
      const exit = await this.#runShell(place, name, command.slice(1), streams, tty, signal);
      place.shell.jobs.end();
      return exit;
    }
    if (
      name === 'redis-cli' &&
      place.program.kind === 'redis' &&
      tty &&
      streams.stdin !== null &&
      streams.stdout !== null
    ) {
      const prompt = new RedisPrompt(place.around, command.slice(1), signal);
      if (prompt.asks) {
        const terminal = { stdin: streams.stdin, stdout: streams.stdout };
        return { code: await interact(terminal, () => prompt.prompt, prompt, signal) };
      }
    }
    const io = ioOf(streams, tty);
    // The interpreter itself knows more shells than the image has.
    const there = place.program.shell && hasShell(place.program, name);
    const code = there ? await place.shell.program(command, io) : null;
    if (code === null) throw notFound(command[0] ?? '', world.random.text(64, HEX));
    return { code };
  }

  /**
   * What came of a container that runs a script once and ends: by default of the attempt under way. Null where the script
   * takes its time, or the program is no shell: such ends are read from its text (behaviour.ts), such logs made (log-lines.ts).
   */
  async once(pod: KubeObject, name: string, attempt = restartsOf(pod, name)): Promise<Outcome | null> {
    const container = containerSpec(pod, name);
    const once = isInit(pod, name) || (pod.spec?.restartPolicy !== 'Always' && container.restartPolicy !== 'Always');
    if (!once || liveScript(container) !== null) return null;
    const words = endingWords(container);
    if (words === null) return null;
    // What it writes to a volume is written once, however often its words are asked for.
    return await kept(this.#outcomes, `${uidOf(pod)}/${name}/${attempt}`, () =>
      this.#runOnce(pod, name, words, attempt),
    );
  }

  /** A script for as long as its container lives, every line told as it comes. */
  async live(
    pod: KubeObject,
    { spec, containerId }: LiveScript,
    script: string,
    sleep: Run,
    say: (line: string, open?: boolean) => void,
    signal: AbortSignal,
  ): Promise<number> {
    await this.#initialized(pod);
    const place = await this.#place(pod, spec.name, NO_STREAMS, signal, containerId, { sleep });
    let rest = '';
    const out = (content: string | Uint8Array): void => {
      const lines = (rest + (typeof content === 'string' ? content : Buffer.from(content).toString('utf8'))).split(
        '\n',
      );
      rest = lines.pop() ?? '';
      for (const line of lines) say(line);
    };
    const io: CommandIo = { ...inputOf(Buffer.alloc(0)), out, err: out };
    // Without a shell around it a program's output goes out as it comes.
    const direct = directWords(spec)?.map((word) => expanded(word, place.shell.env));
    const code =
      direct === undefined
        ? await place.shell.run(expanded(script, place.shell.env), io)
        : ((await place.shell.program(direct, io)) ?? NOT_FOUND);
    place.shell.jobs.end();
    if (rest !== '') say(rest, true);
    return code;
  }

  /** How the command of a probe or a hook ends in the container of that id; `signal` ends it before. */
  async probe(
    pod: KubeObject,
    { spec, containerId }: LiveScript,
    command: string[],
    signal: AbortSignal,
    others: Readonly<Record<string, Run>> = {},
  ): Promise<CommandEnd> {
    await this.#initialized(pod);
    const place = await this.#place(pod, spec.name, NO_STREAMS, signal, containerId, others);
    let text = '';
    const say = (content: string | Uint8Array): void => {
      text += typeof content === 'string' ? content : Buffer.from(content).toString('utf8');
    };
    const io: CommandIo = { ...inputOf(Buffer.alloc(0)), out: say, err: say };
    const [, , script = '', ...rest] = command;
    const code =
      scriptFlag(command) !== null ? await place.shell.run(script, io, rest) : await place.shell.program(command, io);
    place.shell.jobs.end();
    if (signal.aborted) return 'late';
    // What the simulation lacks is not what the image lacks.
    return code === null || code === 126 || code === 127 || /: (command )?not found$/m.test(text)
      ? 'unknown'
      : { code, text };
  }

  /** What a container that runs Redis keeps, configured as its command says. */
  async redis(pod: KubeObject, name: string): Promise<RedisStore> {
    return await kept(this.#redis, rootKey(pod, name), async () => {
      const { shell } = await this.#place(pod, name, NO_STREAMS, AbortSignal.timeout(MOST_MS));
      const words = wordsOf(containerSpec(pod, name)).filter((word) => !/(^|\/)(redis|valkey)-server$/.test(word));
      const [file = ''] = words;
      const text = file === '' || file.startsWith('-') ? '' : await shell.files.readFile(file).catch(() => '');
      return new RedisStore(settingsOf(text, words), () => this.#host.world.now());
    });
  }

  /** The container's files, where anything in the directory may be other than in its image. */
  async files(pod: KubeObject, name: string, directory: string, containerId?: string): Promise<IFileSystem | null> {
    const within = (path: string) =>
      path === directory || path.startsWith(`${directory}/`) || directory.startsWith(`${path}/`);
    const mounts: Json[] = containerSpec(pod, name).volumeMounts ?? [];
    const mounted = mounts.some(({ mountPath }) => mountPath !== TOKEN_PATH && within(mountPath.replace(/\/+$/, '')));
    if (!mounted && !this.#roots.has(rootKey(pod, name, containerId))) return null;
    return (await this.#place(pod, name, NO_STREAMS, AbortSignal.timeout(MOST_MS), containerId)).shell.files;
  }

  /** Written to the output of a container's first process by another. */
  #said(pod: KubeObject, name: string, content: Buffer): void {
    const lines = content.toString('utf8').split('\n');
    const rest = lines.pop() ?? '';
    for (const line of lines) this.#host.logs.append(pod, name, line);
    if (rest !== '') this.#host.logs.append(pod, name, rest, true);
  }

  /** What a server in the container has counted since it started, by who sent it. */
  receivedBy(pod: KubeObject, { name }: Json): Map<string, number> {
    return kept(this.#received, rootKey(pod, name), () => new Map());
  }

  /** What a container that has ended left in its termination message file; its files are forgotten. */
  async lastWords(pod: KubeObject, { spec, containerId }: LiveScript): Promise<string> {
    const key = rootKey(pod, spec.name, containerId);
    if (!this.#roots.has(key)) return '';
    try {
      const { shell } = await this.#place(pod, spec.name, NO_STREAMS, AbortSignal.timeout(MOST_MS), containerId);
      return await shell.files.readFile(absolute('/', terminationPath(spec)));
    } catch {
      // It was taken away.
      return '';
    } finally {
      this.#roots.delete(key);
      this.#parts.delete(key);
    }
  }

  async #runOnce(pod: KubeObject, name: string, words: string[], attempt: number): Promise<Outcome | null> {
    const signal = AbortSignal.timeout(MOST_MS);
    const place = await this.#place(pod, name, NO_STREAMS, signal, containerIdOf(pod, name, attempt));
    let text = '';
    const say = (content: string | Uint8Array): void => {
      text += typeof content === 'string' ? content : Buffer.from(content).toString('utf8');
    };
    const io: CommandIo = { ...inputOf(Buffer.alloc(0)), out: say, err: say };
    const own = words.map((word) => expanded(word, place.shell.env));
    place.shell.calledAs(own[0] ?? '');
    const [, , script = '', ...parameters] = own;
    const options = scriptFlag(own);
    const code =
      options === null
        ? await place.shell.run([baseOf(own), ...own.slice(1)].map(quoted).join(' '), io)
        : await place.shell.run(`${options === '' ? '' : `set -${options}\n`}${script}`, io, parameters);
    place.shell.jobs.end();
    if (signal.aborted) return null;
    // What the simulation lacks is not what an image of unknown make lacks.
    if (code === 127 && place.program.kind === 'service') return null;
    return { code, text };
  }

  /** Init containers have left in the volumes what they wrote there. */
  async #initialized(pod: KubeObject): Promise<void> {
    for (const { name } of (pod.spec?.initContainers ?? []) as Json[])
      if (isInit(pod, name)) await this.once(pod, name);
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
    if ((await this.once(request.pod, request.container)) !== null) throw exited();
    streams.stdin?.resume();
    const lines = this.#host.logs.read(
      {
        ...request,
        follow: true,
        previous: false,
        sinceSeconds: null,
        sinceTime: world.now(),
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
    const { shell, userName } = place;
    const at = args.findIndex((arg) => /^-[a-z]*c$/.test(arg));
    if (at >= 0) return { code: await shell.run(args[at + 1] ?? '', io, args.slice(at + 2)) };
    const file = args.find((arg) => !arg.startsWith('-'));
    if (file !== undefined)
      return { code: await shell.run(`. ${quoted(file)}`, io, [file, ...args.slice(args.indexOf(file) + 1)]) };
    if (tty && streams.stdin !== null && streams.stdout !== null) {
      const sign = userName === 'root' ? '#' : '$';
      const prompt = ({ cwd, env }: Shell) =>
        name === 'bash'
          ? `${userName}@${env.get('HOSTNAME')}:${cwd === env.get('HOME') ? '~' : cwd}${sign} `
          : `${cwd} ${sign} `;
      return { code: await interact({ stdin: streams.stdin, stdout: streams.stdout }, prompt, shell, signal) };
    }
    const script = await io.input();
    return { code: await shell.run(script, { ...io, ...inputOf(Buffer.alloc(0)) }) };
  }

  async #place(
    pod: KubeObject,
    name: string,
    streams: ProcessStreams,
    signal: AbortSignal,
    containerId?: string,
    others: Readonly<Record<string, Run>> = {},
  ): Promise<Place> {
    const { world } = this.#host;
    const { caches } = world;
    const client = world.clients.kubelet;
    const container = containerSpec(pod, name);
    const node = caches.nodes.get(pod.spec?.nodeName ?? '');
    const program = programOf(container);
    const dns = clusterDns(world);
    const library = await shellLibrary();
    const { user } = identityOf(pod, container);
    const address: string = pod.status?.podIP ?? '';
    const around: Surroundings = {
      world,
      pod,
      container,
      program,
      dns,
      fetch: this.#host.fetch(pod),
      connect: (host, port, protocol) => void dial(world, host, port, { namespace: namespaceOf(pod), pod }, protocol),
      talk: async (host, port, text, protocol) => {
        const other = dial(world, host, port, { namespace: namespaceOf(pod), pod }, protocol);
        if (protocol === 'UDP') return datagramAnswer(other, text, address);
        return await talk(
          programOf(other.container),
          text,
          (method, path, headers) =>
            this.#host.fetch(pod)(new URL(path, `http://${host}:${port}`), method, headers, ''),
          () => this.redis(other.pod, other.container.name),
        );
      },
      redis: async (host, port) => {
        const other = dial(world, host, port, { namespace: namespaceOf(pod), pod });
        if (programOf(other.container).kind !== 'redis') throw new DialError(`${host}:${port}`, 'connection refused');
        return await this.redis(other.pod, other.container.name);
      },
      terminate: (code) => world.signals.terminate(pod, name, code),
    };
    const programs: Record<string, Run> = {
      ...systemCommands(around),
      ...netTools(around),
      ...webClients(around),
      ...(program.image === 'perl' ? { perl } : {}),
      ...(program.kind === 'redis' ? { 'redis-cli': redisCli(around) } : {}),
      ...dnsTools(around),
      ...smallTools(around),
      ...(program.kind === 'agnhost' ? agnhostTool(around) : {}),
      tar,
      ...others,
    };
    const words = absolute('/', terminationPath(container));
    const root = kept(this.#roots, rootKey(pod, name, containerId), () => {
      const made = emptyFiles(library);
      for (const directory of DIRECTORIES) made.mkdirSync(directory, { recursive: true });
      for (const one of [...TOOLS, ...Object.keys(programs)])
        if (hasShell(program, one))
          for (const directory of ['/bin', '/usr/bin'])
            made.writeFileSync(`${directory}/${one}`, '', undefined, { mode: 0o755 });
      // Its image has it at the root, where no search path leads.
      if (program.kind === 'agnhost')
        made.writeFileSync('/agnhost', '#!/bin/sh\nagnhost "$@"\n', undefined, { mode: 0o755 });
      for (const [path, content] of imageFiles(world, pod, container, program, dns)) made.writeFileSync(path, content);
      made.writeFileSync(words, '', undefined, { mode: 0o666 });
      return made;
    });
    const env = await environmentOf(client, pod, container, caches.services.list(), user === 0 ? '/root' : '/', node);
    // As they were when the container started: fields of the pod that they come from may change.
    const parts = kept(this.#parts, rootKey(pod, name, containerId), () => new Map<string, string>());
    const capacity = parseQuantity(node?.status?.capacity?.memory);
    const resources: Json = statusOf(pod, name)?.resources ?? container.resources;
    for (const [path, content] of cgroupFiles(pod, resources, capacity)) root.writeFileSync(path, content);
    const volumes = await volumesOf({
      client,
      pod,
      container,
      node,
      root,
      empty: () => emptyFiles(library),
      latest: () => caches.pods.get(objectKey(pod)) ?? pod,
      renewMs: RENEW_MS * Math.max(world.pace, SLOWEST_PACE),
      subPath: ({ mountPath, ...mount }) =>
        kept(parts, mountPath, () => {
          const part = subPathOf(mount, env);
          return 'path' in part ? part.path : '';
        }),
      kept: (key) => kept(this.#volumes, key, () => (key.startsWith('pod/') ? openFiles : emptyFiles)(library)),
    });
    const directory: string = container.workingDir ?? '/';
    if (directory !== '/') root.mkdirSync(directory, { recursive: true });
    const shell = new Shell({
      library,
      name: program.os === 'debian' ? 'bash' : 'sh',
      files: mounted(
        library,
        withFirstOutput(
          rootFiles(root, { readOnly: container.securityContext?.readOnlyRootFilesystem === true, user, open: words }),
          (content) => this.#said(pod, name, content),
        ),
        volumes,
      ),
      env,
      signal,
      programs,
      ready: () => drained(streams.stdout, signal),
    });
    shell.cwd = directory;
    return { program, around, shell, userName: user === 0 ? 'root' : String(user) };
  }
}

/** Programs that say something and end, and that a container may run without a shell. */
const DIRECT = new Set([
  ...(TOOLS as string[]),
  ...'date df dig free getent hostname id ifconfig ip mktemp mount nproc realpath sysctl tar uname uptime whoami'.split(
    ' ',
  ),
]);

/** What is run where a container says something and ends; null where it takes its time, or is no program that is known. */
function endingWords(container: Json): string[] | null {
  const program = programOf(container);
  const told = program.kind === 'agnhost' ? agnhostEnding(container) : null;
  if (told !== null) return told;
  const words = wordsOf(container);
  const known =
    scriptFlag(words) !== null ||
    (baseOf(words) === 'perl' && digitsAsked(words) !== null) ||
    (program.shell && DIRECT.has(baseOf(words)) && !SHELLS.has(baseOf(words)));
  return known && !LASTING.test(words.join(' ')) ? words : null;
}

function baseOf([first = '']: readonly string[]): string {
  return first.split('/').at(-1) ?? '';
}

/** Options before the `c` of `sh -c`; null for other commands. */
function scriptFlag(words: readonly string[]): string | null {
  const options = /^-([a-z]*)c$/.exec(words[1] ?? '')?.[1];
  return options !== undefined && SHELLS.has(baseOf(words)) ? options : null;
}

/** Where what is written in a container stays; by default in the one that its status names. */
function rootKey(pod: KubeObject, name: string, containerId?: string): string {
  return `${uidOf(pod)}/${name}/${containerId ?? statusOf(pod, name)?.containerID ?? ''}`;
}

function kept<T>(files: Map<string, T>, key: string, make: () => T): T {
  let found = files.get(key);
  if (found === undefined) {
    found = make();
    files.set(key, found);
  }
  return found;
}

function forget(files: Map<string, unknown>, prefix: string): void {
  for (const key of files.keys()) if (key.startsWith(prefix)) files.delete(key);
}

function hasShell(program: Program, name: string): boolean {
  return program.shell && (name !== 'bash' || program.os === 'debian');
}

/** As containerd refuses to attach to what has ended, whatever the status says yet: clients turn to the log then. */
export function exited(): Error {
  return new Error('container is in CONTAINER_EXITED state');
}

/** As containerd and runc say it; `id` is that of the process that was to be. */
function notFound(name: string, id: string): Error {
  const why = name.includes('/') ? `stat ${name}: no such file or directory` : 'executable file not found in $PATH';
  return new Error(
    `failed to exec in container: failed to start exec "${id}": OCI runtime exec failed: exec failed: unable to start container process: exec: "${name}": ${why}: unknown`,
  );
}

function restartsOf(pod: KubeObject, name: string): number {
  return statusOf(pod, name)?.restartCount ?? 0;
}

function statusOf({ status }: KubeObject, name: string): Json {
  const lists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'];
  return lists.flatMap((list) => status?.[list] ?? []).find((one: Json) => one.name === name);
}

/** One that runs before the others and ends. */
function isInit(pod: KubeObject, name: string): boolean {
  return (pod.spec?.initContainers ?? []).some((one: Json) => one.name === name && one.restartPolicy !== 'Always');
}

export function containerSpec(pod: KubeObject, name: string): Json {
  const lists = ['containers', 'initContainers', 'ephemeralContainers'];
  return lists.flatMap((list) => pod.spec?.[list] ?? []).find((one: Json) => one.name === name) ?? { name };
}

function ioOf(streams: ProcessStreams, tty: boolean): CommandIo {
  const cooked = (content: string | Uint8Array) =>
    tty
      ? Buffer.from(content as string)
          .toString('utf8')
          .replace(/\r?\n/g, '\r\n')
      : content;
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

/** @throws Error when there is more than a container could keep. */
async function readAll(stdin: ProcessStreams['stdin']): Promise<Buffer> {
  if (stdin === null) return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
    if (length > MOST_INPUT) throw new Error('ENOSPC: no space left on device');
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
