/**
 * An API server with the pods of a large demo cluster, in a process of its own, without what else a demo starts. Given
 * `churn`, so many pods change every second. Prints `{ready, kubeconfig}` and stays until it is ended.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startApiServer } from '#engine/apiserver/index.ts';
import { fillCluster } from '#engine/demo/bulk/load.ts';
import { createProfile } from '#engine/demo/profiles/profile.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' };
/** Changes are made this many times a second, so that they come evenly. */
const BEATS = 50;

const {
  pods,
  churn = 0,
  index = 0,
} = JSON.parse(process.argv[2] ?? '{}') as {
  pods: number;
  churn?: number;
  index?: number;
};
const server = await startApiServer({ dir: null, name: `bench-${index}` });
await fillCluster(server, createProfile({ index, seed: 1, pods }), pods, Date.now());

const dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-bench-'));
process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
process.once('SIGTERM', () => process.exit(0));
const kubeconfig = path.join(dir, 'kubeconfig.yaml');
writeFileSync(kubeconfig, server.kubeconfig(), { mode: 0o600 });

if (churn > 0) {
  const client = server.client('bench');
  const { items } = await client.list(PODS);
  let next = 0;
  let count = 0;
  const change = async (pod: KubeObject | undefined) => {
    const { name = '', namespace } = pod?.metadata ?? {};
    const labels = { 'bench/count': String(++count) };
    await client.patch(PODS, name, 'merge', { metadata: { labels } }, namespace === undefined ? {} : { namespace });
  };
  setInterval(() => {
    for (let each = 0; each < churn / BEATS; each++) void change(items[next++ % items.length]).catch(() => undefined);
  }, 1000 / BEATS);
}
process.stdout.write(`${JSON.stringify({ ready: true, kubeconfig })}\n`);
