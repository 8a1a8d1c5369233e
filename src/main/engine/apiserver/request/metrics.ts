/**
 * What /metrics tells, in the text format of Prometheus and under the names kube-apiserver uses, so that dashboards made
 * for the one read the other. Counting is one lookup per request; everything else is done when somebody asks.
 */
import { escapedLabelValue } from '#shared/prometheus-text.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { Route } from './route.ts';

/** Upper bounds in seconds. Source: apiserver endpoints/metrics. */
const BUCKETS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

const VERBS: Record<string, string> = {
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETECOLLECTION',
};
const CONNECTING = /^(exec|attach|portforward|proxy)$/;

interface Series {
  labels: string;
  /** By status code. */
  codes: Map<number, number>;
  /** Per bucket, not added up. */
  buckets: number[];
  sum: number;
}

export class Metrics {
  readonly #series = new Map<string, Series>();
  readonly #started = Date.now() / 1000;
  #inFlight = 0;
  #watches = 0;

  begin(): void {
    this.#inFlight++;
  }

  /** `route`: null for what is no served resource, so that clients cannot make up series. `seconds`: from the request to its answer; of a watch, to its first byte. */
  end(route: Route | null, code: number, seconds: number): void {
    this.#inFlight--;
    const series = this.#seriesOf(route);
    series.codes.set(code, (series.codes.get(code) ?? 0) + 1);
    series.sum += seconds;
    let at = 0;
    while (at < BUCKETS.length && seconds > BUCKETS[at]!) at++;
    series.buckets[at]!++;
  }

  watchStarted(): void {
    this.#watches++;
  }

  watchEnded(): void {
    this.#watches--;
  }

  #seriesOf(route: Route | null): Series {
    let id = 'other';
    if (route?.type === 'resource') {
      const scope = route.name !== '' ? 'resource' : route.namespace !== '' ? 'namespace' : 'cluster';
      // Behind a proxy come paths of others.
      const subresource = route.subresource.split('/', 1)[0];
      id = `${route.verb}|${route.group}|${route.version}|${route.resource}|${subresource}|${scope}`;
    }
    let series = this.#series.get(id);
    if (series === undefined) {
      series = { labels: labelsOf(id), codes: new Map(), buckets: new Array(BUCKETS.length + 1).fill(0), sum: 0 };
      this.#series.set(id, series);
    }
    return series;
  }

  render(store: ObjectStore, version: string): string {
    const lines: string[] = [];
    const family = (name: string, type: string, help: string) =>
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    family('apiserver_request_total', 'counter', 'Requests by verb, resource, scope and HTTP code.');
    for (const { labels, codes } of this.#series.values())
      for (const [code, count] of codes) lines.push(`apiserver_request_total{code="${code}",${labels}} ${count}`);
    family('apiserver_request_duration_seconds', 'histogram', 'Time to the answer in seconds.');
    for (const { labels, buckets, sum } of this.#series.values()) {
      let total = 0;
      for (const [index, count] of buckets.entries()) {
        total += count;
        const bound = BUCKETS[index] ?? '+Inf';
        lines.push(`apiserver_request_duration_seconds_bucket{${labels},le="${bound}"} ${total}`);
      }
      lines.push(`apiserver_request_duration_seconds_sum{${labels}} ${sum}`);
      lines.push(`apiserver_request_duration_seconds_count{${labels}} ${total}`);
    }
    family('apiserver_current_inflight_requests', 'gauge', 'Requests that wait for their answer.');
    lines.push(`apiserver_current_inflight_requests ${Math.max(0, this.#inFlight)}`);
    family('apiserver_longrunning_requests', 'gauge', 'Watches that are open.');
    lines.push(`apiserver_longrunning_requests{component="apiserver",verb="WATCH"} ${this.#watches}`);
    family('apiserver_resource_objects', 'gauge', 'Stored objects by resource.');
    for (const { id, items } of store.collections()) {
      const slash = id.lastIndexOf('/');
      const labels = `group="${id.slice(0, slash)}",resource="${id.slice(slash + 1)}"`;
      if (items.size > 0) lines.push(`apiserver_resource_objects{${labels}} ${items.size}`);
    }
    family('kubernetes_build_info', 'gauge', 'Version of the API that is served.');
    lines.push(`kubernetes_build_info{git_version="${version}"} 1`);
    family('process_resident_memory_bytes', 'gauge', 'Resident memory of the process in bytes.');
    lines.push(`process_resident_memory_bytes ${process.memoryUsage.rss()}`);
    family('process_cpu_seconds_total', 'counter', 'User and system CPU time of the process in seconds.');
    const { user, system } = process.cpuUsage();
    lines.push(`process_cpu_seconds_total ${(user + system) / 1e6}`);
    family('process_start_time_seconds', 'gauge', 'Start of this server since the epoch in seconds.');
    lines.push(`process_start_time_seconds ${this.#started}`);
    return `${lines.join('\n')}\n`;
  }
}

function labelsOf(id: string): string {
  const [verb = '', group = '', version = '', resource = '', subresource = '', scope = ''] = id.split('|');
  const shown = CONNECTING.test(subresource) ? 'CONNECT' : (VERBS[verb] ?? 'other');
  const labels = { component: 'apiserver', group, resource, scope, subresource, verb: shown, version };
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapedLabelValue(value)}"`)
    .join(',');
}
