/** Talks to a running demo through the control address in its folder; see control.ts. Also the engine's DemoService. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ActiveFault, DemoService, DemoState, FaultId, FaultTargets, StartFault } from '#shared/contract/demo.ts';
import { AppError } from '#shared/errors.ts';
import {
  CONTROL_FILE,
  ControlAddress,
  type ControlAnswer,
  type ControlRequest,
  type ControlState,
} from './control-protocol.ts';

/** A change is told at once; the wait only bounds how long a lost connection goes unnoticed. */
const WAIT_MS = 25_000;
/** The simulation is restarted when it ends by itself: so often it is looked for meanwhile. */
const RETRY_MS = 1000;

export interface DemoControl {
  state(): Promise<DemoState>;
  targets(input: { cluster: string; fault: FaultId }): Promise<FaultTargets>;
  start(input: StartFault): Promise<ActiveFault>;
  stop(input: { id: string }): Promise<void>;
  /** Yields at once and after every change. Goes on when the simulation is restarted. */
  watch(signal: AbortSignal | undefined): AsyncIterable<DemoState>;
}

/** `dir`: the fleet's folder, `<data directory>/demo`. Nothing is read before the first call. */
export function demoControl(dir: string): DemoControl {
  /** @throws AppError NOT_FOUND when no demo runs on the folder, or what the demo says. */
  async function call<T>(request: ControlRequest, signal?: AbortSignal): Promise<T> {
    const { url, token } = address(dir);
    let answer: ControlAnswer;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}` },
        body: JSON.stringify(request),
        ...(signal === undefined ? {} : { signal }),
      });
      answer = (await response.json()) as ControlAnswer;
    } catch (error) {
      if (signal?.aborted) throw new AppError('CANCELLED', 'the call was cancelled', { cause: error });
      throw notRunning(dir, error);
    }
    if (answer.ok) return answer.value as T;
    const { code, message, ...rest } = answer.error;
    throw new AppError(code, message, rest);
  }

  return {
    state: async () => (await call<ControlState>({ method: 'state' })).state,
    targets: (input) => call({ method: 'targets', ...input }),
    start: (fault) => call({ method: 'start', fault }),
    stop: async ({ id }) => void (await call({ method: 'stop', id })),
    async *watch(signal) {
      let after: number | undefined;
      while (signal?.aborted !== true) {
        let next: ControlState;
        try {
          next = await call({ method: 'state', waitMs: WAIT_MS, ...(after === undefined ? {} : { after }) }, signal);
        } catch (error) {
          if (signal?.aborted) return;
          if (!(error instanceof AppError) || error.code !== 'NOT_FOUND') throw error;
          await pause(RETRY_MS, signal);
          continue;
        }
        if (next.revision === after) continue;
        after = next.revision;
        yield next.state;
      }
    },
  };
}

/** The engine's service: null outside demo mode. */
export function createDemoService(dir: string | null): DemoService {
  const control = dir === null ? null : demoControl(dir);
  const need = (): DemoControl => {
    if (control !== null) return control;
    throw new AppError('UNSUPPORTED', 'faults can be staged in demo mode only');
  };
  return {
    watch: (signal) => need().watch(signal),
    targets: async (input) => await need().targets(input),
    start: async (input) => await need().start(input),
    stop: async (input) => await need().stop(input),
  };
}

function address(dir: string): { url: string; token: string } {
  try {
    return ControlAddress.parse(JSON.parse(readFileSync(path.join(dir, CONTROL_FILE), 'utf8')));
  } catch (error) {
    throw notRunning(dir, error);
  }
}

function notRunning(dir: string, cause: unknown): AppError {
  return new AppError('NOT_FOUND', `no demo is running on ${dir}`, {
    params: { name: dir },
    hint: 'demo.notRunning',
    retryable: true,
    cause,
  });
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
    if (signal?.aborted) done();
  });
}
