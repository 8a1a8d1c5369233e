/** The interface as a newcomer meets it: the demo's address in a browser, every page reachable, nothing broken. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { type DemoProcess, startDemo } from '../fixtures/demo-process.ts';

const dataDir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-e2e-'));
let demo: DemoProcess;

test.beforeAll(async () => {
  demo = await startDemo({ dataDir });
});
test.afterAll(async () => {
  if (demo !== undefined) await demo.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test('the printed address opens the interface, and the token does not stay in it', async ({ page }) => {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(demo.url);
  await expect(page.getByText(/demo-hangzhou|Clusters|集群/).first()).toBeVisible();
  expect(page.url()).not.toContain('token');
  expect(problems).toEqual([]);
});

test('without the token there is only an explanation', async ({ browser }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const answer = await page.goto(new URL(demo.url).origin);
  expect(answer?.status()).toBe(401);
  await context.close();
});
