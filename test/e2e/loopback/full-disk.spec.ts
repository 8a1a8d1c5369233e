/**
 * A disk that fills up while the application runs. The demo's data lie on a small file system of their own, in a mount
 * namespace that needs no root; where the system allows none there is nothing to test with.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startDemo } from '../../fixtures/demo-process.ts';
import { Kubectl, kubectlPath } from '../../fixtures/kubectl.ts';
import { expect, test } from '../app.ts';
import { noticeOf, tells } from '../notices.ts';

/** Runs what follows with `$0` as a file system of 64 MB. */
const onSmallDisk = ['unshare', '-rm', 'sh', '-c', 'mount -t tmpfs -o size=64m tmpfs "$0" && exec "$@"'];
const possible = (() => {
  const place = mkdtempSync(path.join(tmpdir(), 'fleetdeck-disk-'));
  const [command = '', ...args] = [...onSmallDisk, place, 'true'];
  const { status } = spawnSync(command, args);
  rmSync(place, { recursive: true });
  return status === 0;
})();

/** Writes until nothing more fits. */
function fill(file: string): void {
  const descriptor = openSync(file, 'w');
  try {
    for (const size of [1 << 20, 1 << 12, 1]) {
      const block = Buffer.alloc(size);
      try {
        for (;;) writeSync(descriptor, block);
      } catch (error) {
        expect((error as { code?: string }).code).toBe('ENOSPC');
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

test('is said where somebody changes something, loses nothing, and is over when there is room again', async ({
  page,
  language,
}) => {
  test.skip(!possible, 'this system allows no mount namespaces');
  const place = mkdtempSync(path.join(tmpdir(), 'fleetdeck-full-'));
  const demo = await startDemo({ dataDir: path.join(place, 'data'), clusters: 1, under: [...onSmallDisk, place] });
  /** As seen from outside its mount namespace. */
  const inside = (file: string) => path.join(`/proc/${demo.pid}/root`, file);
  try {
    await page.goto(demo.url);
    await page.getByTestId('nav-fleets').click();
    await expect(page.getByTestId('fleets-grid-row')).toHaveCount(1);
    const servers = [...Object.values(demo.kubeconfigs.clusters), ...Object.values(demo.kubeconfigs.federations)].map(
      (file) => new Kubectl(inside(file)),
    );
    if (kubectlPath !== null)
      for (const kubectl of servers) await kubectl.ok(['create', 'configmap', 'before', '--from-literal=a=1']);

    fill(inside(path.join(place, 'filler')));
    await page.getByTestId('create-fleet').first().click();
    await page.getByTestId('fleet-name').fill('one-too-many');
    await page.getByTestId('confirm-ok').click();
    await tells(page, language, { code: 'DISK_FULL' });
    await expect(page.getByTestId('fleet-name')).toHaveValue('one-too-many');
    if (kubectlPath !== null)
      for (const kubectl of servers) {
        const big = JSON.stringify({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'big' },
          data: { a: 'x'.repeat(900_000) },
        });
        const refused = await kubectl.run(['create', '-f', '-'], big);
        expect(refused.stderr).toContain('the disk is full');
        expect(refused.code).not.toBe(0);
        expect(await kubectl.ok(['get', 'configmaps', '-o', 'name'])).toContain('configmap/before');
      }

    rmSync(inside(path.join(place, 'filler')));
    await page.getByTestId('confirm-ok').click();
    await expect(page.getByRole('heading', { name: 'one-too-many' })).toBeVisible();
    await page.getByTestId('nav-fleets').click();
    await expect(page.getByTestId('fleets-grid-row')).toHaveCount(2);
    await expect(noticeOf(page, 'DISK_FULL')).toHaveCount(0);
    if (kubectlPath !== null)
      for (const kubectl of servers) await kubectl.ok(['create', 'configmap', 'after', '--from-literal=a=1']);
  } finally {
    await demo.stop();
    rmSync(place, { recursive: true, force: true });
  }
});
