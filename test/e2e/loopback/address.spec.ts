/** The address that the command line prints, in a browser: it opens the interface, and nothing else does. */
import { expect, test } from '../app.ts';
import type { LoopbackApp } from '../hosts/loopback.ts';

let demo: LoopbackApp;

test.beforeAll(async ({ host }) => {
  demo = (await host.startDemo()) as LoopbackApp;
});
test.afterAll(async () => await demo?.stop());

test('the printed address opens the interface, and the token does not stay in it', async ({ page }) => {
  await page.goto(demo.url);
  await expect(page.getByTestId('nav-clusters')).toBeVisible();
  expect(page.url()).not.toContain('token');
  expect(await page.evaluate(() => [document.cookie, document.referrer])).toEqual(['', '']);
});

test('without the token there is only an explanation', async ({ context }) => {
  const page = await context.newPage();
  const answer = await page.goto(new URL(demo.url).origin);
  expect(answer?.status()).toBe(401);
  await expect(page.getByText('token=')).toBeVisible();
});
