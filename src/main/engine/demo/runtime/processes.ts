/** exec and attach: a shell of its own for every command, or the container's first process; and the commands of containers. */
import type { AttachRequest, ExecRequest, ProcessExit, ProcessStreams } from '#engine/apiserver/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { containerIdOf } from '../kubelet/run.ts';
import { uidOf } from '../sim/objects.ts';
import { HEX } from '../sim/random.ts';
import type { LiveScript } from '../sim/world.ts';
import { forget } from './disks.ts';
import { expanded } from './environment.ts';
import type { Hearing } from './live-scripts.ts';
import {
  containerSpec,
  hasShell,
  kept,
  NO_STREAMS,
  type Place,
  type Places,
  type ProcessHost,
  statusOf,
} from './places.ts';
import type { CommandEnd } from './prober.ts';
import { programOf } from './programs.ts';
import { baseOf, directWords, endingWords, isShell, liveScript, quoted, scriptFlag, wordsOf } from './script-kind.ts';
import { copiesInput, copyInput, runPiped } from './shell/piped.ts';
import { RedisPrompt } from './shell/redis-cli.ts';
import { type CommandIo, inputOf, type Run, type Shell } from './shell/shell.ts';
import { interact } from './shell/terminal.ts';
import { drained, ioOf } from './streams-io.ts';

/** Whatever else keeps a script from its end. */
const MOST_MS = 5000;

/** What came of a script. */
interface Outcome {
  code: number;
  text: string;
}

const NOT_FOUND = 127;
export class Processes {
  readonly #host: ProcessHost;
  readonly #places: Places;
  /** What came of scripts that containers run once, by pod, name and attempt. */
  readonly #outcomes = new Map<string, Promise<Outcome | null>>();

  constructor(host: ProcessHost, places: Places) {
    this.#host = host;
    this.#places = places;
    host.world.caches.pods.subscribe((pod, _previous, deleted) => {
      if (deleted) forget(this.#outcomes, `${uidOf(pod)}/`);
    });
  }

  async exec(request: ExecRequest, streams: ProcessStreams, signal: AbortSignal): Promise<ProcessExit> {
    const { pod, command, tty } = request;
    const { world } = this.#host;
    await this.#initialized(pod);
    const place = await this.#places.place(pod, request.container, streams, signal);
    world.signals.touched(pod, request.container);
    const name = baseOf(command);
    if (isShell(name) && hasShell(place.program, name)) {
      place.shell.calledAs(command[0] ?? name);
      const exit = await this.#runShell(place, name, command.slice(1), streams, tty, signal);
      return { code: (await place.shell.finish(ioOf(streams, tty))) ?? exit.code };
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
    if (there && !tty && copiesInput(command))
      return { code: await copyInput(streams.stdin, io, () => drained(streams.stdout, signal)) };
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
    listens: (hear: Hearing) => void,
  ): Promise<number> {
    await this.#initialized(pod);
    const place = await this.#places.place(pod, spec.name, NO_STREAMS, signal, containerId, { sleep });
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
    if (direct === undefined) place.shell.calledAs(wordsOf(spec)[0] ?? '');
    listens(() => place.shell.hear('TERM', io));
    const code =
      direct === undefined
        ? await place.shell.run(expanded(script, place.shell.env), io)
        : ((await place.shell.program(direct, io)) ?? NOT_FOUND);
    await place.shell.finish(io);
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
    const place = await this.#places.place(pod, spec.name, NO_STREAMS, signal, containerId, others);
    let text = '';
    const say = (content: string | Uint8Array): void => {
      text += typeof content === 'string' ? content : Buffer.from(content).toString('utf8');
    };
    const io: CommandIo = { ...inputOf(Buffer.alloc(0)), out: say, err: say };
    const [, , script = '', ...rest] = command;
    const code =
      scriptFlag(command) !== null ? await place.shell.run(script, io, rest) : await place.shell.program(command, io);
    await place.shell.finish(io);
    if (signal.aborted) return 'late';
    // What the simulation lacks is not what the image lacks.
    return code === null || code === 126 || code === 127 || /: (command )?not found$/m.test(text)
      ? 'unknown'
      : { code, text };
  }

  async #runOnce(pod: KubeObject, name: string, words: string[], attempt: number): Promise<Outcome | null> {
    const signal = AbortSignal.timeout(MOST_MS);
    const place = await this.#places.place(pod, name, NO_STREAMS, signal, containerIdOf(pod, name, attempt));
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
    await place.shell.finish(io);
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
    const shell = own.length === 0 ? program.kind === 'shell' : own.length === 1 && isShell(own[0] ?? '');
    if (container.stdin === true && shell && streams.stdin !== null) {
      const place = await this.#places.place(request.pod, request.container, streams, signal);
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
    return { code: await runPiped(shell, streams.stdin, io) };
  }
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

/** One that runs before the others and ends. */
function isInit(pod: KubeObject, name: string): boolean {
  return (pod.spec?.initContainers ?? []).some((one: Json) => one.name === name && one.restartPolicy !== 'Always');
}
