/** The four rules about requests and limits: one shape, four texts. A default of a LimitRange counts as given. */
import type { PodRule, RuleTexts } from '../types.ts';
import { runningContainers } from '../workloads.ts';

interface Wanted {
  id: string;
  resource: 'cpu' | 'memory';
  what: 'limits' | 'requests';
  texts: { zh: RuleTexts; en: RuleTexts };
}

function resourceRule({ id, resource, what, texts }: Wanted): PodRule {
  return {
    id,
    sets: ['manual'],
    type: 'resources',
    severity: 'danger',
    scope: 'pod',
    texts,
    references: ['https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/'],
    check: (pod, world) =>
      runningContainers(pod)
        .filter(({ container }) => {
          const { limits = {}, requests = {} } = container.resources ?? {};
          // Without a request of its own a container gets its limit as request.
          const given = what === 'limits' ? limits : { ...limits, ...requests };
          if (given?.[resource] !== undefined) return false;
          return world.limitDefault(pod.object.metadata.namespace ?? '', what, resource) === undefined;
        })
        .map(({ name, path }) => ({
          container: name,
          field: `${path}.resources.${what}.${resource}`,
          evidence: `${what}.${resource} is not set`,
        })),
  };
}

const starves = {
  zh: '一个容器可以占满节点，使邻居变慢（CPU）或使节点内存不足、驱逐其他 Pod（内存）。',
  en: 'One container takes the node from its neighbours: they are throttled (CPU), or evicted when memory runs out.',
};
const blind = {
  zh: '调度器会在节点上放置过多的 Pod；这样的 Pod 最先被驱逐，按利用率伸缩的 HPA 也无法工作。',
  en: 'The scheduler overcommits nodes, such pods are evicted first, and an HPA on utilization cannot work.',
};

export const noCpuLimits = resourceRule({
  id: 'NoCPULimits',
  resource: 'cpu',
  what: 'limits',
  texts: {
    zh: {
      title: '没有 CPU 限制',
      impact: starves.zh,
      remedy: '按观测到的 P95 至 P99 设置 resources.limits.cpu；对延迟敏感的服务可以有意不设，并豁免本项。',
    },
    en: {
      title: 'No CPU limit',
      impact: starves.en,
      remedy:
        'Set resources.limits.cpu from the observed P95 to P99; where latency matters it may be left out on purpose: exempt it.',
    },
  },
});
export const noCpuRequests = resourceRule({
  id: 'NoCPURequests',
  resource: 'cpu',
  what: 'requests',
  texts: {
    zh: { title: '没有 CPU 请求', impact: blind.zh, remedy: '按通常用量设置 resources.requests.cpu。' },
    en: {
      title: 'No CPU request',
      impact: blind.en,
      remedy: 'Set resources.requests.cpu to what the container usually uses.',
    },
  },
});
export const noMemoryLimits = resourceRule({
  id: 'NoMemoryLimits',
  resource: 'memory',
  what: 'limits',
  texts: {
    zh: { title: '没有内存限制', impact: starves.zh, remedy: '按观测到的峰值并留出余量设置 resources.limits.memory。' },
    en: {
      title: 'No memory limit',
      impact: starves.en,
      remedy: 'Set resources.limits.memory to the observed peak with some room.',
    },
  },
});
export const noMemoryRequests = resourceRule({
  id: 'NoMemoryRequests',
  resource: 'memory',
  what: 'requests',
  texts: {
    zh: {
      title: '没有内存请求',
      impact: blind.zh,
      remedy: '设置 resources.requests.memory；与限制相等时服务质量等级为 Guaranteed。',
    },
    en: {
      title: 'No memory request',
      impact: blind.en,
      remedy: 'Set resources.requests.memory; equal to the limit, the pod is Guaranteed.',
    },
  },
});
