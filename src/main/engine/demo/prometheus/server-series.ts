/**
 * Series of the control plane and of the monitoring itself. The API server's request rates are those of a small quiet
 * cluster: invented, the same for the same seed. They are not a count of what this server answers.
 */
import { createRandom } from '../sim/random.ts';
import type { World } from '../sim/world.ts';
import { type Curve, integral } from '../usage/load.ts';
import { type Labels, NAME, type Series } from './types.ts';

interface Traffic {
  verb: string;
  resource: string;
  scope: string;
  code: string;
  perSecond: number;
}

const TRAFFIC: Traffic[] = [
  { verb: 'GET', resource: 'leases', scope: 'resource', code: '200', perSecond: 3.1 },
  { verb: 'PUT', resource: 'leases', scope: 'resource', code: '200', perSecond: 2.9 },
  { verb: 'GET', resource: 'nodes', scope: 'resource', code: '200', perSecond: 0.7 },
  { verb: 'PATCH', resource: 'nodes', scope: 'resource', code: '200', perSecond: 0.3 },
  { verb: 'GET', resource: 'pods', scope: 'resource', code: '200', perSecond: 1.2 },
  { verb: 'LIST', resource: 'pods', scope: 'cluster', code: '200', perSecond: 0.25 },
  { verb: 'WATCH', resource: 'pods', scope: 'cluster', code: '200', perSecond: 0.06 },
  { verb: 'PATCH', resource: 'pods', scope: 'resource', code: '200', perSecond: 0.4 },
  { verb: 'POST', resource: 'events', scope: 'resource', code: '201', perSecond: 0.5 },
  { verb: 'GET', resource: 'configmaps', scope: 'resource', code: '200', perSecond: 0.6 },
  { verb: 'GET', resource: 'secrets', scope: 'resource', code: '404', perSecond: 0.02 },
  { verb: 'LIST', resource: 'services', scope: 'cluster', code: '200', perSecond: 0.1 },
  { verb: 'PUT', resource: 'endpointslices', scope: 'resource', code: '409', perSecond: 0.01 },
  { verb: 'PUT', resource: 'endpointslices', scope: 'resource', code: '200', perSecond: 0.2 },
];
/** Upper ends in seconds, and which share of the requests is done by then. */
const BUCKETS: [string, number][] = [
  ['0.005', 0.52],
  ['0.01', 0.74],
  ['0.025', 0.88],
  ['0.05', 0.945],
  ['0.1', 0.975],
  ['0.25', 0.99],
  ['0.5', 0.996],
  ['1', 0.999],
  ['5', 1],
  ['+Inf', 1],
];
const MEAN_SECONDS = 0.014;

export function serverSeries(world: World, startedAt: number, wanted: (metric: string) => boolean): Series[] {
  const out: Series[] = [];
  const put = (metric: string, labels: Labels, at: (time: number) => number) => {
    if (wanted(metric))
      out.push({ labels: { [NAME]: metric, ...labels }, at: (time) => (time < startedAt ? undefined : at(time)) });
  };
  const server = { job: 'apiserver', instance: `${world.profile.nodes[0]?.ip ?? '127.0.0.1'}:6443` };
  for (const traffic of TRAFFIC) {
    const { verb, resource, scope, code } = traffic;
    const count = counter(world, traffic, startedAt);
    const labels = { ...server, verb, resource, scope, version: 'v1', component: 'apiserver' };
    put('apiserver_request_total', { ...labels, code }, (time) => Math.floor(count(time)));
    if (code.startsWith('2') && verb !== 'WATCH') {
      for (const [le, share] of BUCKETS)
        put('apiserver_request_duration_seconds_bucket', { ...labels, le }, (time) => Math.floor(count(time) * share));
      put('apiserver_request_duration_seconds_count', labels, (time) => Math.floor(count(time)));
      put('apiserver_request_duration_seconds_sum', labels, (time) => count(time) * MEAN_SECONDS);
    }
  }
  const prometheus = { job: 'prometheus', instance: 'localhost:9090' };
  for (const target of [
    server,
    prometheus,
    { job: 'kube-state-metrics', instance: 'kube-state-metrics.monitoring.svc:8080' },
  ])
    put('up', target, () => 1);
  put('kubernetes_build_info', { ...server, git_version: world.profile.version, platform: 'linux/amd64' }, () => 1);
  put('prometheus_build_info', { ...prometheus, version: PROMETHEUS_VERSION, branch: 'HEAD' }, () => 1);
  put('process_start_time_seconds', prometheus, () => Math.floor(startedAt / 1000));
  return out;
}

export const PROMETHEUS_VERSION = '3.7.3';

function counter(
  world: World,
  { verb, resource, code, perSecond }: Traffic,
  startedAt: number,
): (time: number) => number {
  const random = createRandom('api-traffic', world.profile.seed, world.profile.index, verb, resource, code);
  const mean = perSecond * random.between(0.7, 1.3) * Math.max(1, world.profile.nodes.length / 3);
  const curve: Curve = {
    mean,
    waves: [{ amplitude: mean * 0.2, periodSeconds: random.between(300, 900), phase: random.between(0, 6.28) }],
  };
  return (time) => integral(curve, startedAt, time);
}
