/**
 * The manual's 5.3.2 through the interface alone: nginx with three replicas over two members in the proportion 1:2, a
 * label of its own for each member, then scaled, weighed anew, and removed; and the manual's promotion of what runs
 * already. What is looked at is what a person sees.
 */
import { type App, expect, type Locator, type Page, test } from './app.ts';
import { setNumber } from './forms.ts';

let demo: App;
let members: [string, string];

test.beforeAll(({ demo: shared }) => {
  demo = shared;
  members = Object.keys(demo.kubeconfigs.clusters).sort() as [string, string];
});

async function openFederation(page: Page): Promise<void> {
  await demo.open(page);
  await page.getByTestId('nav-federations').click();
  await page.getByTestId('federations-grid-row').first().click();
  await expect(page.getByTestId('federation-page')).toBeVisible();
}

function nginxRow(page: Page): Locator {
  return page.getByTestId('workloads-grid-row').filter({ hasText: 'nginx' });
}

async function seesSplit(page: Page, split: Readonly<Record<string, number>>): Promise<void> {
  const total = Object.values(split).reduce((sum, replicas) => sum + replicas, 0);
  await expect(nginxRow(page).getByTestId('workload-ready')).toHaveText(`${total}/${total}`);
  for (const [name, replicas] of Object.entries(split)) {
    await expect(nginxRow(page).getByTestId('workload-clusters')).toContainText(`${name}${replicas}`);
  }
}

test('a deployment is distributed, scaled, weighed anew and removed', async ({ page }, info) => {
  const [first, second] = members;
  await openFederation(page);
  await page.getByTestId('create-workload').first().click();

  await test.step('the template', async () => {
    await page.getByTestId('template-name').fill('nginx');
    await page.getByTestId('template-image').fill('nginx');
    await setNumber(page.getByTestId('template-replicas'), 3);
    await page.screenshot({ path: info.outputPath('1-template.png') });
    await page.getByTestId('wizard-next').click();
  });

  await test.step('weights and a label per member, with the result shown before anything is saved', async () => {
    for (const [name, weight] of [
      [first, 1],
      [second, 2],
    ] as const) {
      const plan = page.getByTestId(`plan-${name}`);
      if ((await plan.getAttribute('data-chosen')) !== 'true') await plan.getByRole('checkbox').check();
      await setNumber(plan.getByTestId('plan-weight'), weight);
      await plan.getByTestId('plan-differs').click();
      const labels = plan.getByTestId('difference-labels');
      if ((await labels.getByTestId('pair-key').count()) === 0) await labels.getByTestId('pair-add').click();
      await labels.getByTestId('pair-key').fill('cceone.propagationto');
      await labels.getByTestId('pair-value').fill(name);
    }
    await expect(page.getByTestId(`preview-${first}`)).toContainText('1');
    await expect(page.getByTestId(`preview-${second}`)).toContainText('2');
    await page.screenshot({ path: info.outputPath('2-scheduling.png') });
    await page.getByTestId('wizard-next').click();
  });

  await test.step('the review is what gets created', async () => {
    await page.screenshot({ path: info.outputPath('3-review.png') });
    await page.getByTestId('wizard-create').click();
    await seesSplit(page, { [first]: 1, [second]: 2 });
    await page.screenshot({ path: info.outputPath('4-running.png') });
  });

  await test.step('its drawer, open after creation, says where it runs and what was different', async () => {
    await expect(page.getByTestId('workload-per-cluster')).toContainText(first);
    await expect(page.getByTestId('workload-per-cluster')).toContainText(second);
    await page.screenshot({ path: info.outputPath('5-drawer.png') });
  });

  await test.step('why it is there is told for each cluster', async () => {
    await page.getByTestId('workload-why').click();
    await expect(page.getByTestId('why-graph')).toContainText('nginx');
    await expect(page.getByTestId(`why-${first}`)).toHaveAttribute('data-outcome', 'chosen');
    await expect(page.getByTestId('time-line').getByRole('listitem')).not.toHaveCount(0);
    await page.goBack();
    await expect(page.getByTestId('workload-drawer')).toBeVisible();
  });

  await test.step('scaling to seven keeps the proportion', async () => {
    await page.getByTestId('workload-scale').click();
    await setNumber(page.getByTestId('scale-replicas'), 7);
    await page.getByTestId('confirm').getByRole('button').last().click();
    await seesSplit(page, { [first]: 2, [second]: 5 });
  });

  await test.step('other weights move replicas', async () => {
    await page.getByTestId('workload-weights').click();
    await setNumber(page.getByTestId(`weight-${first}`), 5);
    await setNumber(page.getByTestId(`weight-${second}`), 2);
    await page.getByTestId('confirm').getByRole('button').last().click();
    await seesSplit(page, { [first]: 5, [second]: 2 });
  });

  await test.step('its policy is changed by form and by text, and neither loses what the other says', async () => {
    await page.getByTestId('workload-policy').click();
    await setNumber(page.getByTestId('field-priority'), 3);
    await page.getByTestId('policy-mode-yaml').click();
    await expect(page.locator('.view-lines')).toContainText('kind: PropagationPolicy');
    await page.getByTestId('policy-mode-form').click();
    await expect(page.getByTestId('field-priority').and(page.locator('input'))).toHaveValue('3');
    await expect(
      page.getByTestId('division-StaticWeight').locator('xpath=ancestor::label').getByRole('radio'),
    ).toBeChecked();
    await expect(page.getByTestId('policy-preview').getByTestId('before')).toBeVisible();
    await page.screenshot({ path: info.outputPath('6-policy.png') });
    await page.getByTestId('policy-save').click();
    await expect(page.getByTestId('policies-grid-row').filter({ hasText: 'nginx' }).first()).toBeVisible();
    await page.getByTestId('area-workloads').click();
    await nginxRow(page).click();
  });

  await test.step('it is moved to one member step by step, and taken back when it is there', async () => {
    await page.keyboard.press('Escape');
    await page.getByTestId('area-operations').click();
    await page.getByTestId('run-shift').click();
    await page.getByTestId('shift-policy').click();
    await page.locator('.ant-select-item-option').filter({ hasText: 'nginx' }).first().click();
    await setNumber(page.getByTestId(`shift-weight-${second}`), 1);
    await setNumber(page.getByTestId('shift-count'), 2);
    await setNumber(page.getByTestId('shift-observe'), 0);
    await expect(page.getByTestId('shift-steps').getByRole('row')).toHaveCount(4);
    await page.screenshot({ path: info.outputPath('7-shift.png') });
    await page.getByTestId('shift-start').click();
    const shift = page.getByTestId('operation-shift');
    const revert = shift.getByTestId('run-revert');
    await expect(shift.getByTestId('run-pause')).toBeVisible();
    // What has ended cannot be paused any more.
    await expect(shift.getByTestId('run-pause')).toHaveCount(0, { timeout: 40_000 });
    await page.screenshot({ path: info.outputPath('8-moved.png') });
    await page.getByTestId('area-workloads').click();
    await seesSplit(page, { [second]: 7 });
    await page.getByTestId('area-operations').click();
    await revert.click();
    await expect(revert).toHaveCount(0);
    await page.getByTestId('area-workloads').click();
    await seesSplit(page, { [first]: 5, [second]: 2 });
    await nginxRow(page).click();
  });

  await test.step('deleting the template takes it away', async () => {
    await page.getByTestId('workload-delete').click();
    await expect(page.getByTestId('before')).toContainText(first);
    const name = page.getByTestId('confirm-name');
    if ((await name.count()) > 0) await name.fill('nginx');
    await page.getByTestId('confirm').getByRole('button').last().click();
    await expect(nginxRow(page)).toHaveCount(0);
  });

  await test.step('what runs in both members already is taken over as it is, and given back', async () => {
    await page.getByTestId('tab-promotion').click();
    await page.getByTestId('candidates-grid-row').filter({ hasText: 'storefront' }).click();
    const plan = page.getByTestId('plan-storefront');
    for (const name of members)
      await expect(plan.getByTestId(`plan-${name}`).first()).toHaveAttribute('data-what', 'adopted');
    await page.screenshot({ path: info.outputPath('9-promotion.png') });
    await page.getByTestId('promotion-confirm').click();
    await page.getByTestId('promoted-storefront').getByRole('button').click();
    await expect(page.getByTestId('promoted-storefront').getByRole('button')).toHaveCount(0);
  });
});
