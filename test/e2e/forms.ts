/** Filling in controls as a person does, whatever the component library puts the mark on. */
import type { Locator } from '@playwright/test';

/** The input of a control: some put the mark on the input itself, some on the box around it. */
export async function setNumber(control: Locator, value: number): Promise<void> {
  const input = (await control.evaluate((element) => element.tagName)) === 'INPUT' ? control : control.locator('input');
  await input.fill(String(value));
  await input.blur();
}
