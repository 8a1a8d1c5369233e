/** The operation log (feature R8): every operation is kept from its first step on, so that one cut short is seen too. */
import { randomUUID } from 'node:crypto';
import type { ClusterOperation } from '#shared/contract/clusters.ts';
import { AppError, toErrorShape } from '#shared/errors.ts';
import type { ClusterRepository, Operation } from './types.ts';

type Store = Pick<ClusterRepository, 'putOperation' | 'operations'>;

export function beginOperation(
  store: Store,
  cluster: { id: string; name: string },
  kind: ClusterOperation['kind'],
): Operation {
  const operation: ClusterOperation = {
    id: randomUUID(),
    clusterId: cluster.id,
    clusterName: cluster.name,
    kind,
    startedAt: new Date().toISOString(),
    endedAt: null,
    result: 'running',
    steps: [],
    error: null,
  };
  store.putOperation(operation);
  return {
    step(step, result, message) {
      operation.steps.push({ at: new Date().toISOString(), step, result, message: message.slice(0, 1000) });
      store.putOperation(operation);
    },
    end(error) {
      operation.endedAt = new Date().toISOString();
      operation.result = error === undefined ? 'succeeded' : 'failed';
      operation.error = error === undefined ? null : toErrorShape(error);
      store.putOperation(operation);
    },
  };
}

/** What a process that ended left half done is said to have failed. */
export function closeInterrupted(store: Store): void {
  for (const operation of store.operations(undefined, 1000)) {
    if (operation.result !== 'running') continue;
    const error = new AppError('CANCELLED', 'Fleetdeck ended before this was done').toShape();
    store.putOperation({ ...operation, result: 'failed', endedAt: new Date().toISOString(), error });
  }
}
