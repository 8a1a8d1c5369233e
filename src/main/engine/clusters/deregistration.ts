/** How a cluster leaves (feature R9): what Fleetdeck put into it goes first, then the record and its secrets. */
import { AppError } from '#shared/errors.ts';
import { beginOperation } from './operations.ts';
import type { Entry, Registry } from './registry.ts';
import type { ClustersDeps, Operation } from './types.ts';

/** Refused under deletion protection or fleet membership, and when something would stay unless `leaveBehind`. */
export async function deregister(
  deps: ClustersDeps,
  registry: Registry,
  { id, leaveBehind }: { id: string; leaveBehind: boolean },
): Promise<void> {
  const entry = registry.needSettled(id);
  const { name } = entry.record;
  refuseProtected(deps, entry);
  const operation = beginOperation(deps.repository, entry.record, 'deregister');
  try {
    await cleanUp(deps, entry, leaveBehind, operation);
    await registry.forget(entry);
    operation.end();
  } catch (error) {
    operation.end(error);
    throw error;
  }
  deps.log.info('cluster unregistered', { cluster: name });
}

function refuseProtected(deps: ClustersDeps, { record }: Entry): void {
  const { id, name } = record;
  if (record.deletionProtection) {
    throw new AppError('REFUSED', `cluster ${name} is under deletion protection`, {
      cluster: name,
      params: { name },
      hint: 'hints.deletionProtection',
    });
  }
  const fleet = deps.fleets().fleetOfCluster(id);
  if (fleet !== undefined) {
    throw new AppError('REFUSED', `cluster ${name} is in fleet ${fleet.name}`, {
      cluster: name,
      params: { name, fleet: fleet.name },
      hint: 'hints.clusterInFleet',
    });
  }
}

async function cleanUp(deps: ClustersDeps, entry: Entry, leaveBehind: boolean, operation: Operation): Promise<void> {
  const { id, name } = entry.record;
  const { state } = entry.live;
  entry.connection.hold('deregistering');
  try {
    if (deps.belongings?.isIn(id) !== true) return;
    if (state !== 'running') {
      if (!leaveBehind) {
        const text = `cluster ${name} does not answer: what Fleetdeck put there would stay`;
        throw new AppError('REFUSED', text, { cluster: name, params: { name, left: '?' }, hint: 'hints.leftBehind' });
      }
      operation.step('cleanUp', 'warning', `the cluster is ${state}: nothing was removed from it`);
      return;
    }
    const { removed, left } = await deps.belongings.cleanUp(id);
    for (const what of removed) operation.step('cleanUp', 'passed', what);
    for (const { what, error } of left)
      operation.step('cleanUp', leaveBehind ? 'warning' : 'failed', `${what}: ${error.message}`);
    if (left.length > 0 && !leaveBehind) {
      const names = left.map(({ what }) => what).join(', ');
      const reasons = left.map(({ what, error }) => `${what} (${error.message})`).join(', ');
      throw new AppError('REFUSED', `could not be removed from ${name}: ${reasons}`, {
        cluster: name,
        params: { name, left: names.slice(0, 300) },
        hint: 'hints.leftBehind',
      });
    }
  } catch (error) {
    entry.connection.hold(null);
    throw error;
  }
}
