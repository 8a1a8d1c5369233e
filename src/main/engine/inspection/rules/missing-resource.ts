/** What a container lacks of requests and limits. A default of a LimitRange counts as given. */
import { said } from '#shared/inspection-evidence.ts';
import { inRunningContainers } from './containers.ts';

export function lacks(what: 'limits' | 'requests', resource: 'cpu' | 'memory') {
  return inRunningContainers(({ resources }, { object }, world) => {
    const { limits, requests } = resources ?? {};
    // Without a request of its own a container gets its limit as request.
    const given = what === 'limits' ? limits : { ...limits, ...requests };
    if (given?.[resource] !== undefined) return null;
    if (world.limitDefault(object.metadata.namespace ?? '', what, resource) !== undefined) return null;
    return { field: `resources.${what}.${resource}`, evidence: said('notSet', { what: `${what}.${resource}` }) };
  });
}

export const STARVES = {
  zh: '一个容器可以占满节点，使邻居变慢（CPU）或使节点内存不足、驱逐其他 Pod（内存）。',
  en: 'One container takes the node from its neighbours: they are throttled (CPU), or evicted when memory runs out.',
} as const;
export const BLIND = {
  zh: '调度器会在节点上放置过多的 Pod；这样的 Pod 最先被驱逐，按利用率伸缩的 HPA 也无法工作。',
  en: 'The scheduler overcommits nodes, such pods are evicted first, and an HPA on utilization cannot work.',
} as const;
