/** Pages, drawers and dialogs under axe (WCAG 2.2 A and AA), in the colours of the run: no serious violation. */
import axe, { type RunOptions } from 'axe-core';
import { type App, expect, type Page, test } from './app.ts';

let demo: App;

test.beforeAll(({ demo: shared }) => {
  demo = shared;
});

const rules: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  // What was found right is not described: that is most of the work.
  resultTypes: ['violations'],
  iframes: false,
  preload: false,
};

/** Once every text of the page is there and nothing moves any more. The frame around the pages is judged with the first. */
async function isAccessible(page: Page, what: string): Promise<void> {
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(`${axe.source};0`);
  const serious = await page.evaluate(judge, rules);
  expect.soft(serious, what).toEqual([]);
}

/** Runs in the page. */
async function judge(options: RunOptions): Promise<string[]> {
  const frame = document.querySelector('.shell');
  // The editor colours its text by its own theme and dims numbers on purpose.
  const exclude = [...document.querySelectorAll('.monaco-editor .view-lines, .monaco-editor .margin')];
  const veils = [...document.querySelectorAll('.ant-drawer-mask, .ant-modal-mask')];
  if (frame !== null && veils.some((veil) => veil.checkVisibility())) {
    // What lies under the veil of a drawer or dialog is not there to be read.
    exclude.push(frame);
  } else if (frame?.hasAttribute('data-judged') === true) {
    exclude.push(...document.querySelectorAll('.shell > nav, .shell-main > header'));
  } else {
    frame?.setAttribute('data-judged', '');
  }
  // Of rows that differ by their words alone, the first stands for all.
  const looks = new Set<string>();
  for (const row of document.querySelectorAll('[role="row"], li')) {
    const parts = [...row.querySelectorAll('*')].map((part) => {
      const { tagName, className } = part;
      return [tagName, String(className), part.getAttribute('style'), ...part.getAttributeNames()].join(' ');
    });
    const look = [row.className, ...parts].join('\n');
    if (looks.has(look)) exclude.push(row);
    looks.add(look);
  }
  const { violations } = await (window as unknown as { axe: typeof axe }).axe.run({ exclude }, options);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join('\n    ')}`);
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
  // A dialog that has left the page hands the keys on only after the next frame, sooner than any person is.
  await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => setTimeout(painted))));
  await page.keyboard.press('Escape');
  await expect(page.getByTestId(mark)).toBeHidden();
}

test('overview, health, clusters and fleets', async ({ page }) => {
  await demo.open(page);
  await look(page, '#/overview', 'tile-clusters');
  await go(page, '#/health', 'health-page');
  await expect(page.getByTestId('health-well').or(page.getByTestId('health-group').first())).toBeVisible();
  await isAccessible(page, '#/health');
  await look(page, '#/diagnosis', 'diagnosis-page');
  await look(page, '#/clusters', 'clusters-grid-row');
  await page.getByTestId('clusters-grid-row').first().click();
  await expect(page.getByTestId('cluster-detail-state')).toBeVisible();
  await isAccessible(page, 'cluster drawer');
  await page.getByTestId('cluster-tab-health').click();
  await expect(page.getByTestId('ready-checks')).toContainText(/\d+/);
  await expect(page.getByTestId('certificates').getByRole('row')).not.toHaveCount(0);
  await expect(page.getByTestId('deprecated-apis')).toBeVisible();
  await isAccessible(page, 'health of a cluster');
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
