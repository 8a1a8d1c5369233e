/**
 * Diagnosis over a demo fleet: every case of the catalogue is put into a cluster and named first; what is healthy gets no
 * fault; what cannot be read makes the result partial and says so.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoFleet, demoControl, startDemoFleet } from '#engine/demo/index.ts';
import { diagnose, gatherCluster, judge, unhealthy } from '#engine/diagnosis/index.ts';
import { createHttpsTransport, createKubeClient, type HttpsTransport, type KubeClient } from '#engine/kube/index.ts';
import { contextOf, readKubeconfigFile } from '#engine/kubeconfig/index.ts';
import type { DiagnosisKind, DiagnosisReport } from '#shared/contract/diagnosis.ts';
import { DIAGNOSIS_KINDS, type FurtherCheck } from '#shared/diagnosis.ts';
import {
  CASES as ALL_CASES,
  caseOf,
  namespaceOfCase,
  targetOfCase,
} from '../../src/main/engine/demo/faults/cases/index.ts';
import { CAUSES } from '../../src/main/engine/diagnosis/causes/index.ts';
import { eventually } from '../fixtures/kubectl.ts';

/** What takes a whole cluster away comes last. */
const CASES = ALL_CASES.filter(({ takesNodes }) => !takesNodes);
const dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-diagnosis-'));
const control = demoControl(dir);
const transports: HttpsTransport[] = [];
/** Causes that only name a symptom: they are in the chain that leads to the first cause. */
const UMBRELLAS = new Set([
  'S-NOEP',
  'S-READY',
  'G-EP',
  'C-LOOP',
  'C-INIT',
  'C-RESTART',
  'P-UNKNOWN',
  'P-NETNOT',
  'J-FAILED',
  'W-PODS',
  'W-STUCK',
]);
/** Nodes and what concerns a whole cluster, so that they do not explain away the others. */
const isOfNodes = (id: string): boolean =>
  id.startsWith('N-') || ['S-DNS', 'P-UNKNOWN', 'C-OOMNODE', 'P-NETNOT', 'NS-API'].includes(id);
/** Thresholds of time (a load balancer that does not come, a deletion that does not end) have passed by then. */
const LATER_MS = 10 * 60_000;
let fleet: DemoFleet;
const clients: KubeClient[] = [];

async function clientOf(file: string): Promise<KubeClient> {
  const config = await readKubeconfigFile(file);
  const entry = contextOf(config, config.currentContext ?? '');
  const identity = entry.identity();
  const transport = createHttpsTransport({
    server: entry.server,
    identity: async () => identity,
    approvedExec: () => null,
  });
  transports.push(transport);
  return createKubeClient(transport);
}

const at = (index: number): KubeClient => clients[index] as KubeClient;

function ask(
  index: number,
  kind: DiagnosisKind,
  namespace: string,
  name: string,
  later = 0,
  further: FurtherCheck[] = [],
): Promise<DiagnosisReport> {
  return diagnose(
    { clusterId: 'demo', kind, namespace, name },
    { client: at(index), cluster: 'demo', now: Date.now() + later, further },
  );
}

const ready = (index: number, namespace: string): Promise<unknown> =>
  eventually(`${namespace} runs`, async () => {
    const { items } = await at(index).list({ group: '', version: 'v1', resource: 'pods' }, { namespace });
    return items.length > 0 &&
      items.every(({ status }) =>
        status?.conditions?.some(
          ({ type, status: is }: { type: string; status: string }) => type === 'Ready' && is === 'True',
        ),
      )
      ? true
      : undefined;
  });

beforeAll(async () => {
  fleet = await startDemoFleet({ dir, clusters: 2, nodes: 3, pace: 0.05 });
  for (const { kubeconfig } of fleet.clusters) clients.push(await clientOf(kubeconfig));
  await Promise.all([0, 1].flatMap((index) => [ready(index, 'web-shop'), ready(index, 'kube-system')]));
}, 120_000);
afterAll(async () => {
  for (const transport of transports) await transport.close();
  await fleet?.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('what is healthy', () => {
  test.each([
    ['Deployment', 'web-shop', 'storefront'],
    ['Service', 'web-shop', 'cart'],
    ['Service', 'web-shop', 'storefront'],
    ['StatefulSet', 'web-shop', 'cart-store'],
    ['DaemonSet', 'kube-system', 'kube-proxy'],
    ['PersistentVolumeClaim', 'web-shop', 'data-cart-store-0'],
    ['Namespace', '', 'web-shop'],
  ] as const)('%s %s/%s has no fault', async (kind, namespace, name) => {
    const report = await ask(0, kind, namespace, name);
    expect(report.findings).toEqual([]);
    expect(report).toMatchObject({ verdict: 'healthy', partial: false });
  });

  test('pods and nodes have none either, and the whole cluster is well', async () => {
    const { items } = await at(0).list({ group: '', version: 'v1', resource: 'pods' }, { namespace: 'web-shop' });
    const nodes = await at(0).list({ group: '', version: 'v1', resource: 'nodes' });
    for (const pod of items) expect((await ask(0, 'Pod', 'web-shop', pod.metadata.name ?? '')).findings).toEqual([]);
    for (const node of nodes.items) expect((await ask(0, 'Node', '', node.metadata.name ?? '')).findings).toEqual([]);
    const world = await gatherCluster({ cluster: 'demo', client: at(0), now: Date.now() });
    expect((await unhealthy(world)).places).toEqual([]);
  });

  test('nothing in the whole fleet has a fault, whatever its kind', async () => {
    for (const client of clients) {
      const world = await gatherCluster({ cluster: 'demo', client, now: Date.now() });
      const objects = DIAGNOSIS_KINDS.flatMap((kind) => world.all(kind));
      expect(objects.length).toBeGreaterThan(30);
      const faults = objects.flatMap((object) =>
        judge(object, world)
          .findings.filter(({ verdict }) => verdict === 'fault')
          .map(({ cause }) => `${cause} ${object.kind} ${object.metadata.namespace}/${object.metadata.name}`),
      );
      expect(faults).toEqual([]);
    }
  });
});

describe('every case of the catalogue', () => {
  test('there is one for every cause that a diagnosis can name', () => {
    const known = ALL_CASES.map(({ id }) => id);
    expect(CAUSES.map(({ id }) => id).filter((id) => !known.includes(id))).toEqual([]);
  });

  beforeAll(async () => {
    const names = fleet.clusters.map(({ name }) => name);
    for (const { id } of CASES)
      await control.start({ fault: 'case', cluster: names[isOfNodes(id) ? 1 : 0] ?? '', target: id, values: {} });
  }, 120_000);

  test.each(CASES.map((one) => [one.id, targetOfCase(one)] as const))('%s is named first for %o', async (id, {
    kind,
    namespace,
    name,
  }) => {
    let seen: unknown;
    const chosen = caseOf(id)?.further;
    const wanted = chosen === undefined ? [] : [chosen];
    await eventually(
      `${id} is found`,
      async () => {
        const report = await ask(isOfNodes(id) ? 1 : 0, kind as DiagnosisKind, namespace, name, LATER_MS, wanted).catch(
          (error: { code?: string }) => {
            if (error.code !== 'NOT_FOUND') throw error;
            return undefined;
          },
        );
        const [first] = report?.findings ?? [];
        seen = report?.findings.map(
          ({ cause, verdict, chain }) => `${cause} ${verdict} (${chain.map((link) => link.cause).join(' < ')})`,
        );
        const found = UMBRELLAS.has(id) ? first?.chain.some(({ cause }) => cause === id) : first?.cause === id;
        return found === true ? true : undefined;
      },
      15_000,
    ).catch(() => {
      throw new Error(`${id} is not first: ${JSON.stringify(seen)}`);
    });
  });
});

test('a pod on the machine sees what is wrong with it, and is gone afterwards', async () => {
  const name = namespaceOfCase('N-RO');
  const report = await ask(1, 'Node', '', name, 0, ['machine']);
  expect(report.steps.at(-1)).toMatchObject({ further: 'machine', verdict: 'fault', causes: ['N-RO'] });
  expect(report.steps.at(-1)?.evidence[0]?.text).toContain('/var/lib');
  const { items } = await at(1).list(
    { group: '', version: 'v1', resource: 'pods' },
    { namespace: 'kube-system', labelSelector: 'app.kubernetes.io/managed-by=fleetdeck' },
  );
  expect(items).toEqual([]);
});

test('a cluster that has lost every node says so, in the words of its scheduler, and is well again with them', async () => {
  const one = caseOf('P-NONODE');
  const { namespace, name } = one === undefined ? { namespace: '', name: '' } : targetOfCase(one);
  const id = await control
    .start({ fault: 'case', cluster: fleet.clusters[1]?.name ?? '', target: 'P-NONODE', values: {} })
    .then((started) => started.id);
  await eventually('P-NONODE is found', async () => {
    const { findings } = await ask(1, 'Pod', namespace, name, LATER_MS);
    return findings[0]?.cause === 'P-NONODE' ? true : undefined;
  });
  await control.stop({ id });
  await eventually('nodes are back', async () => {
    const { items } = await at(1).list({ group: '', version: 'v1', resource: 'nodes' });
    return items.length > 0 && items.every(({ status }) => status?.nodeInfo?.kubeletVersion) ? true : undefined;
  });
});
