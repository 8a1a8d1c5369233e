/**
 * A live object as YAML: the cluster's own schema helps, what will change is shown first, nobody else's change is lost, and
 * the last change is taken back.
 */
import { Kubectl } from '../fixtures/kubectl.ts';
import { type App, expect, test } from './app.ts';
import { noticeOf } from './notices.ts';

let demo: App;
let cluster: string;

test.beforeAll(({ demo: shared }) => {
  demo = shared;
  cluster = Object.keys(demo.kubeconfigs.clusters)[0] ?? '';
});

test('an edit is completed and judged by the schema, checked, saved and taken back', async ({ page }) => {
  await demo.open(page, '#/resources/apps/v1/deployments');
  await page.getByTestId('choose-all-running').click();
  await page.getByTestId('filter').fill(`storefront cluster:${cluster}`);
  await expect(page.getByTestId('view-total')).toHaveAttribute('data-total', '1');
  await page.getByTestId('resource-grid-row').click();
  const drawer = page.getByTestId('object-drawer');
  await drawer.getByTestId('object-yaml').click();
  await drawer.getByTestId('yaml-edit').click();
  await drawer.locator('.view-lines').first().click();
  await page.keyboard.press('ControlOrMeta+f');
  await expect(drawer.locator('.find-widget.visible')).toBeVisible();
  await page.keyboard.type('revisionHistoryLimit');
  await expect(drawer.locator('.find-widget .matchesCount')).toContainText('1');
  await page.keyboard.press('Enter');
  await drawer.locator('.view-line').filter({ hasText: 'revisionHistoryLimit' }).click();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.keyboard.type('minReadyS');
  const suggestion = page.locator('.suggest-widget .monaco-list-row').filter({ hasText: 'minReadySeconds' });
  await expect(suggestion).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(drawer.locator('.view-lines')).toContainText('minReadySeconds:');
  await page.keyboard.type('soon');
  await expect(drawer.locator('.squiggly-error')).toBeVisible();
  for (const _letter of 'soon') await page.keyboard.press('Backspace');
  await page.keyboard.type('3');
  await drawer.getByTestId('yaml-check').click();
  await expect(drawer.locator('.line-insert').first()).toBeVisible();

  const kubectl = new Kubectl(demo.kubeconfigs.clusters[cluster] ?? '');
  const annotate = ['annotate', 'deployment', 'storefront', '-n', 'web-shop'];
  await kubectl.ok([...annotate, 'changed-by=somebody-else']);
  await drawer.getByTestId('yaml-save').click();
  await expect(noticeOf(drawer, 'CONFLICT')).toBeVisible();
  await drawer.getByTestId('yaml-load-current').click();
  await drawer.getByTestId('yaml-check').click();
  await expect(drawer.locator('.line-insert').first()).toBeVisible();
  await drawer.getByTestId('yaml-save').click();
  await drawer.getByTestId('yaml-undo').click();
  await expect(drawer.locator('.line-delete').first()).toBeVisible();
  await drawer.getByTestId('yaml-save').click();
  await drawer.getByTestId('yaml-edit').click();
  await kubectl.ok([...annotate, 'changed-by-']);
  await expect(drawer.locator('.view-lines')).toContainText('kind: Deployment');
  await expect(drawer.getByTestId('yaml-check')).toBeDisabled();
});
