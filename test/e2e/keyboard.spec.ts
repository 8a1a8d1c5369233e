/** The interface without a mouse: palette, tables, drawers; focus comes back. */
import { type App, expect, test } from './app.ts';

let demo: App;

// Where the focus is while something slides in or out.
test.use({ motion: 'no-preference' });

test.beforeAll(({ demo: shared }) => {
  demo = shared;
});

test('the palette opens from anywhere, finds, runs and gives the focus back', async ({ page }) => {
  await demo.open(page, '#/clusters');
  await page.getByTestId('clusters-grid-row').first().waitFor();
  await page.getByTestId('clusters-grid').focus();
  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByTestId('palette-input')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('palette-input')).toBeHidden();
  await expect(page.getByTestId('clusters-grid')).toBeFocused();
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('federations');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('federations-page')).toBeVisible();
  // While it slides out, the palette keeps the focus.
  await expect(page.getByTestId('palette-input')).toBeHidden();
  // A dialog begins in its first field, and gives the focus back.
  await page.getByTestId('create-federation').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('federation-name')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('create-federation')).toBeFocused();
});

test('a table is walked with the arrows, a row opened with Enter and closed with Escape, and the table has the focus again', async ({
  page,
}) => {
  await demo.open(page, '#/clusters');
  await page.getByTestId('clusters-grid-row').first().waitFor();
  const grid = page.getByTestId('clusters-grid');
  await grid.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const second = page.getByTestId('clusters-grid-row').nth(1);
  await expect(second).toHaveAttribute('data-active', 'true');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('cluster-drawer')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('cluster-drawer')).toBeHidden();
  await expect(grid).toBeFocused();
  await expect(second).toHaveAttribute('data-active', 'true');

  // Sorting is reached with Tab.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('columnheader').first()).toHaveAttribute('aria-sort', 'descending');
});

test('"/" goes to the filter, Enter from there into the table', async ({ page }) => {
  await demo.open(page, '#/clusters');
  await page.getByTestId('clusters-grid-row').first().waitFor();
  await page.keyboard.press('/');
  await expect(page.getByTestId('filter')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('clusters-grid')).toBeFocused();
});
