/** Pages of a kubelet behind `nodes/NAME/proxy`: health, usage, metrics, pods, the folders of its logs, its configuration. */
import type { ProxyResponse } from '#engine/apiserver/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { behavioursOf } from '../kubelet/behaviour.ts';
import { nameOf, namespaceOf, uidOf } from '../sim/objects.ts';
import type { World } from '../sim/world.ts';
import { cadvisorMetrics, resourceMetrics } from './kubelet-metrics.ts';
import { nodeSummary } from './machine.ts';
import { clusterDns } from './names.ts';

const TEXT = { 'content-type': 'text/plain; charset=utf-8' };
const METRICS_TYPE = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
const JSON_TYPE = { 'content-type': 'application/json' };

export function kubeletPage(world: World, node: KubeObject, asked: string): ProxyResponse {
  const path = (asked.split('?')[0] ?? '').replace(/(?<=.)\/$/, '');
  const pods = () => world.caches.pods.byIndex('node', nameOf(node));
  const json = (value: unknown) => ({ status: 200, headers: JSON_TYPE, body: JSON.stringify(value) });
  switch (path) {
    case '/healthz':
      return behavioursOf(world.caches.nodes.get(nameOf(node))).includes('kubelet-unhealthy')
        ? {
            status: 500,
            headers: TEXT,
            body: '[+]ping ok\n[-]syncloop failed: reason withheld\nhealthz check failed\n',
          }
        : { status: 200, headers: TEXT, body: 'ok' };
    case '/stats/summary':
      return json(nodeSummary(world, nameOf(node)));
    case '/metrics/resource':
      return { status: 200, headers: METRICS_TYPE, body: resourceMetrics(world, node, world.now()) };
    case '/metrics/cadvisor':
      return { status: 200, headers: METRICS_TYPE, body: cadvisorMetrics(world, node, world.now()) };
    case '/pods':
      return json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: pods() });
    case '/configz':
      return json({ kubeletconfig: configuration(clusterDns(world), node) });
    case '/logs':
      return listing(['containers/', 'pods/']);
    case '/logs/pods':
      return listing(pods().map((pod) => `${namespaceOf(pod)}_${nameOf(pod)}_${uidOf(pod)}/`));
    case '/logs/containers':
      return listing(pods().flatMap(logFiles));
    default:
      return { status: 404, headers: TEXT, body: '404 page not found\n' };
  }
}

function logFiles(pod: KubeObject): string[] {
  const statuses: Json[] = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return statuses
    .filter(({ containerID }) => containerID !== undefined)
    .map(({ name, containerID }) => `${nameOf(pod)}_${namespaceOf(pod)}_${name}-${containerID.split('//')[1]}.log`);
}

/** As Go's file server shows a folder. */
function listing(names: readonly string[]): ProxyResponse {
  const lines = [...names].sort().map((name) => `<a href="${name}">${name}</a>\n`);
  const body = `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${lines.join('')}</pre>\n`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

/** What most people look for in it; the rest is left to its defaults. */
function configuration(dns: string, node: KubeObject): Json {
  return {
    kind: 'KubeletConfiguration',
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    enableServer: true,
    address: '0.0.0.0',
    port: 10250,
    authentication: { webhook: { enabled: true }, anonymous: { enabled: false } },
    authorization: { mode: 'Webhook' },
    clusterDomain: 'cluster.local',
    clusterDNS: [dns],
    nodeStatusUpdateFrequency: '10s',
    nodeStatusReportFrequency: '5m0s',
    nodeLeaseDurationSeconds: 40,
    cgroupDriver: 'systemd',
    cpuManagerPolicy: 'none',
    topologyManagerPolicy: 'none',
    maxPods: Number(node.status?.capacity?.pods ?? 110),
    podPidsLimit: -1,
    imageGCHighThresholdPercent: 85,
    imageGCLowThresholdPercent: 80,
    evictionHard: {
      'imagefs.available': '15%',
      'memory.available': '100Mi',
      'nodefs.available': '10%',
      'nodefs.inodesFree': '5%',
    },
    containerLogMaxSize: '10Mi',
    containerLogMaxFiles: 5,
    failSwapOn: true,
  };
}
