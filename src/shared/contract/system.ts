/** Area `system`: what runs where, how secrets are kept, and the person's settings. */
import { z } from 'zod';
import { EXEC_TIMEOUT_SECONDS } from '../limits.ts';
import { read, router, write } from './base.ts';

export const SystemInfo = z.object({
  version: z.string(),
  /** Which host serves this interface. */
  host: z.enum(['electron', 'loopback', 'cli']),
  platform: z.string(),
  nodeVersion: z.string(),
  dataDir: z.string(),
  /** True for `fleetdeck demo`: clusters are simulated. */
  demo: z.boolean(),
  /** How secrets are encrypted at rest; said plainly in the interface. */
  secrets: z.object({
    backend: z.enum(['keychain', 'keyFile', 'passphrase']),
    /** Path of the key file, when that is what protects the secrets. */
    keyFile: z.string().optional(),
  }),
  startedAt: z.string(),
  operator: z.object({ name: z.string(), policy: z.enum(['admin', 'user', 'viewer']) }),
});
export type SystemInfo = z.infer<typeof SystemInfo>;

export const Settings = z.object({
  language: z.enum(['zh', 'en']),
  theme: z.enum(['dark', 'light', 'system']),
  /** How long the sign-in command of a kubeconfig may take; not set: the default. */
  execTimeoutSeconds: z.number().int().min(EXEC_TIMEOUT_SECONDS.min).max(EXEC_TIMEOUT_SECONDS.max),
});
export type Settings = z.infer<typeof Settings>;

export interface SystemService {
  info(): SystemInfo;
  settings(): Partial<Settings>;
  updateSettings(change: Partial<Settings>): Partial<Settings>;
  /** Yields at once and then every 10 s; its end tells the renderer that the engine is gone. */
  heartbeat(signal: AbortSignal | undefined): AsyncIterable<{ startedAt: string }>;
}

export const systemRouter = router({
  info: read.output(SystemInfo).query(({ ctx }) => ctx.services.system.info()),
  settings: read.output(Settings.partial()).query(({ ctx }) => ctx.services.system.settings()),
  updateSettings: write
    .input(Settings.partial())
    .output(Settings.partial())
    .mutation(({ ctx, input }) => ctx.services.system.updateSettings(input)),
  heartbeat: read.subscription(async function* ({ ctx, signal }) {
    yield* ctx.services.system.heartbeat(signal);
  }),
});
