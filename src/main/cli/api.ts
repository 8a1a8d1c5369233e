/** The engine for one command: opened on the data directory of the call, closed whatever happens. */
import type { Cluster } from '#shared/contract/clusters.ts';
import { AppError } from '#shared/errors.ts';
import type { Engine } from '../engine/types.ts';
import { type Api, apiOf, firstOf } from '../host/api.ts';
import { createLog } from '../host/log.ts';
import { openEngine } from '../host/open-engine.ts';
import type { Call } from './command.ts';
import { dataDirOf } from './options.ts';

export async function withEngine<T>(call: Call, work: (api: Api, engine: Engine) => Promise<T>): Promise<T> {
  const engine = await openEngine({ dataDir: dataDirOf(call), host: 'cli', log: createLog() });
  try {
    return await work(apiOf(engine), engine);
  } finally {
    await engine.close();
  }
}

/** States a cluster passes through on its way to an answer. */
const passing: readonly Cluster['state'][] = ['creating', 'pending', 'changing'];

/** The list once every cluster has answered or failed, or after `timeoutMs` as it is then. */
export async function settledClusters(engine: Engine, timeoutMs = 10_000): Promise<Cluster[]> {
  return await firstOf(
    engine,
    (api) => api.clusters.watch(),
    (list) => list.every((cluster) => !passing.includes(cluster.state)),
    timeoutMs,
    (api) => api.clusters.list(),
  );
}

/** @throws AppError NOT_FOUND */
export function byName(list: readonly Cluster[], name: string): Cluster {
  const found = list.find((cluster) => cluster.name === name);
  if (found === undefined) throw new AppError('NOT_FOUND', `no cluster "${name}"`, { params: { name } });
  return found;
}
