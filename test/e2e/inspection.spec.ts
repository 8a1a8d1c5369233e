/** A fleet is inspected, its report read, narrowed, explained and exported, a finding accepted, and a schedule made. */
import { readFileSync } from 'node:fs';
import { translate } from '../../src/shared/i18n/index.ts';
import { type App, expect, test } from './app.ts';

let demo: App;

test.beforeAll(({ demo: shared }) => {
  demo = shared;
});

test('from the button to the patch, an exemption and the exported page', async ({ page, language, hostName }) => {
  const words = (key: Parameters<typeof translate>[1]) => translate(language, key);
  await demo.open(page, '#/inspection');
  await page.getByTestId('inspection-start').click();
  await page.getByTestId('confirm-ok').click();

  // The report opens by itself, with progress until it is there.
  await expect(page.getByTestId('report-score')).toBeVisible();
  await expect(page.getByTestId('run-state')).toHaveText(words('inspection.state.done'));
  const rows = page.getByTestId('findings-grid-row');
  await expect(rows.first()).toBeVisible();

  // One deployment is one row; its drawer says what, why it matters and how to mend it.
  await page.getByTestId('filter').fill('storefront PrivilegeEscalation');
  await expect(rows).toHaveCount(2);
  await rows.first().click();
  const drawer = page.getByTestId('group-drawer');
  const finding = drawer.getByTestId('rule-findings').filter({ hasText: 'PrivilegeEscalationAllowed' });
  await expect(finding).toContainText(words('inspection.columns.impact'));
  await expect(finding.getByTestId('finding').first()).toContainText('allowPrivilegeEscalation');

  // The patch is shown as the difference that the server made of it in a dry run.
  await finding.getByTestId('fix').click();
  await expect(page.getByTestId('fix-dialog').getByTestId('yaml-diff')).toContainText('allowPrivilegeEscalation');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('fix-dialog')).toBeHidden();

  // What is accepted leaves the findings at once, and is listed with its reason.
  await finding.getByTestId('exempt').click();
  await page.getByTestId('exempt-reason').fill('accepted by the test');
  await page.getByTestId('confirm-ok').click();
  await expect(rows).toHaveCount(1);
  await page.keyboard.press('Escape');
  await page.getByTestId('view-exempt').click();
  await expect(rows).toHaveCount(1);

  // Clusters of the fleet beside each other.
  await page.getByTestId('tab-clusters').click();
  await expect(page.getByTestId('clusters-tab').locator('tbody tr')).toHaveCount(2);

  if (hostName !== 'electron') {
    const download = page.waitForEvent('download');
    await page.getByTestId('export').click();
    await page.getByTestId('export-html').click();
    const text = readFileSync(await (await download).path(), 'utf8');
    expect(text).toContain(words('inspection.makeUp'));
    expect(text).toContain('accepted by the test');
  }

  await demo.open(page, '#/inspection/exemptions');
  const exemption = page.getByTestId('exemptions-grid-row').filter({ hasText: 'accepted by the test' });
  await exemption.getByRole('button', { name: words('inspection.exempt.remove') }).click();
  await page.getByTestId('confirm-ok').click();
  await expect(exemption).toHaveCount(0);
});

test('a schedule asks for consent and a time that exists, and is taken back', async ({ page, language }) => {
  await demo.open(page, '#/inspection/schedules');
  await page.getByTestId('schedule-add').click();
  await page.getByTestId('inspection-scope').click();
  await page.getByText('demo-fleet', { exact: true }).last().click();
  const save = page.getByTestId('confirm-ok');
  await expect(save).toBeDisabled();
  await page.getByTestId('schedule-understood').click();
  await page.getByTestId('schedule-cron').fill('61 * * * *');
  await save.click();
  await expect(page.locator('.field-error')).toBeVisible();
  await page.getByTestId('schedule-cron').fill('0 6 * * 1');
  await save.click();
  const row = page.getByTestId('schedules-grid-row');
  await expect(row).toContainText('0 6 * * 1');
  await row.getByRole('button', { name: translate(language, 'inspection.schedule.remove') }).click();
  await page.getByTestId('confirm-ok').click();
  await expect(row).toHaveCount(0);
});
