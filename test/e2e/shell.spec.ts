/** The interface as a newcomer meets it: it opens, and nothing breaks. */
import { type App, expect, test } from './app.ts';

let demo: App;

test.beforeAll(({ demo: shared }) => {
  demo = shared;
});

test('opens on the demo without a complaint of the browser', async ({ page }) => {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await demo.open(page);
  await expect(page.getByText(/demo-hangzhou|Clusters|集群/).first()).toBeVisible();
  expect(problems).toEqual([]);
});
