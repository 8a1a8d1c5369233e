/** The queries of the dashboards that people have, over a running cluster: each finds what it joins by its labels. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoFleet, startDemoFleet } from '#engine/demo/index.ts';
import type { Json } from '#shared/kubernetes/types.ts';
import { METRICS } from '../../src/main/engine/demo/prometheus/metrics.ts';
import { eventually, Kubectl, kubectlPath } from '../fixtures/kubectl.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-dashboards-'));
let fleet: DemoFleet;
let kubectl: Kubectl;

async function ask(what: string): Promise<Json> {
  const base = '/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/';
  return JSON.parse(await kubectl.ok(['get', '--raw', base + what])).data;
}
const query = async (text: string): Promise<Json[]> => (await ask(`query?query=${encodeURIComponent(text)}`)).result;

describe.skipIf(kubectlPath === null)('what dashboards ask', () => {
  beforeAll(async () => {
    fleet = await startDemoFleet({ dir, clusters: 1, nodes: 2, pace: 0.05 });
    kubectl = new Kubectl(fleet.clusters[0]?.kubeconfig ?? '');
    await eventually('the examples run', async () => {
      const { items } = await kubectl.json(['get', 'deployments,statefulsets', '-A']);
      return items.every(({ spec, status }: Json) => status?.readyReplicas === spec?.replicas) ? true : undefined;
    });
  });
  afterAll(async () => {
    await fleet?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  test.each([
    ['CPU of nodes', 'sum by (instance) (rate(node_cpu_seconds_total{mode!="idle"}[1m]))'],
    ['memory of nodes', '1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes'],
    ['disks of nodes', 'rate(node_disk_written_bytes_total{device=~"(/dev/)?(vd.+|sd.+)"}[1m])'],
    ['network of nodes', 'sum by (instance) (rate(node_network_receive_bytes_total{device!="lo"}[1m]))'],
    ['names of nodes', 'node_uname_info * on (instance) group_left () (node_load1 * 0 + 1)'],
    [
      'CPU of containers',
      'sum by (pod) (rate(container_cpu_usage_seconds_total{job="kubelet", metrics_path="/metrics/cadvisor", image!=""}[1m]))',
    ],
    [
      'CPU of workloads',
      'sum by (workload) (container_memory_working_set_bytes{container!="", image!=""} * on (namespace, pod) group_left (workload) label_replace(kube_pod_owner{owner_kind="ReplicaSet"}, "workload", "$1", "owner_name", "(.*)"))',
    ],
    [
      'share of limits',
      'sum by (pod, container) (container_memory_working_set_bytes{container!=""}) / sum by (pod, container) (kube_pod_container_resource_limits{resource="memory"})',
    ],
    [
      'throttling',
      'increase(container_cpu_cfs_throttled_periods_total{container!=""}[5m]) / increase(container_cpu_cfs_periods_total[5m])',
    ],
    [
      'pods that are not well',
      'sum by (namespace, reason) (kube_pod_status_reason) + on (namespace) group_left () (kube_namespace_status_phase{phase="Active"} * 0)',
    ],
    [
      'a rollout',
      'kube_deployment_spec_replicas{job="kube-state-metrics"} == kube_deployment_status_replicas_available',
    ],
    [
      'revisions',
      'max without (revision) (kube_statefulset_status_current_revision unless kube_statefulset_status_update_revision) + kube_statefulset_replicas or kube_statefulset_status_update_revision',
    ],
    [
      'room in volumes',
      'kubelet_volume_stats_available_bytes{job="kubelet", metrics_path="/metrics"} / kubelet_volume_stats_capacity_bytes and kubelet_volume_stats_used_bytes > 0 unless on (namespace, persistentvolumeclaim) kube_persistentvolumeclaim_access_mode{access_mode="ReadOnlyMany"} == 1',
    ],
    [
      'volumes of claims',
      'kube_persistentvolumeclaim_info * on (volumename) group_left (csi_driver) label_replace(kube_persistentvolume_info, "volumename", "$1", "persistentvolume", "(.*)")',
    ],
  ])('%s', async (_what, text) => {
    // A rate needs two scrapes.
    await eventually('it finds something', async () => ((await query(text)).length > 0 ? true : undefined), 60_000);
  });

  test('a pod is the sum of its containers, and has its network alone', async () => {
    const total = async (selector: string) =>
      Number((await query(`sum(container_memory_working_set_bytes{pod!="",${selector}})`))[0]?.value[1]);
    const [pods, containers] = [await total('container=""'), await total('container!=""')];
    expect(Math.abs(pods / containers - 1)).toBeLessThan(0.01);
    expect(await query('container_network_receive_bytes_total{container!=""}')).toEqual([]);
  });

  test('what a counter grew by agrees with what metrics.k8s.io shows', async () => {
    const shown = async (): Promise<number> => {
      const { items } = JSON.parse(
        await kubectl.ok(['get', '--raw', '/apis/metrics.k8s.io/v1beta1/namespaces/web-shop/pods']),
      );
      const cores = items.flatMap(({ containers }: Json) =>
        containers.map(({ usage }: Json) => Number.parseFloat(usage.cpu) / (String(usage.cpu).endsWith('n') ? 1e9 : 1)),
      );
      return cores.reduce((sum: number, one: number) => sum + one, 0);
    };
    // The shortest window with two readings: curves are waves, and both look at the same part of them.
    const rate = 'sum(rate(container_cpu_usage_seconds_total{namespace="web-shop",container!=""}[30s]))';
    await eventually('the window is full', async () => ((await query(rate)).length > 0 ? true : undefined), 60_000);
    // The two windows do not begin together: on the flank of a wave they may be further apart than on its top.
    const apart = async () => Math.abs(Number((await query(rate))[0]?.value[1]) / (await shown()) - 1);
    await expect.poll(apart, { timeout: 60_000, interval: 2000 }).toBeLessThan(0.25);
  });

  test('every metric that is served is described', async () => {
    const described = new Set(METRICS.map(({ name }) => name.replace(/_(bucket|sum|count)$/, '')));
    const served: string[] = await ask('label/__name__/values');
    expect(served.filter((name) => !described.has(name.replace(/_(bucket|sum|count)$/, '')))).toEqual([]);
    expect(served.length).toBeGreaterThan(180);
  });
});
