/** What all protocols of exec and attach share: terminal sizes on the way in, the exit as a Status on the way out. */
import type { KubeStatus } from '#shared/kubernetes/types.ts';
import type { ProcessStreams, TerminalSize } from '../backend.ts';
import type { ProcessTarget } from '../request/types.ts';

/** Sizes of the client's terminal: remembers the last one for whoever asks late. */
export class TerminalSizes {
  #last: TerminalSize | null = null;
  readonly #listeners: ((size: TerminalSize) => void)[] = [];

  /** One JSON document `{"Width":80,"Height":24}`; anything else is ignored. */
  receive(text: string): void {
    let size: { Width?: unknown; Height?: unknown } | null;
    try {
      size = JSON.parse(text) as typeof size;
    } catch {
      return;
    }
    const [width, height] = [Number(size?.Width), Number(size?.Height)];
    if (!(width > 0 && height > 0)) return;
    this.#last = { width, height };
    for (const listener of this.#listeners) listener(this.#last);
  }

  readonly onResize = (listener: (size: TerminalSize) => void): void => {
    this.#listeners.push(listener);
    if (this.#last !== null) listener(this.#last);
  };
}

export type ExitStatus = Pick<KubeStatus, 'status' | 'message' | 'reason' | 'details' | 'code'> & { metadata: object };

/** Runs the process to its end. Never rejects: failures become the Status that the error stream carries. */
export async function runProcess(
  target: ProcessTarget,
  streams: ProcessStreams,
  signal: AbortSignal,
): Promise<ExitStatus> {
  try {
    const { code } = await target.run(streams, signal);
    if (code === 0) return { metadata: {}, status: 'Success' };
    return {
      metadata: {},
      status: 'Failure',
      message: `command terminated with non-zero exit code: exit status ${code}`,
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
    };
  } catch (error) {
    return internalStatus(`${target.failure}: ${textOfError(error)}`);
  }
}

export function internalStatus(text: string): ExitStatus {
  return {
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: ${text}`,
    reason: 'InternalError',
    details: { causes: [{ message: text }] },
    code: 500,
  };
}

export function textOfError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
