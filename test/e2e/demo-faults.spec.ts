/** The demo page: a fault is started, seen in kubectl's terms and on the clusters page, and ended again. */
import path from 'node:path';
import { demoControl } from '../../src/main/engine/demo/index.ts';
import { Kubectl } from '../fixtures/kubectl.ts';
import { type App, expect, type Page, test } from './app.ts';

let demo: App;

test.beforeAll(async ({ host }) => {
  demo = await host.startDemo();
});
test.afterAll(async () => await demo?.stop());

const row = (page: Page, fault: string) => page.locator(`[data-testid="demo-fault"][data-fault="${fault}"]`);
const cell = (page: Page, fault: string, action: 'start' | 'stop') =>
  row(page, fault).locator(`[data-testid="demo-${action}"][data-cluster="demo-hangzhou"]`);

test('a fault of the API server is started with its values, shows in the cluster, and ends', async ({ page }) => {
  const kubectl = new Kubectl(demo.kubeconfigs.clusters['demo-hangzhou'] ?? '');
  await demo.open(page);
  await page.getByTestId('nav-demo').click();
  await expect(page.getByTestId('demo-page')).toBeVisible();
  await expect(page.getByTestId('demo-fault')).toHaveCount(18);

  await cell(page, 'api-unreachable', 'start').click();
  await page.getByTestId('confirm-ok').click();
  await expect(page.getByTestId('demo-active-row')).toHaveAttribute('data-fault', 'api-unreachable');
  expect((await kubectl.run(['get', 'nodes'])).stderr).toContain('refused');

  await cell(page, 'api-unreachable', 'stop').click();
  await expect(page.getByTestId('demo-active-row')).toHaveCount(0);
  await kubectl.ok(['get', 'nodes']);
});

test('a fault aimed at a workload names its target, and what the command line starts appears without a reload', async ({
  page,
}) => {
  await demo.open(page, '#/demo');
  await cell(page, 'crash-loop', 'start').click();
  await page.getByTestId('confirm-ok').click();
  const active = page.getByTestId('demo-active-row');
  await expect(active).toContainText('web-shop/deployment/storefront');

  const control = demoControl(path.join(demo.dataDir, 'demo'));
  await control.start({ fault: 'api-slow', cluster: 'demo-hangzhou', values: { delay: 60 } });
  await expect(active).toHaveCount(2);
  await expect(cell(page, 'api-slow', 'stop')).toBeVisible();

  await page.getByTestId('demo-stop-all').click();
  await expect(active).toHaveCount(0);
  expect((await control.state()).active).toEqual([]);
});

test('a whole namespace and a storage class are targets; what kubectl annotates is listed and ended here', async ({
  page,
}) => {
  const kubectl = new Kubectl(demo.kubeconfigs.clusters['demo-hangzhou'] ?? '');
  await demo.open(page, '#/demo');
  const active = page.getByTestId('demo-active-row');
  await cell(page, 'crash-loop', 'start').click();
  await page.getByTestId('demo-target').click();
  await page.keyboard.type('namespace/web-shop');
  await page.locator('.ant-select-item-option').filter({ hasText: 'namespace/web-shop' }).click();
  await page.getByTestId('confirm-ok').click();
  await expect(active).toContainText('namespace/web-shop');
  const { metadata } = await kubectl.json(['get', 'namespace', 'web-shop']);
  expect(metadata.annotations['demo.fleetdeck/behaviour']).toBe('crash');
  await cell(page, 'crash-loop', 'stop').click();
  await expect(active).toHaveCount(0);

  const [storageClass] = (await kubectl.json(['get', 'storageclass'])).items;
  const name: string = storageClass.metadata.name;
  await kubectl.ok(['annotate', 'storageclass', name, 'demo.fleetdeck/behaviour=volume-pending']);
  await expect(active).toContainText(`storageclass/${name}`);
  await cell(page, 'volume-pending', 'stop').click();
  await expect(active).toHaveCount(0);
  const after = await kubectl.json(['get', 'storageclass', name]);
  expect(after.metadata.annotations['demo.fleetdeck/behaviour']).toBeUndefined();
});

test('what is started here is in the audit log', async ({ page }) => {
  await demo.open(page, '#/audit');
  await expect(page.getByText('demo.startFault').first()).toBeVisible();
});
