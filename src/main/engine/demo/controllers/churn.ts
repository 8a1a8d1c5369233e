/**
 * Life in a large cluster: so many changes a second, of the kinds a real one goes through by itself. Mostly node
 * heartbeats and lease renewals, restarts of containers and their consequences; now and then a pod is replaced, a
 * workload scaled or rolled out. What the other controllers make of each counts as well: the pace is held by what the
 * server's revision says, not by what is begun here. The seed decides what happens to whom.
 */
import { isConflict, isNotFound } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { objectKey } from '#shared/kubernetes/types.ts';
import { isDown } from '../kubelet/kubelet.ts';
import { conditionsFor, troublesOf } from '../profiles/node-conditions.ts';
import { isDeleting, microTimeText, nameOf, namespaceOf, timeText } from '../sim/objects.ts';
import { createRandom } from '../sim/random.ts';
import { DEPLOYMENTS, LEASES, NODES } from '../sim/refs.ts';
import { type Controller, updateStatus, type World } from '../sim/world.ts';
import { deletePod } from './common.ts';
import { LEASE_NAMESPACE } from './nodes.ts';

const TICK_MS = 50;
/** Begun at once at most: what the machine cannot do is not piled up. */
const AT_ONCE = 64;
/** Changes that follow from one action, about; the measured rate corrects what is wrong with them. */
const COST = { lease: 1, heartbeat: 1, restart: 8, replace: 16, scale: 30, rollOut: 60 } as const;
type Action = keyof typeof COST;
/** Shares of the changes, not of the actions. */
const SHARES: readonly (readonly [Action, number])[] = [
  ['lease', 0.35],
  ['heartbeat', 0.1],
  ['restart', 0.35],
  ['replace', 0.1],
  ['scale', 0.05],
  ['rollOut', 0.05],
];
/** Larger workloads are left alone by roll-outs: one of them would be all there is to see for a minute. */
const ROLLED_OUT_AT_MOST = 10;

/** `rate` in changes a second; 0 does nothing. */
export function runChurn(world: World, rate: number): Controller {
  const { caches } = world;
  const random = createRandom('churn', world.profile.seed, world.profile.index);
  const startedAt = world.now();
  const running = new Set<Promise<void>>();
  let first = 0;
  let newest = 0;
  /** Changes that the actions begun so far should have made. */
  let planned = 0;
  let stopped = false;

  function observe(object: KubeObject): void {
    const revision = Number(object.metadata.resourceVersion ?? 0);
    if (first === 0) first = revision;
    newest = Math.max(newest, revision);
  }

  /** What is still to be begun now for the rate to hold. */
  function due(): number {
    const wanted = ((world.now() - startedAt) / 1000) * rate;
    const made = newest - first;
    // Effects come later than their causes: up to two seconds of them may be on their way.
    const expected = Math.max(made, Math.min(planned, made + rate * 2));
    return wanted - expected;
  }

  function tick(): void {
    let budget = Math.min(due(), (rate * TICK_MS * 4) / 1000);
    while (budget > 0 && running.size < AT_ONCE && !stopped) {
      const action = choose();
      budget -= COST[action];
      planned += COST[action];
      const work: Promise<void> = act(action)
        .catch((error: unknown) => {
          // Others change and delete the same objects.
          if (!isConflict(error) && !isNotFound(error) && !stopped) world.report(error, `churn: ${action}`);
        })
        .finally(() => running.delete(work));
      running.add(work);
    }
  }

  function choose(): Action {
    const total = SHARES.reduce((sum, [action, share]) => sum + share / COST[action], 0);
    let at = random.next() * total;
    for (const [action, share] of SHARES) {
      at -= share / COST[action];
      if (at < 0) return action;
    }
    return 'heartbeat';
  }

  async function act(action: Action): Promise<void> {
    switch (action) {
      case 'lease':
        return await renew();
      case 'heartbeat':
        return await heartbeat();
      case 'restart':
        return restart();
      case 'replace': {
        const pod = anyPod();
        if (pod !== undefined && !isDeleting(pod)) await deletePod(world, pod);
        return;
      }
      case 'scale':
        return await scale();
      case 'rollOut':
        return await rollOut();
    }
  }

  async function renew(): Promise<void> {
    const { name } = random.pick(world.profile.nodes);
    if (isDown(caches.nodes.get(name))) return;
    const renewTime = microTimeText(world.now());
    const where = { namespace: LEASE_NAMESPACE };
    observe(await world.clients.kubelet.patch(LEASES, name, 'merge', { spec: { renewTime } }, where));
  }

  async function heartbeat(): Promise<void> {
    const { name } = random.pick(world.profile.nodes);
    const node = caches.nodes.get(name);
    if (node === undefined || isDeleting(node)) return;
    const conditions = node.status?.conditions ?? [];
    if (conditions.some(({ status }: { status: string }) => status === 'Unknown')) return;
    const wanted = conditionsFor(troublesOf(node), conditions, world.now());
    observe(
      await updateStatus(world.clients.kubelet, NODES, caches.nodes, node, { ...node.status, conditions: wanted }),
    );
  }

  function restart(): void {
    const pod = anyPod();
    const name = pod?.spec?.containers?.[0]?.name;
    if (pod !== undefined && name !== undefined) world.signals.terminate(pod, name, 1);
  }

  function anyPod(): KubeObject | undefined {
    const deployment = anyDeployment();
    if (deployment === undefined) return undefined;
    const sets = caches.replicaSets.byIndex('owner', deployment.metadata.uid ?? '');
    const pods = sets.flatMap((set) => caches.pods.byIndex('owner', set.metadata.uid ?? ''));
    return pods.length === 0 ? undefined : random.pick(pods);
  }

  function anyDeployment(): KubeObject | undefined {
    if (keys.length === 0) return undefined;
    return caches.deployments.get(random.pick(keys));
  }

  /** One more or one less; the workload's own size is where it comes back to. */
  async function scale(): Promise<void> {
    const deployment = anyDeployment();
    if (deployment === undefined) return;
    const key = objectKey(deployment);
    const now: number = deployment.spec?.replicas ?? 1;
    const usual = sizes.get(key) ?? now;
    sizes.set(key, usual);
    const replicas = now === usual ? usual + 1 : usual;
    await patch(deployment, { spec: { replicas } });
  }

  /** As `kubectl rollout restart` does it. */
  async function rollOut(): Promise<void> {
    const deployment = anyDeployment();
    if (deployment === undefined || (deployment.spec?.replicas ?? 1) > ROLLED_OUT_AT_MOST) return;
    const annotations = { 'kubectl.kubernetes.io/restartedAt': timeText(world.now()) };
    await patch(deployment, { spec: { template: { metadata: { annotations } } } });
  }

  async function patch(deployment: KubeObject, change: unknown): Promise<void> {
    const where = { namespace: namespaceOf(deployment) };
    observe(await world.clients.manager.patch(DEPLOYMENTS, nameOf(deployment), 'merge', change, where));
  }

  /** Sizes of scaled workloads before they were. */
  const sizes = new Map<string, number>();
  // What a person adds is theirs: churn is among those that were there, in an order that is always the same.
  const keys = rate === 0 ? [] : caches.deployments.list().map(objectKey).filter(isOurs).sort();
  const timer = rate === 0 ? undefined : setInterval(tick, TICK_MS);
  if (rate > 0) void heartbeat().catch(() => undefined);

  return {
    name: 'churn',
    async stop() {
      stopped = true;
      clearInterval(timer);
      await Promise.all(running);
    },
  };
}

function isOurs(key: string): boolean {
  return !key.startsWith('kube-system/');
}
