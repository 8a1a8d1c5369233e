/** How long the federation takes to bring a template to its members and the status back; decisions of its scheduler. */
import type { BindingSpec, BindingStatus, ClusterLike } from '#engine/federation/index.ts';
import { scheduleOnce } from '#engine/federation/scheduler/schedule.ts';
import { readCases } from '../conformance/recorded.ts';
import { overMembers } from './federation-members.ts';
import { decisionsOverMany } from './federation-scale.ts';
import { type Bench, type Metric, metric, percentile, progress } from './frame.ts';
import { connect, type Kube } from './kube.ts';
import { startProgram, temporaryDir } from './program.ts';

const MEMBERS = 3;
const WARM_UP_ROUNDS = 5;
const ROUNDS = 40;
const ROUND_LIMIT_MS = 20_000;
const DECISION_RUNS = 5;
const DECISION_RUN_MS = 1000;
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const POLICIES = '/apis/policy.karmada.io/v1alpha1/namespaces/default/propagationpolicies';

interface Ready {
  kubeconfigs: { clusters: Record<string, string>; federations: Record<string, string> };
}

export const federation: Bench = {
  summary: 'template and policy to all members and the status back, over TLS; scheduling decisions per second',
  async run() {
    return [...(await propagation()), ...(await overMembers()), ...decisions(), ...decisionsOverMany()];
  },
};

async function propagation(): Promise<Metric[]> {
  progress(`a demo of ${MEMBERS} clusters`);
  const args = ['demo', '--clusters', String(MEMBERS), '--headless', '--data', temporaryDir()];
  const demo = await startProgram<Ready>(args);
  const { clusters, federations } = demo.ready.kubeconfigs;
  const host = connect(Object.values(federations)[0]!, 2);
  const members = Object.values(clusters).map((kubeconfig) => connect(kubeconfig, 1));
  try {
    const times = await measure(host, members, Object.keys(clusters));
    return (['distributed', 'status-back', 'updated'] as const).flatMap((step) => [
      metric(`${step}-p50`, percentile(times[step], 50), 'ms'),
      metric(`${step}-p99`, percentile(times[step], 99), 'ms'),
    ]);
  } finally {
    await Promise.all([host, ...members].map((each) => each.close()));
    await demo.stop();
  }
}

/** What of each round has been seen, by the name of its Deployment. */
class Sightings {
  readonly #waiting = new Map<string, { left: number; done: (at: number) => void }>();

  /** Resolves with the time at which it was seen by as many watchers. */
  expect(what: string, watchers: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${what} was not seen in time`)), ROUND_LIMIT_MS);
      const done = (at: number) => {
        clearTimeout(timer);
        resolve(at);
      };
      this.#waiting.set(what, { left: watchers, done });
    });
  }

  see(what: string): void {
    const waiting = this.#waiting.get(what);
    if (waiting === undefined || --waiting.left > 0) return;
    this.#waiting.delete(what);
    waiting.done(performance.now());
  }
}

/** Deployments without replicas: starting simulated pods takes as long as the simulation says. */
async function measure(host: Kube, members: readonly Kube[], names: readonly string[]) {
  const seen = new Sightings();
  const stops = await Promise.all([
    host.watch(DEPLOYMENTS, (line) => {
      const { object } = JSON.parse(line);
      if (object.status?.observedGeneration === object.metadata.generation) seen.see(`status ${object.metadata.name}`);
    }),
    ...members.map((member) =>
      member.watch(DEPLOYMENTS, (line) => {
        const { type, object } = JSON.parse(line);
        if (type === 'ADDED') seen.see(`added ${object.metadata.name}`);
        const { round } = object.metadata.labels ?? {};
        if (type === 'MODIFIED' && round !== undefined && object.metadata.generation !== undefined)
          seen.see(`round ${round} ${object.metadata.name} ${members.indexOf(member)}`);
      }),
    ),
  ]);
  const times = { distributed: [] as number[], 'status-back': [] as number[], updated: [] as number[] };
  progress(`${WARM_UP_ROUNDS} + ${ROUNDS} templates`);
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const name = `bench-${round}`;
    await host.call('POST', DEPLOYMENTS, deployment(name));
    const added = seen.expect(`added ${name}`, members.length);
    const status = seen.expect(`status ${name}`, 1);
    const began = performance.now();
    await host.call('POST', POLICIES, policy(name, names));
    const [addedAt, statusAt] = await Promise.all([added, status]);
    const updated = Promise.all(members.map((_, index) => seen.expect(`round ${round} ${name} ${index}`, 1)));
    const patched = performance.now();
    await host.call('PATCH', `${DEPLOYMENTS}/${name}`, { metadata: { labels: { round: String(round) } } });
    const updatedAt = Math.max(...(await updated));
    if (round < WARM_UP_ROUNDS) continue;
    times.distributed.push(addedAt - began);
    times['status-back'].push(Math.max(addedAt, statusAt) - began);
    times.updated.push(updatedAt - patched);
  }
  await Promise.all(stops.map((stop) => stop()));
  return times;
}

function deployment(name: string): unknown {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } };
  const spec = { replicas: 0, selector: { matchLabels: labels }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, labels }, spec };
}

function policy(name: string, clusterNames: readonly string[]): unknown {
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name },
    spec: {
      resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name }],
      placement: { clusterAffinity: { clusterNames } },
    },
  };
}

interface Question {
  clusters: ClusterLike[];
  spec: BindingSpec;
  status?: BindingStatus;
}

/** The recorded questions to Karmada's scheduler, 1 to 12 clusters each, round and round. */
function decisions(): Metric[] {
  const cases = readCases<Question>(new URL('../conformance/federation/scheduler.jsonl.gz', import.meta.url));
  progress(`scheduling ${cases.length} recorded questions`);
  const rates: number[] = [];
  for (let run = 0; run <= DECISION_RUNS; run++) {
    const began = performance.now();
    let decided = 0;
    while (performance.now() - began < DECISION_RUN_MS)
      for (const { clusters, spec, status } of cases) {
        scheduleOnce(clusters, spec, status ?? {});
        decided += 1;
      }
    // The first run warms up.
    if (run > 0) rates.push((decided * 1000) / (performance.now() - began));
  }
  return [metric('decisions', percentile(rates, 50), '/s')];
}
