/**
 * A shell in a simulated container: just-bash's interpreter and its text tools over the container's own files, with the
 * programs of the simulation added. Output goes out as each command ends, loops let everything else run between two
 * turns, and standard input is waited for only by who reads it.
 */
import type { Bash, Command, ExecResult, IFileSystem, ResolvedCommandContext } from 'just-bash/browser';
import { quoted } from '../script-kind.ts';
import { type Completions, completions } from './completion.ts';
import type { ShellLibrary } from './container-files.ts';
import { statOf } from './container-files.ts';
import { follow } from './follow.ts';
import { Jobs } from './jobs.ts';
import { apart, environment, libraryOwn, refusal } from './library-programs.ts';
import { listing } from './listing.ts';
import { BACKGROUND, BEFORE, BREATHE, ERR, KEEP, LAST_JOB, MAY_WRITE, OUT, withOutput, ZERO } from './outer-output.ts';
import type { Owners } from './owners.ts';
import { chroot, type Elsewhere, isRefusal, nsenter, type Refusal } from './roots.ts';
import { functionsIn, prepareScript, type TreeNode, wantsInput } from './script-tree.ts';
import { NEVER_READ, TOOLS } from './tools.ts';
import { Traps } from './traps.ts';
import { cannotCreate, worded } from './wording.ts';

export interface CommandIo {
  /** All of the standard input; waits for its end. */
  input(): Promise<string>;
  /** The same, byte for byte. */
  bytes(): Promise<Buffer>;
  out(content: string | Uint8Array): void;
  err(text: string): void;
}

/** What a program sees of the shell that runs it. */
export interface CommandShell {
  name: string;
  files: IFileSystem;
  env: ReadonlyMap<string, string>;
  cwd: string;
  /** Where its root is among the files of the container (`chroot`); empty: it is theirs. Null: it is that of the machine. */
  root: string | null;
  signal: AbortSignal;
  /** Of the command before: `$?` */
  status: number;
}

/** A program of the simulation; answers with its exit code. */
export type Run = (args: string[], io: CommandIo, shell: CommandShell) => number | Promise<number>;

/** An input that is there already. */
export function inputOf(content: Buffer): Pick<CommandIo, 'input' | 'bytes'> {
  return { input: async () => content.toString('utf8'), bytes: async () => content };
}

export interface ShellOptions {
  library: ShellLibrary;
  /** As it calls itself in what it complains about. */
  name: string;
  files: IFileSystem;
  env: ReadonlyMap<string, string>;
  signal: AbortSignal;
  programs: Readonly<Record<string, Run>>;
  /** The files of the machine, where they can be entered. */
  machine?: () => IFileSystem | null;
  /** Where they are mounted, if anywhere. */
  machineRoot?: string | undefined;
  /** To whom its files belong; absent: to root. */
  owners?: Owners;
  /** Waits for a reader that does not keep up. */
  ready: () => Promise<void>;
}

const NAMES = {
  out: OUT,
  err: ERR,
  pause: BREATHE,
  mayWrite: MAY_WRITE,
  background: BACKGROUND,
  lastJob: LAST_JOB,
  zero: ZERO,
};
/** Stands for an input that nobody has read yet. */
const UNREAD = `\u0001unread input\u0001`;
/** Variables that every interpreter makes for itself. */
const INTERNAL =
  /^(IFS|OSTYPE|MACHTYPE|HOSTTYPE|OPTIND|SHELLOPTS|BASHOPTS|BASH\w*|PWD|OLDPWD|SHLVL|UID|EUID|PPID|_|\?|__last_job|__zero)$/;
/** What `set -o` can switch on from one command to the next. */
const MODES = new Set(['errexit', 'nounset', 'pipefail', 'noglob', 'xtrace']);
/** Programs of every image that the interpreter has of its own. */
const BUILT_IN = new Set(['test', '[']);
/** Programs that run others among other files. */
const ELSEWHERE = new Set(['chroot', 'nsenter']);
const LIMITS = {
  maxCommandCount: 1e9,
  maxLoopIterations: 1e9,
  maxOutputSize: 64 << 20,
  maxExecutionTimeMs: 2 ** 31 - 1,
};
const ABORTED = 130;
/** So long at most a script keeps everything else waiting. */
const UNINTERRUPTED_MS = 4;

export class Shell {
  /** As it calls itself in what it complains about. */
  name: string;
  files: IFileSystem;
  cwd = '/';
  /** Of the last command: `$?` */
  status = 0;
  /** An `exit` was run: whoever reads lines for this shell is done. */
  ended = false;
  #env: Map<string, string>;
  #functions: ReadonlyMap<string, TreeNode> = new Map();
  /** Where it was before it entered another root, the last one at the end. */
  #outer: readonly { files: IFileSystem; cwd: string; root: string | null }[] = [];
  /** Where its root is among the files of the container; null: it is that of the machine. */
  #root: string | null = '';
  /** Where it goes on when what runs now is over. */
  #entered: Elsewhere | null = null;
  /** Names of what `set -o` has switched on. */
  #modes: readonly string[] = [];
  /** What it does at its end and when it is told something. */
  readonly #traps: Traps;
  readonly #options: ShellOptions;
  /** What runs beside it. */
  readonly jobs: Jobs;

  constructor(options: ShellOptions, jobs = new Jobs(options.signal), traps = new Traps()) {
    this.#options = options;
    this.jobs = jobs;
    this.#traps = traps;
    this.name = options.name;
    this.files = options.files;
    this.#env = new Map(options.env);
  }

  get env(): ReadonlyMap<string, string> {
    return this.#env;
  }

  /** It was started by this path: what it complains about begins so, where it is no bash. */
  calledAs(path: string): void {
    if (this.name !== 'bash' && /(^|\/)(sh|ash|dash)$/.test(path)) this.name = path;
  }

  /** This shell with another signal: same place, same variables, same functions. */
  resumed(signal: AbortSignal): Shell {
    const fresh = new Shell({ ...this.#options, env: this.#env, signal }, this.jobs, this.#traps);
    fresh.cwd = this.cwd;
    fresh.name = this.name;
    fresh.status = this.status;
    fresh.#functions = this.#functions;
    fresh.#modes = this.#modes;
    fresh.#outer = this.#outer;
    fresh.#root = this.#root;
    fresh.files = this.files;
    return fresh;
  }

  /** Ends the innermost of the shells that were entered (`chroot /host`); false: there is none but this. */
  leave(): boolean {
    const last = this.#outer.at(-1);
    if (last === undefined) return false;
    this.#outer = this.#outer.slice(0, -1);
    this.files = last.files;
    this.cwd = last.cwd;
    this.#root = last.root;
    return true;
  }

  #enter(found: Elsewhere): void {
    this.#outer = [...this.#outer, { files: this.files, cwd: this.cwd, root: this.#root }];
    this.files = found.files;
    this.cwd = '/';
    this.#root = this.#rootOf(found);
  }

  #rootOf({ root }: Elsewhere): string | null {
    if (root === null) return this.#options.machineRoot ?? null;
    return this.#root === null ? null : `${this.#root}${root}`;
  }

  /** How what is typed so far may go on. */
  async complete(before: string): Promise<Completions> {
    return await completions(this, before);
  }

  /** One line or script, with `$0` and `$1` ... where they are given. */
  async run(text: string, io: CommandIo, parameters: readonly string[] = []): Promise<number> {
    const set = parameters.length > 1 ? `set -- ${parameters.slice(1).map(quoted).join(' ')}\n` : '';
    // What ran before it left `$?`, which ends nothing under `set -e`, and what `set` has switched on.
    const before = this.status === 0 ? '' : `${BEFORE} && :\n`;
    const modes = this.#modes.map((mode) => `set -o ${mode}\n`).join('');
    return await this.#execute(`${modes}${before}${set}${text}\n${KEEP}`, io, parameters[0] ?? this.name);
  }

  /** The shell is over: what its `trap` says for that is done. Resolves with the exit code where that says one, else with null. */
  async finish(io: CommandIo): Promise<number | null> {
    const code = await this.hear('EXIT', io);
    this.jobs.end();
    return code;
  }

  /** Does what its `trap` says for a signal, or for its end (`EXIT`). Resolves with the exit code where that ends it, else with null. */
  async hear(signal: string, io: CommandIo): Promise<number | null> {
    const handler = this.#traps.take(signal);
    if (handler === null) return null;
    const inner = new Shell({ ...this.#options, env: this.#traps.variables }, this.jobs, this.#traps);
    inner.files = this.files;
    inner.cwd = handler.cwd;
    inner.name = this.name;
    inner.status = this.status;
    inner.#functions = this.#functions;
    inner.#root = this.#root;
    const code = await inner.run(handler.text, io);
    if (!inner.ended) return null;
    return signal === 'EXIT' ? code : ((await inner.finish(io)) ?? code);
  }

  /** One program without a shell around it; null when there is none of that name. */
  async program(words: readonly string[], io: CommandIo): Promise<number | null> {
    const [name = '', ...args] = words;
    const base = name.split('/').at(-1) ?? '';
    const own = Object.hasOwn(this.#options.programs, base) ? this.#options.programs[base] : undefined;
    if (own !== undefined) {
      const { files, env, cwd, status } = this;
      const { signal } = this.#options;
      return await own(args, io, { name: this.name, files, env, cwd, status, signal, root: this.#root });
    }
    const known = (TOOLS as string[]).includes(base) || BUILT_IN.has(base) || ELSEWHERE.has(base);
    const script = !known && name.includes('/') && (await statOf(this.files, name))?.isFile === true;
    if (!known && !script) return null;
    return await this.#execute(`${script ? quoted(name) : base} ${args.map(quoted).join(' ')}`, io);
  }

  /** `zero`: what it calls itself, `$0`. */
  async #execute(script: string, io: CommandIo, zero = this.name): Promise<number> {
    const { signal } = this.#options;
    let kept = false;
    const turn = { outermost: false };
    const bash = this.#interpreter(io, turn, (context) => {
      kept = true;
      this.status = statusIn(context);
      this.cwd = context.cwd;
      this.#modes = (context.env.get('SHELLOPTS') ?? '').split(':').filter((mode) => MODES.has(mode));
      this.#env = outside(context.env);
      this.#traps.variables = this.#env;
    });
    const later = this.#mayReadLater(script) ? UNREAD : '';
    const stdin = readsInput(bash, script) ? (await io.bytes()).toString('latin1') : later;
    turn.outermost = true;
    const result = await bash.exec(script, {
      cwd: this.cwd,
      env: { ...Object.fromEntries(this.#env), [ZERO]: zero },
      replaceEnv: true,
      rawScript: true,
      stdin,
      stdinKind: 'bytes',
      signal,
    });
    if (signal.aborted) {
      this.status = ABORTED;
      return ABORTED;
    }
    if (result.stdout !== '') io.out(result.stdout);
    if (result.stderr !== '') io.err(worded(result.stderr, this.name));
    // An error of the grammar or of an expansion ends what runs, an exit ends the shell.
    const exited = !kept && result.stderr === '';
    this.ended = exited && !this.leave();
    if (!kept) this.status = result.exitCode;
    if (this.#entered !== null && kept) this.#enter(this.#entered);
    this.#entered = null;
    return this.status;
  }

  /** The library shows its variables to what runs, for as long as that runs. */
  #seen(env: ReadonlyMap<string, string>): void {
    if (this.#traps.some) this.#traps.variables = outside(env);
  }

  /** Whether a program that asks for its input when it wants it may be among those that run. */
  #mayReadLater(script: string): boolean {
    const words = new Set(script.split(/[^\w-]+/));
    return Object.keys(this.#options.programs).some((name) => words.has(name) && !NEVER_READ.has(name));
  }

  #interpreter(io: CommandIo, turn: { outermost: boolean }, keep: (context: ResolvedCommandContext) => void): Bash {
    const { library, signal, ready } = this.#options;
    const programs = { ...this.#options.programs, ...this.jobs.builtins(this.#options.programs['kill']) };
    const { Bash, defineCommand } = library;
    let breathed = 0;
    const breathe = async () => {
      const now = performance.now();
      if (now - breathed >= UNINTERRUPTED_MS) {
        await new Promise((resolve) => setImmediate(resolve));
        breathed = performance.now();
      }
      await ready();
    };
    const bash = new Bash({
      fs: withOutput(this.files, io, (text) => worded(text, this.name), breathe),
      commands: TOOLS,
      executionLimits: LIMITS,
      defenseInDepth: false,
      processInfo: { pid: 41, ppid: 0 },
      customCommands: [
        ...Object.entries(programs).map(([name, run]) => this.#command(name, run, io)),
        defineCommand('xargs', async (args, context) => await libraryOwn(args.flatMap(apart), context)),
        defineCommand('ls', async (args, context) => {
          const root = this.#root;
          const given = this.#options.owners;
          const owners: Owners | undefined =
            root === null ? undefined : given && ((path, ...more) => given(`${root}${path}`, ...more));
          const result = await listing(args, context, (words) => libraryOwn(words, context), owners);
          // GNU's tells apart what went wrong.
          return this.name === 'bash' ? result : { ...result, exitCode: Math.min(1, result.exitCode) };
        }),
        defineCommand('trap', async (args, context) => {
          const result = this.#traps.set(args, context.cwd);
          this.#seen(context.env);
          return result;
        }),
        defineCommand('env', environment),
        defineCommand('printenv', environment),
        defineCommand(BREATHE, async (_args, context) => {
          this.#seen(context.env);
          await breathe();
          return { stdout: '', stderr: '', exitCode: signal.aborted ? ABORTED : statusIn(context) };
        }),
        defineCommand(MAY_WRITE, async (paths, context) => {
          const refused = await refusal(paths, context);
          return {
            stdout: '',
            stderr: refused === null ? '' : `bash: ${this.name === 'bash' ? refused : cannotCreate(refused)}\n`,
            exitCode: refused === null ? 0 : 1,
          };
        }),
        defineCommand(BEFORE, async () => ({ stdout: '', stderr: '', exitCode: this.status })),
        defineCommand(BACKGROUND, async ([text = ''], context) => {
          const pid = this.jobs.start(text, (own) => this.#beside(text, context, own, io));
          context.env.set(LAST_JOB, String(pid));
          return { stdout: '', stderr: '', exitCode: 0 };
        }),
        defineCommand('tail', async (args, context) =>
          args.some((arg) => /^(-\w*[fF]|--follow.*)$/.test(arg))
            ? await follow(args, context, io, signal, programs['sleep'])
            : await libraryOwn(args, context),
        ),
        defineCommand('chroot', async (args, context) => {
          return await this.#elsewhere(await chroot(args, this.files, context.cwd), context);
        }),
        defineCommand('nsenter', async (args, context) => {
          const machine = this.#options.machine?.() ?? null;
          return await this.#elsewhere(await nsenter(args, this.files, machine), context);
        }),
        defineCommand(KEEP, async (_args, context) => {
          keep(context);
          return { stdout: '', stderr: '', exitCode: statusIn(context) };
        }),
      ],
    });
    bash.registerTransformPlugin({
      name: 'container',
      transform: ({ ast }) => {
        const statements = ast.statements as unknown as TreeNode[];
        const { outermost } = turn;
        turn.outermost = false;
        prepareScript(statements, NAMES, outermost);
        if (!outermost) return { ast };
        const made = functionsIn(statements);
        const before = [...this.#functions].filter(([name]) => !made.has(name)).map(([, one]) => one);
        this.#functions = new Map([...this.#functions, ...made]);
        return { ast: { ...ast, statements: [...before, ...statements] as unknown as typeof ast.statements } };
      },
    });
    return bash;
  }

  /** Runs a command among other files, or has what follows run there. */
  async #elsewhere(found: Elsewhere | Refusal, context: ResolvedCommandContext): Promise<ExecResult> {
    if (isRefusal(found)) return { stdout: '', stderr: `${found.text}\n`, exitCode: found.code };
    if (found.words.length === 0) {
      this.#entered = found;
      return { stdout: '', stderr: '', exitCode: 0 };
    }
    const env = outside(context.env);
    const inner = new Shell({ ...this.#options, files: found.files, env });
    inner.#root = this.#rootOf(found);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const given = String(context.stdin);
    const exitCode = await inner.run(found.words.map(quoted).join(' '), {
      ...inputOf(Buffer.from(given === UNREAD ? '' : given, 'latin1')),
      out: (content) => void out.push(Buffer.from(content as string)),
      err: (text) => void err.push(Buffer.from(text)),
    });
    const stdout = Buffer.concat(out).toString('latin1');
    return { stdout, stdoutKind: 'bytes', stderr: Buffer.concat(err).toString('utf8'), exitCode };
  }

  /** A shell of its own with what this one has now. */
  async #beside(text: string, context: ResolvedCommandContext, signal: AbortSignal, io: CommandIo): Promise<number> {
    const env = outside(context.env);
    const fork = new Shell({ ...this.#options, env, signal });
    fork.cwd = context.cwd;
    fork.files = this.files;
    fork.#root = this.#root;
    fork.#functions = this.#functions;
    return await fork.run(text, { ...io, ...inputOf(Buffer.alloc(0)) });
  }

  /** Whether more lines have to come before the text can be run. */
  incomplete(text: string): boolean {
    if (/(^|[^\\])(\\\\)*\\$|(\||&&)\s*$/.test(text)) return true;
    try {
      new this.#options.library.Bash({}).transform(text);
      return false;
    } catch (error) {
      const why = error instanceof Error ? error.message : '';
      return /got EOF|unexpected EOF|unterminated here-doc/.test(why) || /(^|[\s;])(then|else|do|\{|\()\s*$/.test(text);
    }
  }

  #command(name: string, run: Run, io: CommandIo): Command {
    return this.#options.library.defineCommand(name, async (args, context) => {
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      const given = String(context.stdin);
      this.#seen(context.env);
      const exitCode = await run(
        args,
        {
          ...(given === UNREAD ? { input: io.input, bytes: io.bytes } : inputOf(Buffer.from(given, 'latin1'))),
          out: (content) => void out.push(Buffer.from(content as string)),
          err: (content) => void err.push(Buffer.from(content)),
        },
        {
          name: this.name,
          files: context.fs,
          env: context.env,
          cwd: context.cwd,
          root: this.#root,
          signal: context.signal ?? this.#options.signal,
          status: statusIn(context),
        },
      );
      return {
        stdout: Buffer.concat(out).toString('latin1'),
        stdoutKind: 'bytes',
        stderr: Buffer.concat(err).toString('utf8'),
        exitCode,
      };
    });
  }
}

/** Without what every interpreter makes for itself. */
function outside(env: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...env].filter(([name]) => !INTERNAL.test(name)));
}

function statusIn({ env }: ResolvedCommandContext): number {
  return Number(env.get('?') ?? 0);
}

/** Whether the outer input has to be there before it runs; what cannot be parsed reads nothing. */
function readsInput(bash: Bash, script: string): boolean {
  try {
    return wantsInput((bash.transform(script).ast as unknown as TreeNode)['statements']);
  } catch {
    return false;
  }
}
