/** Filling in controls as a person does, whatever the component library puts the mark on. */
import type { Locator, Page } from '@playwright/test';
import { toYaml } from '../../src/shared/kubernetes/yaml-text.ts';

/** The input of a control: some put the mark on the input itself, some on the box around it. */
export async function setNumber(control: Locator, value: number): Promise<void> {
  const input = (await control.evaluate((element) => element.tagName)) === 'INPUT' ? control : control.locator('input');
  await input.fill(String(value));
  await input.blur();
}

/** Replaces the whole text of the YAML editor inside `where` by pasting: what is typed, the editor indents and closes itself. */
export async function setYaml(page: Page, where: Locator, object: object): Promise<void> {
  await where.getByTestId('yaml-editor').locator('.view-lines').click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    document.activeElement?.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
    );
  }, toYaml(object));
}
