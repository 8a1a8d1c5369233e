/** Area `system`: what runs where, the person's settings, and the heartbeat by which a renderer knows the engine lives. */
import type { Operator } from '#shared/contract/base.ts';
import { Settings, type SystemInfo, type SystemService } from '#shared/contract/system.ts';
import packageJson from '../../../../package.json' with { type: 'json' };
import type { SettingsRepository } from '../store/index.ts';
import type { EngineOptions, SecretBox } from '../types.ts';

const PREFIX = 'ui.';
const HEARTBEAT_MS = 10_000;

export interface SystemDeps {
  options: Pick<EngineOptions, 'dataDir' | 'host' | 'demo' | 'onSettings'>;
  settings: SettingsRepository;
  secretBox: SecretBox;
  operator: Operator;
  heartbeatMs?: number;
}

export function createSystem(deps: SystemDeps): SystemService {
  const startedAt = new Date().toISOString();
  const { backend, keyFile } = deps.secretBox;

  function settings(): Partial<Settings> {
    const stored = deps.settings.all(PREFIX);
    const known: Record<string, unknown> = {};
    // One by one: a value another version wrote must not take the rest along.
    for (const [key, schema] of Object.entries(Settings.shape)) {
      const parsed = schema.safeParse(stored[key]);
      if (parsed.success) known[key] = parsed.data;
    }
    return known as Partial<Settings>;
  }

  return {
    info: (): SystemInfo => ({
      version: packageJson.version,
      host: deps.options.host,
      platform: `${process.platform}-${process.arch}`,
      nodeVersion: process.versions.node,
      dataDir: deps.options.dataDir,
      demo: deps.options.demo ?? false,
      secrets: { backend, ...(keyFile === undefined ? {} : { keyFile }) },
      startedAt,
      operator: { name: deps.operator.name, policy: deps.operator.policy },
    }),
    settings,
    updateSettings(change) {
      for (const [key, value] of Object.entries(change))
        if (value !== undefined) deps.settings.set(PREFIX + key, value);
      const now = settings();
      deps.options.onSettings?.(now);
      return now;
    },
    async *heartbeat(signal) {
      while (signal?.aborted !== true) {
        yield { startedAt };
        await pause(deps.heartbeatMs ?? HEARTBEAT_MS, signal);
      }
    },
  };
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
