/**
 * What a cluster of a given size is filled with: which workloads, how many pods each. Pure and decided by the seed, so
 * that two clusters of the same size and seed have the same objects by name and uid.
 */
import { createRandom } from '../sim/random.ts';

export interface PlannedWorkload {
  namespace: string;
  name: string;
  replicas: number;
  /** Index into the templates. */
  template: number;
  /** Has a Service in front of it. */
  served: boolean;
  /** How long it has been running. */
  ageMs: number;
}

const TEAMS = ['payments', 'search', 'catalog', 'media', 'identity', 'orders', 'risk', 'reports', 'mobile', 'platform'];
const PARTS = ['api', 'worker', 'gateway', 'cache', 'indexer', 'scheduler', 'proxy', 'web', 'consumer', 'exporter'];
const PER_NAMESPACE = 30;
const HOUR_MS = 3600 * 1000;

/** `pods` in all, over workloads of one to a hundred. `templates`: how many there are to choose from. */
export function planWorkloads(seed: string, pods: number, templates: number): PlannedWorkload[] {
  const random = createRandom('bulk', seed);
  const out: PlannedWorkload[] = [];
  for (let left = pods; left > 0; ) {
    // Most workloads are small, most pods belong to large ones.
    const size = random.next();
    const wanted = size < 0.6 ? random.integer(1, 5) : size < 0.9 ? random.integer(6, 20) : random.integer(21, 100);
    const replicas = Math.min(wanted, left);
    const index = out.length;
    out.push({
      namespace: namespaceAt(Math.floor(index / PER_NAMESPACE)),
      name: `${random.pick(PARTS)}-${index}`,
      replicas,
      template: random.integer(0, templates - 1),
      served: random.next() < 0.3,
      ageMs: random.integer(1, 60 * 24) * HOUR_MS,
    });
    left -= replicas;
  }
  return out;
}

function namespaceAt(index: number): string {
  const team = TEAMS[index % TEAMS.length] ?? 'team';
  const round = Math.floor(index / TEAMS.length);
  return round === 0 ? team : `${team}-${round + 1}`;
}
