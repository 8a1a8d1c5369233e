/** Time that a pod tolerates a taint for, in a cluster where simulated time passes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { startCluster } from '../cluster.ts';
import { EVENTS, NODES, PODS } from '../sim/refs.ts';

test('a taint without a date is tolerated from when it was first seen, and no longer', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-taints-'));
  const sizes = { index: 0, seed: 1, nodes: 1, pods: 0, churn: 0, pace: 0.01 };
  const cluster = await startCluster({ dir, ...sizes, report: () => undefined, onProgress: () => undefined });
  try {
    const client = cluster.client('tester');
    const node = (await client.list(NODES)).items[0]?.metadata.name ?? '';
    const tolerations = [{ key: 'leave', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 }];
    await client.create(
      PODS,
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'patient', namespace: 'default' },
        spec: { nodeName: node, tolerations, containers: [{ name: 'c', image: 'nginx' }] },
      },
      { namespace: 'default' },
    );
    await client.patch(NODES, node, 'merge', {
      spec: { taints: [{ key: 'leave', effect: 'NoExecute' }] },
    });
    const found = async () => await client.find(PODS, 'patient', { namespace: 'default' });
    await expect.poll(found, { timeout: 20_000 }).toBeNull();
    // One that somebody deletes before its time is told of.
    const longer = [{ ...tolerations[0], tolerationSeconds: 36_000 }];
    await client.create(
      PODS,
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'deleted', namespace: 'default' },
        spec: { nodeName: node, tolerations: longer, containers: [{ name: 'c', image: 'nginx' }] },
      },
      { namespace: 'default' },
    );
    const running = async () => (await client.find(PODS, 'deleted', { namespace: 'default' }))?.status?.phase;
    await expect.poll(running, { timeout: 20_000 }).toBe('Running');
    await client.delete(PODS, 'deleted', { namespace: 'default' });
    const told = async () => (await client.list(EVENTS, { namespace: 'default' })).items.map(({ message }) => message);
    await expect.poll(told, { timeout: 20_000 }).toContain('Cancelling deletion of Pod default/deleted');
  } finally {
    await cluster.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
