/** From an object that does not work to its cause: drawer, progress, report, patch, export, history, health of the fleet. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { demoControl } from '../../src/main/engine/demo/index.ts';
import { type App, expect, test } from './app.ts';

let demo: App;
const CLUSTER = 'demo-hangzhou';
const CASES = ['S-READY', 'S-SEL'];
const control = () => demoControl(path.join(demo.dataDir, 'demo'));

test.beforeAll(async ({ demo: shared }) => {
  demo = shared;
  for (const target of CASES) await control().start({ fault: 'case', cluster: CLUSTER, target, values: {} });
});
test.afterAll(async () => {
  for (const target of CASES) await control().stop({ id: `${CLUSTER}/case/${target}` });
});

test('from the health of the fleet over the object to the probe of its pod, and into a ticket', async ({
  page,
  language,
}) => {
  await demo.open(page, '#/health?q=case-s-ready');
  const place = page.getByTestId('health-place').first();
  // Whoever has only begun is not unhealthy yet: kubelet complains at its first probe.
  await expect(async () => {
    await page.getByTestId('health-refresh').click();
    await expect(place).toContainText('case-s-ready', { timeout: 2000 });
  }).toPass();
  await page.getByTestId('view-consumers').click();
  await expect(page.getByTestId('consumer').first()).toContainText('demo-');
  await page.getByTestId('view-events').click();
  await expect(page.getByTestId('health-events-row').first()).toContainText('case-s-ready');
  await page.getByTestId('view-causes').click();
  await place.getByRole('link', { name: /^case-s-ready\// }).click();
  await page.getByTestId('action-diagnose').click();
  await expect(page.getByTestId('diagnosis-report')).toBeVisible();
  await expect(page.getByTestId('report-verdict')).toHaveText(language === 'zh' ? '异常' : 'Fault');
  const finding = page.getByTestId('finding').first();
  await expect(finding).toHaveAttribute('data-cause', 'P-READY-PORT');
  await expect(page.getByTestId('conclusion')).toContainText('8081');
  await expect(page.locator('[data-testid="diagnosis-step"][data-verdict="ok"]').first()).toBeVisible();

  const saved = page.waitForEvent('download');
  await page.getByTestId('diagnosis-export').click();
  await page.getByTestId('export-markdown').click();
  const text = readFileSync(await (await saved).path(), 'utf8');
  expect(text).toContain(language === 'zh' ? '处理方法' : 'Remedy');
  expect(text).toContain('P-READY-PORT');

  await page.getByTestId('diagnose-again').click();
  await expect(page.getByTestId('comparison')).toBeVisible();
  await page.evaluate(() => {
    window.location.hash = '#/diagnosis';
  });
  await expect(page.getByTestId('diagnosis-history-row')).toHaveCount(2);
});

test('a selector with a slip is mended by its patch, seen as a difference first', async ({ page }) => {
  await demo.open(page, '#/diagnosis?kind=Service');
  await page.getByTestId('diagnosis-cluster').click();
  await page.locator('.ant-select-item-option', { hasText: CLUSTER }).click();
  await page.getByTestId('diagnosis-object').click();
  await page.getByTestId('diagnosis-object').locator('input').fill('case-s-sel');
  await page.locator('.ant-select-item-option', { hasText: 'case-s-sel/web' }).click();
  await expect(page.getByTestId('finding').first()).toHaveAttribute('data-cause', 'S-SEL');
  await expect(page.getByTestId('finding-chain').locator('li')).toHaveCount(2);
  await page.getByTestId('finding-patch').click();
  await expect(page.getByTestId('patch-dialog').locator('.monaco-diff-editor')).toBeVisible();
  await page.locator('.ant-modal-footer .ant-btn-primary').click();
  await expect(page.getByTestId('patch-dialog')).toHaveCount(0);
  await page.getByTestId('diagnose-again').click();
  await expect(page.locator('[data-change="gone"]')).toBeVisible();
});
