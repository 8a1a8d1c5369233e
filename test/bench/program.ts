/** The built program as a person starts it, and what the system knows of its processes (Linux: /proc). */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const root = path.resolve(import.meta.dirname, '../..');
const cli = path.join(root, 'dist/main/cli.js');
const READY_WITHIN_MS = 120_000;
const CLOCK_TICKS_PER_SECOND = 100;

export interface Program<T> {
  readonly pid: number;
  /** The line of JSON it prints when it is ready. */
  readonly ready: T;
  /** From the start of the process to that line, milliseconds. */
  readonly readyMs: number;
  /** SIGTERM, and the end of the process. */
  stop(): Promise<void>;
}

/** Starts `fleetdeck <args> --json`. Rejects when it ends, or says nothing for so long (two minutes). */
export function startProgram<T>(
  args: readonly string[],
  nodeOptions: readonly string[] = [],
  env: Record<string, string> = {},
  readyWithinMs: number = READY_WITHIN_MS,
): Promise<Program<T>> {
  return startCommand(process.execPath, [...nodeOptions, cli, ...args, '--json'], env, readyWithinMs);
}

/** A script of the bench's own, which prints its line of JSON when it is ready. */
export function startNode<T>(script: string, arg: string, readyWithinMs: number): Promise<Program<T>> {
  return startCommand(process.execPath, [script, arg], {}, readyWithinMs);
}

/** The same through `npm run`, from the checkout. */
export function startScript<T>(script: string, args: readonly string[]): Promise<Program<T>> {
  return startCommand('npm', ['run', '-s', script, '--', ...args, '--json']);
}

const running = new Set<ChildProcess>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => {
    for (const child of running) child.kill('SIGTERM');
    process.exit(130);
  });

async function startCommand<T>(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
  readyWithinMs: number = READY_WITHIN_MS,
): Promise<Program<T>> {
  const began = performance.now();
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-20_000);
  });
  running.add(child);
  const exited = new Promise<void>((resolve) =>
    child.once('exit', () => {
      running.delete(child);
      resolve();
    }),
  );
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  const ready = await new Promise<T>((resolve, reject) => {
    const fail = (text: string) => reject(new Error(`${args.join(' ')}: ${text}\n${stderr}`));
    const timer = setTimeout(() => fail('not ready in time'), readyWithinMs);
    // What tells of its progress is not stuck.
    child.stderr.on('data', () => timer.refresh());
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(timer);
      const answer = JSON.parse(line) as { ready?: boolean };
      if (answer.ready === true) resolve(answer as T);
      else fail(line);
    });
    child.once('error', reject);
    exited.then(() => fail('ended before it was ready'));
  }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { pid: child.pid ?? -1, ready, readyMs: performance.now() - began, stop };
}

/** A folder that is gone after the process has ended. */
export function temporaryDir(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-bench-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Resident memory in MB. */
export function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

/** Of the process and all its descendants. */
export function residentMbOfAll(pid: number): number {
  return familyOf(pid).reduce((sum, each) => sum + residentMb(each), 0);
}

/** Processor time spent so far, milliseconds in steps of ten: what a busy neighbour cannot change much. */
export function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / CLOCK_TICKS_PER_SECOND;
}

/** The process and its descendants, as far as they still run. */
export function familyOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It ended meanwhile.
    }
  }
  const family = [pid];
  for (const each of family) family.push(...(children.get(each) ?? []));
  return family;
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
