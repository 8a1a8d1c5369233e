/** What runs look at and what they do, over a running federation. Everything here may be done twice. */

import type { DemoService } from '#shared/contract/demo.ts';
import type { FederatedObjectName } from '#shared/contract/federation-decisions.ts';
import { AppError } from '#shared/errors.ts';
import type { ResourceRef } from '#shared/kubernetes/types.ts';
import {
  type Binding,
  CLUSTER_PROPAGATION_POLICIES,
  PROPAGATION_POLICIES,
  type PropagationPolicy,
  TAINTS,
  WORKLOAD_REBALANCERS,
} from '../api.ts';
import { bindingKeyOf } from '../controllers/binding-build.ts';
import { bindingId, bindingRef, policyIdOf } from '../controllers/cache.ts';
import { isReady } from '../controllers/execution.ts';
import { targetsOf } from '../controllers/works.ts';
import { ensure, mutate, remove, splitKey } from '../controllers/write.ts';
import { evict } from '../failover/evict.ts';
import type { Running } from '../service/running.ts';
import type { DrillAct, DrillSeen } from './drill.ts';
import { standingOf } from './observe.ts';
import { SAMPLE, samplePolicy, sampleTemplate } from './sample.ts';
import { originalSpec, type ShiftAct, type ShiftSeen, specFor } from './shift.ts';
import type { DrillRecord, ShiftRecord } from './types.ts';

/** Who takes workloads out of a member that only the drill takes for lost. */
const PRODUCER = 'fleetdeck-drill';
const REBALANCER_SECONDS = 60;
const FAULT = 'api-unreachable';

/** What a federation allows a run to do beside its own API. */
export interface RunHelpers {
  demo: DemoService;
  /** Changes the time after which a lost member is given up; returns nothing, takes effect at once. */
  setEvictionTimeout(federationId: string, seconds: number): Promise<void>;
}

export function policyRef(key: string): ResourceRef {
  return key.includes('/') ? PROPAGATION_POLICIES : CLUSTER_PROPAGATION_POLICIES;
}

export function policyOf({ plane }: Running, key: string): PropagationPolicy | undefined {
  return (key.includes('/') ? plane.cache.policies : plane.cache.clusterPolicies).get(key);
}

export function bindingsOf({ plane }: Running, policy: PropagationPolicy): Binding[] {
  const id = policyIdOf(policy);
  return id === undefined ? [] : plane.cache.bindingsOfPolicy(id).map(([, binding]) => binding);
}

export function seeShift(running: Running, run: ShiftRecord): ShiftSeen {
  const policy = policyOf(running, run.policy);
  const { cache } = running.plane;
  const placement = policy?.spec.placement ?? null;
  const watched = (policy === undefined ? [] : bindingsOf(running, policy)).map((binding) => ({
    binding,
    works: cache.worksOfBinding(bindingId(binding) ?? ''),
    placement,
  }));
  const weights = run.steps[Math.max(run.at, 0)]?.weights ?? {};
  const lost = Object.keys(weights).filter((name) => {
    const cluster = cache.clusters.get(name);
    return (weights[name] ?? 0) > 0 && (cluster === undefined || !isReady(cluster));
  });
  return {
    scheduling: policy === undefined ? null : (placement?.replicaScheduling ?? {}),
    standing: standingOf(watched),
    lost: lost.sort(),
  };
}

export async function doShift({ client }: Running, run: ShiftRecord, act: ShiftAct): Promise<void> {
  await mutate<PropagationPolicy>(client, policyRef(run.policy), splitKey(run.policy), (live) => {
    live.spec = act.kind === 'apply' ? specFor(live.spec, run, act.weights) : originalSpec(live.spec, run);
  });
}

export function seeDrill(running: Running, run: DrillRecord): DrillSeen {
  const { plane } = running;
  const { cache } = plane;
  const bindings = run.workloads.flatMap((named) => {
    const binding = cache.binding(keyOf(named));
    return binding === undefined ? [] : [binding];
  });
  const standing = standingOf(
    bindings.map((binding) => ({ binding, works: cache.worksOfBinding(bindingId(binding) ?? ''), placement: null })),
  );
  if (bindings.length < run.workloads.length) standing.settled = false;
  const cluster = cache.clusters.get(run.cluster);
  const driven = (cluster?.spec.taints ?? []).some(({ effect }) => effect === 'NoExecute');
  const leaving = bindings.some(({ spec }) =>
    (spec.gracefulEvictionTasks ?? []).some(({ fromCluster }) => fromCluster === run.cluster),
  );
  const tolerated = bindings.flatMap(({ spec }) =>
    (spec.placement?.clusterTolerations ?? [])
      .filter(({ key }) => key === TAINTS.notReady || key === TAINTS.unreachable)
      .map(({ tolerationSeconds = 0 }) => tolerationSeconds),
  );
  const { evictionTimeoutSeconds } = plane.failover;
  const named = run.sample === null ? undefined : cache.binding(keyOf(run.sample));
  const { apiVersion, kind, namespace, name } = SAMPLE;
  return {
    standing,
    back: cluster !== undefined && isReady(cluster) && !driven && !leaving,
    noticed: run.how === 'eviction' || cluster === undefined || !isReady(cluster) || driven,
    evicted: bindings.length > 0 && bindings.every((binding) => !targetsOf(binding).has(run.cluster)),
    cleaned: named === undefined && plane.templates.get(apiVersion, kind, namespace, name) === undefined,
    waitSeconds: run.how === 'eviction' ? 0 : evictionTimeoutSeconds + Math.max(0, ...tolerated),
  };
}

export async function doDrill(
  running: Running,
  run: DrillRecord,
  act: DrillAct,
  { demo, setEvictionTimeout }: RunHelpers,
): Promise<void> {
  const { client, plane } = running;
  switch (act) {
    case 'deploy': {
      const template = sampleTemplate();
      const ref = plane.templates.refOf(SAMPLE.apiVersion, SAMPLE.kind);
      if (ref === undefined) throw new AppError('UNSUPPORTED', 'the federation serves no Deployments');
      await ensure(client, ref, template);
      await ensure(client, PROPAGATION_POLICIES, samplePolicy([run.cluster, ...run.partners]));
      return;
    }
    case 'cut':
      if (run.settings !== null) await setEvictionTimeout(run.federationId, 0);
      if (run.how === 'fault') await demo.start({ fault: FAULT, cluster: run.cluster, values: {} });
      else await eachBinding(running, run, (live) => moveAway(live, run.cluster));
      return;
    case 'restore':
      if (run.how === 'fault') await demo.stop({ id: `${run.cluster}/${FAULT}` });
      else await eachBinding(running, run, (live) => letEnd(live, run.cluster));
      if (run.settings !== null) await setEvictionTimeout(run.federationId, run.settings.evictionTimeoutSeconds);
      return;
    case 'rebalance': {
      const rebalancer = {
        apiVersion: 'apps.karmada.io/v1alpha1',
        kind: 'WorkloadRebalancer',
        metadata: { name: `drill-${run.id.slice(0, 8)}-${Date.now().toString(36)}` },
        spec: {
          workloads: run.workloads.map(({ namespace, ...workload }) =>
            namespace === '' ? workload : { ...workload, namespace },
          ),
          ttlSecondsAfterFinished: REBALANCER_SECONDS,
        },
      };
      await ensure(client, WORKLOAD_REBALANCERS, rebalancer);
      return;
    }
    case 'clean': {
      const ref = plane.templates.refOf(SAMPLE.apiVersion, SAMPLE.kind);
      if (ref !== undefined) await remove(client, ref, { namespace: SAMPLE.namespace, name: SAMPLE.name });
      await remove(client, PROPAGATION_POLICIES, { namespace: SAMPLE.namespace, name: SAMPLE.name });
      return;
    }
  }
}

async function eachBinding(
  { client }: Running,
  { workloads }: DrillRecord,
  change: (binding: Binding) => boolean,
): Promise<void> {
  for (const key of workloads.map(keyOf)) await mutate<Binding>(client, bindingRef(key), splitKey(key), change);
}

/** The old copy stays until the drill is past the take-over: a member that works is not given up for an exercise. */
function moveAway(binding: Binding, cluster: string): boolean {
  return evict(binding, {
    cluster,
    purgeMode: 'Gracefully',
    reason: 'TaintUntolerated',
    message: `a drill takes cluster ${cluster} for lost`,
    producer: PRODUCER,
    suppressDeletion: true,
  });
}

/** From here on it ends as every eviction does: when all runs elsewhere, or taken back when it does not. */
function letEnd(binding: Binding, cluster: string): boolean {
  const task = binding.spec.gracefulEvictionTasks?.find(
    ({ fromCluster, producer }) => fromCluster === cluster && producer === PRODUCER,
  );
  if (task === undefined) return false;
  delete task.suppressDeletion;
  return true;
}

/** Names of simulated clusters; none outside of a demo. */
export async function simulated(demo: DemoService): Promise<string[]> {
  const abort = new AbortController();
  try {
    for await (const { clusters } of demo.watch(abort.signal)) return clusters;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  } finally {
    abort.abort();
  }
  return [];
}

export function keyOf({ apiVersion, kind, namespace, name }: FederatedObjectName): string {
  return bindingKeyOf({ apiVersion, kind, metadata: { name, ...(namespace === '' ? {} : { namespace }) } });
}
