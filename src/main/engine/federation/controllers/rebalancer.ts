/** WorkloadRebalancer: asks the scheduler to place the named workloads anew, once each, and says what came of it. */
import { createInformer, createWorkQueue } from '../../kube/index.ts';
import { type Binding, WORKLOAD_REBALANCERS, type WorkloadRebalancer } from '../api.ts';
import { equalJson } from '../json.ts';
import { bindingKeyOf } from './binding-build.ts';
import { bindingRef } from './cache.ts';
import { type Controller, errorText, type FederationContext } from './context.ts';
import { mutate, now, remove, splitKey } from './write.ts';

type Observed = NonNullable<NonNullable<WorkloadRebalancer['status']>['observedWorkloads']>[number];

export function startRebalancer({ client, log }: FederationContext): Controller {
  const informer = createInformer<WorkloadRebalancer>({ client, resource: WORKLOAD_REBALANCERS });

  async function reconcile(name: string): Promise<number | undefined> {
    const rebalancer = informer.get(name);
    if (rebalancer === undefined || rebalancer.metadata.deletionTimestamp) return undefined;
    const { status, spec } = rebalancer;
    if (status?.observedGeneration !== rebalancer.metadata.generation || !status?.finishTime) {
      const observed = await trigger(rebalancer);
      await mutate<WorkloadRebalancer>(client, WORKLOAD_REBALANCERS, { name, subresource: 'status' }, (live) => {
        if (live.metadata.generation !== rebalancer.metadata.generation) return false;
        live.status = {
          observedWorkloads: observed,
          observedGeneration: rebalancer.metadata.generation ?? 0,
          finishTime: live.status?.finishTime ?? now(),
        };
        return true;
      });
      return undefined;
    }
    if (spec.ttlSecondsAfterFinished == null) return undefined;
    const left = Date.parse(status.finishTime) + spec.ttlSecondsAfterFinished * 1000 - Date.now();
    if (left > 0) return left;
    await remove(client, WORKLOAD_REBALANCERS, { name, uid: rebalancer.metadata.uid });
    return undefined;
  }

  /** One that was triggered already is not triggered again; one that was not found is looked for anew. */
  async function trigger(rebalancer: WorkloadRebalancer): Promise<Observed[]> {
    const known = rebalancer.status?.observedWorkloads ?? [];
    const observed: Observed[] = [];
    for (const workload of rebalancer.spec.workloads ?? []) {
      const before = known.find((entry) => equalJson(entry.workload, workload));
      if (before?.result === 'Successful') observed.push(before);
      else
        observed.push(
          (await request(workload, rebalancer.metadata.creationTimestamp ?? now()))
            ? { workload, result: 'Successful' }
            : { workload, result: 'Failed', reason: 'ReferencedBindingNotFound' },
        );
    }
    const done = known.filter(
      ({ workload, result }) =>
        result === 'Successful' && !observed.some((entry) => equalJson(entry.workload, workload)),
    );
    return [...observed, ...done];
  }

  async function request(workload: Observed['workload'], time: string): Promise<boolean> {
    const { apiVersion, kind, namespace, name } = workload;
    const key = bindingKeyOf({ apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}) } });
    const found = await mutate<Binding>(client, bindingRef(key), splitKey(key), (live) => {
      const last = live.spec.rescheduleTriggeredAt;
      if (last && Date.parse(last) >= Date.parse(time)) return false;
      live.spec.rescheduleTriggeredAt = time;
      return true;
    });
    return found !== null;
  }

  const queue = createWorkQueue({
    name: 'rebalancer',
    reconcile,
    onError: (key, error) => log.warn('rebalance not requested yet', { key, error: errorText(error) }),
  });
  informer.subscribe({ onAdd: (_, key) => queue.add(key), onUpdate: (_, __, key) => queue.add(key) });
  return {
    async stop() {
      informer.stop();
      await queue.stop();
    },
  };
}
