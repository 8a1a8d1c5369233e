/**
 * Public face of engine/demo: a fleet of simulated clusters in a process of its own, so that it never slows the engine.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as modules from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '#shared/errors.ts';
import type { Log } from '../types.ts';
import { HEAP_FLAGS } from './heap.ts';
import type { FromWorker, ToWorker } from './protocol.ts';
import type { DemoCluster, DemoFleet, DemoFleetOptions } from './types.ts';

export { createDemoService, type DemoControl, demoControl } from './control-client.ts';
export type { DemoCluster, DemoFleet, DemoFleetOptions, StartProgress } from './types.ts';

const MIN_NODE = 22;
/** How long a start may go without getting any further, also where the machine is busy with others. */
const NO_PROGRESS_MS = 180_000;
const CLOSE_TIMEOUT_MS = 8_000;
/**
 * A large cluster that keeps changing leaves garbage behind faster than it seems worth collecting, and what the process
 * has once taken it keeps: half as much room for new objects, and collections when the memory in use has grown by a half
 * instead of having doubled or more.
 */
const MEMORY = ['--max-semi-space-size=32', '--heap-growing-percent=50', ...HEAP_FLAGS];

/**
 * Starts the fleet's process and resolves when all its clusters answer. The process ends with this one, whatever
 * happens to it.
 *
 * @throws AppError DATA_DIR_LOCKED when another fleet runs in the folder, DATA_DIR_UNWRITABLE, DISK_FULL, INVALID,
 * UNSUPPORTED under a Node that is too old, INTERNAL when the process ended without a word.
 */
export async function startDemoFleet(options: DemoFleetOptions): Promise<DemoFleet> {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < MIN_NODE) {
    throw new AppError(
      'UNSUPPORTED',
      `the demo fleet needs Node ${MIN_NODE} or newer, this is ${process.versions.node}`,
    );
  }
  const log = options.log ?? stderrLog;
  const listeners = new Set<(code: number | null, signal: string | null) => void>();
  let closing = false;
  const child = fork(workerFile(), [], {
    serialization: 'json',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // Without the parent's: debugger flags would fight over its port.
    execArgv: MEMORY,
    env: {
      ...process.env,
      ...(process.versions.electron === undefined ? compileCache() : { ELECTRON_RUN_AS_NODE: '1' }),
    },
  });
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-4000);
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.on('message', (message: FromWorker) => {
    if (message.type === 'log') log[message.level](message.message, message.fields);
  });

  let clusters: DemoCluster[];
  try {
    clusters = await readiness(child, options, () => lastWords);
  } catch (error) {
    child.kill('SIGKILL');
    await exited;
    throw error;
  }
  child.once('exit', (code, signal) => {
    if (closing) return;
    log.error('demo fleet: process ended', { code, signal, stderr: lastWords.slice(-1000) });
    for (const listener of listeners) listener(code, signal);
  });

  return {
    clusters,
    pid: child.pid ?? 0,
    onExit(listener) {
      listeners.add(listener);
    },
    settled() {
      tell(child, { type: 'settled' });
    },
    async close() {
      closing = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      tell(child, { type: 'close' });
      const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

function readiness(child: ChildProcess, options: DemoFleetOptions, lastWords: () => string): Promise<DemoCluster[]> {
  return new Promise((resolve, reject) => {
    const fail = (error: AppError) => {
      settle();
      reject(error);
    };
    const stuck = `the demo fleet got no further for ${NO_PROGRESS_MS / 1000} s`;
    const timer = setTimeout(() => fail(new AppError('INTERNAL', stuck, { retryable: true })), NO_PROGRESS_MS);
    const onMessage = (message: FromWorker) => {
      if (message.type === 'progress') {
        timer.refresh();
        options.onProgress?.(message.progress);
      } else if (message.type === 'ready') {
        settle();
        resolve(message.clusters);
      } else if (message.type === 'failed') {
        const { code, message: text, ...rest } = message.error;
        fail(new AppError(code, text, rest));
      }
    };
    const onExit = (code: number | null, signal: string | null) =>
      fail(
        new AppError('INTERNAL', `the demo fleet's process ended at start (${signal ?? code}): ${lastWords().trim()}`),
      );
    const onError = (error: Error) =>
      fail(
        new AppError('INTERNAL', `the demo fleet's process could not be started: ${error.message}`, { cause: error }),
      );
    function settle(): void {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
      child.off('error', onError);
      // A child that cannot be told anything any more has ended: its exit says so.
      child.on('error', () => undefined);
    }
    child.on('message', onMessage);
    child.on('exit', onExit);
    child.on('error', onError);
    tell(child, {
      type: 'start',
      dir: path.resolve(options.dir),
      clusters: options.clusters,
      ...(options.nodes === undefined ? {} : { nodes: options.nodes }),
      ...(options.pods === undefined ? {} : { pods: options.pods }),
      ...(options.churn === undefined ? {} : { churn: options.churn }),
      ...(options.seed === undefined ? {} : { seed: options.seed }),
      ...(options.pace === undefined ? {} : { pace: options.pace }),
    });
  });
}

function tell(child: ChildProcess, message: ToWorker): void {
  child.send(message, () => undefined);
}

/** The child keeps its compiled code where this process does, if it does. */
function compileCache(): { NODE_COMPILE_CACHE?: string } {
  const own = modules.getCompileCacheDir?.();
  return own === undefined ? {} : { NODE_COMPILE_CACHE: path.dirname(own) };
}

/** The source beside this file, or the built entry: bundles lie in dist/main, their shared chunks one folder below. */
function workerFile(): string {
  const here = import.meta.url;
  const candidates = here.endsWith('.ts') ? ['./worker.ts'] : ['./demo-worker.js', '../demo-worker.js'];
  for (const candidate of candidates) {
    const file = fileURLToPath(new URL(candidate, here));
    if (existsSync(file)) return file;
  }
  throw new AppError(
    'INTERNAL',
    `the demo fleet's entry is missing beside ${fileURLToPath(here)}: build the application`,
  );
}

function write(level: string, message: string, fields?: Record<string, unknown>): void {
  process.stderr.write(`${level} ${message}${fields === undefined ? '' : ` ${JSON.stringify(fields)}`}\n`);
}

const stderrLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (message, fields) => write('warn', message, fields),
  error: (message, fields) => write('error', message, fields),
};
