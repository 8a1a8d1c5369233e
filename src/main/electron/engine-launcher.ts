/**
 * Keeps one engine process running and connects pages to it. When it dies it is started again after a short, growing
 * delay; the pages' ports close with it, they ask for new ones, and wait here until it serves again. Pure apart from
 * what `launch` starts, so that a test can let it die as often as it likes.
 */
import { type AppErrorShape, toErrorShape } from '#shared/errors.ts';
import type { FromEngine, StartMessage, ToEngine } from '../host/engine-protocol.ts';

/** A process that has just been started. `Port` is what a page's end of the connection is here. */
export interface EngineHandle<Port> {
  send(message: ToEngine): void;
  onMessage(listener: (message: FromEngine) => void): void;
  /** `lastWords`: the end of what it wrote on standard error. */
  onExit(listener: (lastWords: string) => void): void;
  /** Makes a connection and hands its other end to the page. */
  connect(connection: number, page: Port): void;
  kill(): void;
}

/** What the engine tells by itself, apart from how it is. */
export type EngineNews = Extract<FromEngine, { type: 'settings' | 'demoReady' }>;

export interface LauncherOptions<Port> {
  launch(): EngineHandle<Port>;
  start: StartMessage;
  secrets(message: Extract<FromEngine, { type: 'seal' | 'open' }>): Promise<string>;
  /** What else the engine tells the shell. */
  onNews?(news: EngineNews): void;
  /** It could not start for a reason that another try will not change; or it keeps dying. */
  onFatal(error: AppErrorShape): void;
  onRestart?(): void;
  /** Test seam. */
  wait?(ms: number): Promise<void>;
}

const DELAYS_MS = [100, 300, 1000, 2000, 4000];
/** An engine that served for so long was healthy: the next death counts as the first. */
const HEALTHY_MS = 60_000;
/** Longer than the engine's own limit for an orderly end. */
const CLOSE_MS = 3000;

export class EngineLauncher<Port> {
  private readonly options: LauncherOptions<Port>;
  private engine: EngineHandle<Port> | null = null;
  private serving = false;
  private closing = false;
  private deaths = 0;
  private startedAt = 0;
  private connections = 0;
  private waiting: (() => Port | null)[] = [];
  private onGone: () => void = () => {};

  constructor(options: LauncherOptions<Port>) {
    this.options = options;
  }

  start(): void {
    const engine = this.options.launch();
    this.engine = engine;
    this.startedAt = Date.now();
    engine.onMessage((message) => this.receive(engine, message));
    engine.onExit((lastWords) => void this.died(engine, lastWords));
    engine.send(this.options.start);
  }

  /** `page` makes the page's end when the engine serves, or answers null when the page is gone by then. */
  connect(page: () => Port | null): void {
    this.waiting.push(page);
    this.flush();
  }

  async close(): Promise<void> {
    this.closing = true;
    const engine = this.engine;
    if (engine === null) return;
    const gone = new Promise<void>((resolve) => {
      this.onGone = resolve;
    });
    engine.send({ type: 'close' });
    const timer = setTimeout(() => engine.kill(), CLOSE_MS);
    await gone;
    clearTimeout(timer);
  }

  private receive(engine: EngineHandle<Port>, message: FromEngine): void {
    if (engine !== this.engine) return;
    switch (message.type) {
      case 'ready':
        this.serving = true;
        this.flush();
        break;
      case 'failed':
        // The reason is the person's to remove (directory in use, damaged store): trying again would only repeat it.
        this.closing = true;
        this.options.onFatal(message.error);
        break;
      case 'settings':
      case 'demoReady':
        this.options.onNews?.(message);
        break;
      case 'seal':
      case 'open':
        this.options.secrets(message).then(
          (result) => engine.send({ type: 'secret', call: message.call, result }),
          (error: unknown) =>
            engine.send({ type: 'secretFailed', call: message.call, message: toErrorShape(error).message }),
        );
        break;
    }
  }

  private flush(): void {
    if (!this.serving || this.engine === null) return;
    for (const page of this.waiting.splice(0)) {
      const port = page();
      if (port === null) continue;
      this.connections += 1;
      this.engine.connect(this.connections, port);
    }
  }

  private async died(engine: EngineHandle<Port>, lastWords: string): Promise<void> {
    if (engine !== this.engine) return;
    this.engine = null;
    this.serving = false;
    this.onGone();
    if (this.closing) return;
    if (Date.now() - this.startedAt > HEALTHY_MS) this.deaths = 0;
    const delay = DELAYS_MS[this.deaths];
    this.deaths += 1;
    if (delay === undefined) {
      this.options.onFatal({ code: 'ENGINE_UNAVAILABLE', message: lastWords.slice(-2000), retryable: false });
      return;
    }
    await (this.options.wait ?? pause)(delay);
    if (this.closing) return;
    this.options.onRestart?.();
    this.start();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
