/**
 * metrics.k8s.io/v1beta1 as metrics-server serves it: what `kubectl top` and the HorizontalPodAutoscaler read. Usage
 * comes from the meter; a pod that has only just started has no metrics yet, a silent node none at all.
 */
import type { AggregatedApi } from '#engine/apiserver/index.ts';
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { isDown } from '../kubelet/kubelet.ts';
import { podsInNamespace, podsOnNode } from '../sim/indexes.ts';
import { isDeleting, nameOf, timeText } from '../sim/objects.ts';
import type { World } from '../sim/world.ts';
import { type ContainerUsage, runningContainers } from './meter.ts';

/** --metric-resolution of metrics-server; the first usable reading of a container comes one later. */
const RESOLUTION_MS = 15_000;
/** Over which a reading of CPU is taken. */
export const WINDOW_MS = 15_000;
const WINDOW = `${WINDOW_MS / 1000}s`;

const metricsColumns = [
  { name: 'cpu', type: 'string' as const, cell: (object: KubeObject) => total(object, 'cpu') },
  { name: 'memory', type: 'string' as const, cell: (object: KubeObject) => total(object, 'memory') },
  { name: 'window', type: 'string' as const, cell: (object: KubeObject) => String(object.window ?? '') },
];

/** `world` is asked for at every request: the server is made before the world is. */
export function metricsApi(world: () => World | undefined): AggregatedApi {
  return {
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    service: { namespace: 'kube-system', name: 'metrics-server' },
    resources: [
      {
        resource: 'nodes',
        singular: '',
        kind: 'NodeMetrics',
        namespaced: false,
        columns: metricsColumns,
        get: (_namespace, name) => listNodes(world(), (node) => nameOf(node) === name)[0],
        list: () => listNodes(world(), () => true),
      },
      {
        resource: 'pods',
        singular: '',
        kind: 'PodMetrics',
        namespaced: true,
        columns: metricsColumns,
        get: (namespace, name) => listPods(world(), namespace, (pod) => nameOf(pod) === name)[0],
        list: (namespace) => listPods(world(), namespace, () => true),
      },
    ],
  };
}

/** Usage of a pod as metrics-server knows it; null while it has none: not running, or not for long enough. */
export function measuredPod(world: World, pod: KubeObject, at: number): ContainerUsage[] | null {
  const running = runningContainers(pod);
  const settled = RESOLUTION_MS * world.pace;
  if (running.length === 0 || running.some(({ startedAt }) => at - startedAt < settled)) return null;
  if (isDown(world.caches.nodes.get(pod.spec?.nodeName ?? ''))) return null;
  return world.meter.pod(pod, at);
}

function listPods(world: World | undefined, namespace: string, wanted: (pod: KubeObject) => boolean): KubeObject[] {
  if (world === undefined) return [];
  const at = world.now();
  const pods = namespace === '' ? world.caches.pods.list() : podsInNamespace(world.caches, namespace);
  return pods.flatMap((pod) => {
    const usage = wanted(pod) ? measuredPod(world, pod, at) : null;
    if (usage === null) return [];
    const containers = usage.map(({ name, cpu, memory }) => ({ name, usage: usageText(cpu, memory) }));
    return [{ ...metricsObject('PodMetrics', pod, at), containers } as KubeObject];
  });
}

function listNodes(world: World | undefined, wanted: (node: KubeObject) => boolean): KubeObject[] {
  if (world === undefined) return [];
  const at = world.now();
  const nodes = world.caches.nodes.list().filter((node) => wanted(node) && !isDown(node) && !isDeleting(node));
  return nodes.map((node) => {
    const { cpu, memory } = world.meter.node(node, podsOnNode(world.caches, nameOf(node)), at);
    return { ...metricsObject('NodeMetrics', node, at), usage: usageText(cpu, memory) } as KubeObject;
  });
}

function metricsObject(kind: string, of: KubeObject, at: number): KubeObject {
  return {
    apiVersion: 'metrics.k8s.io/v1beta1',
    kind,
    metadata: {
      name: nameOf(of),
      ...(of.metadata.namespace === undefined ? {} : { namespace: of.metadata.namespace }),
      ...(of.metadata.labels === undefined ? {} : { labels: of.metadata.labels }),
      creationTimestamp: timeText(at),
    },
    timestamp: timeText(at),
    window: WINDOW,
  };
}

/** As metrics-server writes them: nanocores and kibibytes. */
function usageText(cpu: number, memory: number): { cpu: string; memory: string } {
  return { cpu: `${Math.round(cpu * 1e9)}n`, memory: `${Math.round(memory / 1024)}Ki` };
}

function total(object: KubeObject, resource: 'cpu' | 'memory'): string {
  const usages: Json[] =
    object.usage === undefined ? (object.containers ?? []).map((one: Json) => one.usage) : [object.usage];
  const sum = usages.reduce((all, usage) => all + parseQuantity(usage?.[resource]), 0);
  return resource === 'cpu' ? `${Math.round(sum * 1e9)}n` : `${Math.round(sum / 1024)}Ki`;
}
