/** The engine dies and comes back while a page is open: the page finds it by itself, and what was typed is still there. */
import { readFileSync } from 'node:fs';
import { translate } from '../../../src/shared/i18n/index.ts';
import { startDemo } from '../../fixtures/demo-process.ts';
import { expect, test } from '../app.ts';
import type { LoopbackApp } from '../hosts/loopback.ts';

test('kill -9 and a new start: live again without a reload, nothing typed is lost', async ({
  host,
  page,
  language,
}) => {
  const demo = (await host.startDemo({ clusters: 1 })) as LoopbackApp;
  let again: Awaited<ReturnType<typeof startDemo>> | undefined;
  try {
    const [name = ''] = Object.keys(demo.kubeconfigs.clusters);
    const kubeconfig = readFileSync(demo.kubeconfigs.clusters[name] ?? '', 'utf8');
    await demo.open(page, '#/federations');
    await page.evaluate(() => {
      document.documentElement.dataset['neverReloaded'] = 'true';
    });

    // Two forms half filled in: the wizard, then the registration.
    await page.getByTestId('federations-grid-row').first().click();
    await page.getByTestId('create-workload').first().click();
    await page.getByTestId('template-name').fill('half-typed');
    await page.getByTestId('nav-clusters').click();
    await page.getByTestId('register-clusters').click();
    await page.getByTestId('source-text').click();
    await page.getByTestId('source-paste').fill(kubeconfig);

    await demo.process.kill();
    await expect(page.getByTestId('engine-lost')).toContainText(
      translate(language, 'shell.connection.lostBanner').slice(0, 10),
    );
    await expect(page.getByTestId('connection')).toHaveAttribute('data-status', 'lost');

    again = await startDemo({ dataDir: demo.dataDir, clusters: 1 });
    await expect(page.getByTestId('connection')).toHaveAttribute('data-status', 'open');
    await expect(page.getByTestId('engine-lost')).toBeHidden();
    await expect(page.getByTestId('source-paste')).toHaveValue(kubeconfig);
    await page.getByTestId('source-read').click();
    await expect(page.getByTestId(`context-${name}`)).toBeVisible();
    await page.keyboard.press('Escape');

    // What is shown is live: the cluster answers the new engine, and a change arrives by itself.
    const row = page.getByTestId('clusters-grid-row').filter({ hasText: name });
    await expect(row).toContainText(translate(language, 'clusters.states.running'));
    await row.click();
    await page.getByTestId('cluster-protection').click();
    await expect(page.getByTestId('cluster-protection')).toHaveAttribute('aria-checked', 'true');
    await page.keyboard.press('Escape');

    await page.getByTestId('nav-federations').click();
    await page.getByTestId('federations-grid-row').first().click();
    await page.getByTestId('create-workload').first().click();
    await expect(page.getByTestId('template-name')).toHaveValue('half-typed');
    expect(await page.evaluate(() => document.documentElement.dataset['neverReloaded'])).toBe('true');
  } finally {
    await again?.stop();
    await demo.stop();
  }
});
