/** Pages, drawers and dialogs under axe (WCAG 2.2 A and AA), in the colours of the run: no serious violation. */
import AxeBuilder from '@axe-core/playwright';
import { type App, expect, type Page, test } from './app.ts';

let demo: App;

test.beforeAll(({ demo: shared }) => {
  demo = shared;
});

/** Once every text of the page is there and nothing moves any more. */
async function isAccessible(page: Page, what: string): Promise<void> {
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
  const axe = new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    // The editor colours its text by its own theme and dims numbers on purpose.
    .exclude('.monaco-editor .view-lines')
    .exclude('.monaco-editor .margin');
  // What lies under the veil of a drawer or dialog is not there to be read.
  if ((await page.locator('.ant-drawer-mask:visible, .ant-modal-mask:visible').count()) > 0) axe.exclude('.shell');
  const { violations } = await axe.analyze();
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join('\n    ')}`);
  expect.soft(serious, what).toEqual([]);
}

async function go(page: Page, route: string, mark: string): Promise<void> {
  await page.evaluate((hash) => {
    window.location.hash = hash;
  }, route);
  await expect(page.getByTestId(mark).first()).toBeVisible();
}

async function look(page: Page, route: string, mark: string): Promise<void> {
  await go(page, route, mark);
  await isAccessible(page, route);
}

async function close(page: Page, mark: string): Promise<void> {
  await page.keyboard.press('Escape');
  await expect(page.getByTestId(mark)).toBeHidden();
}

test('health and diagnosis', async ({ page }) => {
  await demo.open(page, '#/health');
  await expect(page.getByTestId('health-well').or(page.getByTestId('health-group').first())).toBeVisible();
  await isAccessible(page, '#/health');
  await look(page, '#/diagnosis', 'diagnosis-page');
});

test('overview, clusters and fleets', async ({ page }) => {
  await demo.open(page);
  await look(page, '#/overview', 'tile-clusters');
  await look(page, '#/clusters', 'clusters-grid-row');
  await page.getByTestId('clusters-grid-row').first().click();
  await expect(page.getByTestId('cluster-detail-state')).toBeVisible();
  await isAccessible(page, 'cluster drawer');
  await page.getByTestId('cluster-unregister').click();
  await expect(page.getByTestId('confirm-ok')).toBeVisible();
  await isAccessible(page, 'confirmation');
  await close(page, 'confirm-ok');
  // Whoever closes a dialog is back where it was opened from, and the next Escape, once it is gone, closes the drawer.
  await expect(page.getByTestId('confirm-ok')).toHaveCount(0);
  await expect(page.getByTestId('cluster-unregister')).toBeFocused();
  await close(page, 'cluster-drawer');
  await look(page, '#/clusters?register=1', 'register-drawer');
  await close(page, 'register-drawer');
  await look(page, '#/fleets', 'fleets-grid-row');
  await page.getByTestId('fleets-grid-row').first().click();
  await expect(page.getByTestId('fleet-clusters-grid-row').first()).toBeVisible();
  await isAccessible(page, 'fleet');
});

test('inspections and a report', async ({ page }) => {
  await demo.open(page);
  await go(page, '#/inspection?start=1', 'confirm-ok');
  await page.getByTestId('confirm-ok').click();
  await expect(page.getByTestId('findings-grid-row').first()).toBeVisible();
  await isAccessible(page, 'report');
  await page.getByTestId('findings-grid-row').first().click();
  await expect(page.getByTestId('finding').first()).toBeVisible();
  await isAccessible(page, 'findings of an object');
  await close(page, 'group-drawer');
  await page.getByTestId('tab-clusters').click();
  await expect(page.getByTestId('clusters-tab')).toBeVisible();
  await isAccessible(page, 'clusters beside each other');
  await look(page, '#/inspection/rules', 'rules-grid-row');
});
