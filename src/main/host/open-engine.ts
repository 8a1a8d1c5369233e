/** Opens the engine for a host. It is loaded only here and only when needed: printing a help text must not pay for it. */
import type { Engine, EngineOptions } from '../engine/types.ts';
import type { HostLog } from './log.ts';

export async function openEngine(options: Omit<EngineOptions, 'log'> & { log: HostLog }): Promise<Engine> {
  const { createEngine } = await import('../engine/engine.ts');
  const engine = await createEngine(options);
  options.log.toFile(options.dataDir);
  return engine;
}
