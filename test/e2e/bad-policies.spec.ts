/** Weights that would move nothing and names that exist: said before anything is created. */
import { translate } from '../../src/shared/i18n/index.ts';
import { type App, expect, type Page, test } from './app.ts';
import { setNumber, setYaml } from './forms.ts';
import { tells } from './notices.ts';

let demo: App;
let federation: string;

test.beforeAll(({ demo: shared }) => {
  demo = shared;
  federation = Object.keys(demo.kubeconfigs.federations)[0] ?? '';
});

async function toScheduling(page: Page, name: string): Promise<void> {
  await demo.open(page, '#/federations');
  await page.getByTestId('federations-grid-row').filter({ hasText: federation }).click();
  await page.getByTestId('create-workload').first().click();
  await page.getByTestId('template-name').fill(name);
  await page.getByTestId('template-image').fill('nginx');
  await page.getByTestId('wizard-next').click();
}

test('weights that are all zero stop at the form', async ({ page, language }) => {
  await toScheduling(page, 'weightless');
  for (const name of Object.keys(demo.kubeconfigs.clusters))
    await setNumber(page.getByTestId(`plan-${name}`).getByTestId('plan-weight'), 0);
  await page.getByTestId('wizard-next').click();
  await expect(page.getByTestId('plan-problem')).toHaveText(translate(language, 'wizard.problems.weights'));
});

test('a policy that selects something else and names a stranger is said before it is made', async ({
  page,
  language,
}) => {
  await toScheduling(page, 'unreached');
  await page.getByTestId('wizard-next').click();
  await page.getByTestId('review-policy').click();
  await setYaml(page, page.locator('main'), {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name: 'unreached', namespace: 'default' },
    spec: {
      resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'misspelt' }],
      placement: { clusterAffinity: { clusterNames: [Object.keys(demo.kubeconfigs.clusters)[0], 'atlantis'] } },
    },
  });
  const preview = page.getByTestId('preview');
  await tells(preview, language, { code: 'POLICY_SELECTS_NOTHING' }, 'unreached');
  await tells(preview, language, { code: 'POLICY_UNKNOWN_CLUSTER', params: { name: 'atlantis' } });
});

test('a name that exists is refused, and nothing is left half made', async ({ page, language }) => {
  await toScheduling(page, 'twice');
  await page.getByTestId('wizard-next').click();
  await page.getByTestId('wizard-create').click();
  await expect(page.getByTestId('workload-drawer')).toBeVisible();

  await toScheduling(page, 'twice');
  await page.getByTestId('wizard-next').click();
  await page.getByTestId('wizard-create').click();
  await tells(page.getByTestId('create-failed'), language, { code: 'NAME_TAKEN' }, 'twice');
  await expect(page.getByTestId('create-failed')).toContainText(translate(language, 'wizard.result.failed'));

  await demo.open(page, '#/federations');
  await page.getByTestId('federations-grid-row').filter({ hasText: federation }).click();
  await page.getByTestId('workloads-grid-row').filter({ hasText: 'twice' }).click();
  for (const what of ['workload-delete-policy', 'workload-delete']) {
    await page.getByTestId(what).click();
    await page.getByTestId('confirm-ok').click();
    await expect(page.getByTestId('confirm-ok')).toBeHidden();
  }
  await expect(page.getByTestId('workloads-grid-row').filter({ hasText: 'twice' })).toHaveCount(0);
});

test('names of fleets and federations that exist are said while one types', async ({ page, language }) => {
  const taken = translate(language, 'common.invalid.taken');
  await demo.open(page, '#/fleets?create=1');
  await page.getByTestId('fleet-name').fill('demo-fleet');
  await expect(page.getByTestId('confirm')).toContainText(taken);
  await expect(page.getByTestId('confirm-ok')).toBeDisabled();
  await demo.open(page, '#/federations?create=1');
  await page.getByTestId('federation-name').fill(federation);
  await expect(page.getByTestId('confirm')).toContainText(taken);
  await expect(page.getByTestId('confirm-ok')).toBeDisabled();
});
