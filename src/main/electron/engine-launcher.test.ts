import { describe, expect, test, vi } from 'vitest';
import type { FromEngine, ToEngine } from '../host/engine-protocol.ts';
import { type EngineHandle, EngineLauncher, type LauncherOptions } from './engine-launcher.ts';

class FakeEngine implements EngineHandle<string> {
  readonly sent: ToEngine[] = [];
  readonly connected: string[] = [];
  private message: (message: FromEngine) => void = () => {};
  private exit: (lastWords: string) => void = () => {};

  send(message: ToEngine): void {
    this.sent.push(message);
    if (message.type === 'close') this.die();
  }
  onMessage(listener: (message: FromEngine) => void): void {
    this.message = listener;
  }
  onExit(listener: (lastWords: string) => void): void {
    this.exit = listener;
  }
  connect(_connection: number, page: string): void {
    this.connected.push(page);
  }
  kill(): void {
    this.die();
  }
  say(message: FromEngine): void {
    this.message(message);
  }
  die(lastWords = ''): void {
    this.exit(lastWords);
  }
}

function launcher(change: Partial<LauncherOptions<string>> = {}) {
  const engines: FakeEngine[] = [];
  const onFatal = vi.fn();
  const made = new EngineLauncher<string>({
    launch() {
      const engine = new FakeEngine();
      engines.push(engine);
      return engine;
    },
    start: { type: 'start', dataDir: '/data', demo: null, keychain: false },
    secrets: async ({ type, value }) => `${type}ed ${value}`,
    onFatal,
    wait: () => Promise.resolve(),
    ...change,
  });
  const latest = (): FakeEngine => engines.at(-1) as FakeEngine;
  made.start();
  return { launcher: made, engines, latest, onFatal };
}

describe('keeping the engine running', () => {
  test('a page waits until the engine serves', () => {
    const { launcher: made, latest } = launcher();
    made.connect(() => 'page');
    expect(latest().connected).toEqual([]);
    latest().say({ type: 'ready' });
    expect(latest().connected).toEqual(['page']);
    made.connect(() => 'second');
    expect(latest().connected).toEqual(['page', 'second']);
  });

  test('a page that is gone by then is forgotten', () => {
    const { launcher: made, latest } = launcher();
    made.connect(() => null);
    latest().say({ type: 'ready' });
    expect(latest().connected).toEqual([]);
  });

  test('a dead engine is started again, and pages that ask meanwhile get the new one', async () => {
    const { launcher: made, engines, latest } = launcher();
    latest().say({ type: 'ready' });
    latest().die('killed');
    made.connect(() => 'page');
    await vi.waitFor(() => expect(engines).toHaveLength(2));
    expect(engines[0]?.connected).toEqual([]);
    latest().say({ type: 'ready' });
    expect(latest().connected).toEqual(['page']);
  });

  test('one that keeps dying is given up with its last words', async () => {
    const { engines, latest, onFatal } = launcher();
    for (let count = 1; count <= 5; count += 1) {
      latest().die();
      await vi.waitFor(() => expect(engines).toHaveLength(count + 1));
    }
    latest().die('out of memory');
    await vi.waitFor(() =>
      expect(onFatal).toHaveBeenCalledWith(
        expect.objectContaining({ code: 'ENGINE_UNAVAILABLE', message: 'out of memory' }),
      ),
    );
    expect(engines).toHaveLength(6);
  });

  test('a reason that another try would not change is reported once and not retried', async () => {
    const { engines, latest, onFatal } = launcher();
    latest().say({ type: 'failed', error: { code: 'DATA_DIR_LOCKED', message: 'in use', retryable: false } });
    latest().die();
    await Promise.resolve();
    expect(onFatal).toHaveBeenCalledTimes(1);
    expect(engines).toHaveLength(1);
  });

  test('secrets are answered to the engine that asked', async () => {
    const { latest } = launcher({
      secrets: async ({ type, value }) => {
        if (type === 'open') throw new Error('keychain is locked');
        return `sealed ${value}`;
      },
    });
    latest().say({ type: 'seal', call: 1, value: 'x' });
    latest().say({ type: 'open', call: 2, value: 'y' });
    await vi.waitFor(() =>
      expect(latest().sent.slice(1)).toEqual([
        { type: 'secret', call: 1, result: 'sealed x' },
        { type: 'secretFailed', call: 2, message: 'keychain is locked' },
      ]),
    );
  });

  test('closing asks it to end, waits for that, and starts no other', async () => {
    const { launcher: made, engines, latest } = launcher();
    latest().say({ type: 'ready' });
    await made.close();
    expect(latest().sent.at(-1)).toEqual({ type: 'close' });
    expect(engines).toHaveLength(1);
  });
});
