/** What a person reads when something goes wrong, in their language: what happened, and what to do. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { AppErrorShape, ErrorCode } from '../../src/shared/errors.ts';
import { errorText, type Language } from '../../src/shared/i18n/index.ts';

export type Told = Partial<AppErrorShape> & { code: ErrorCode };

/** The notice of this failure inside `where`. */
export function noticeOf(where: Page | Locator, code: ErrorCode): Locator {
  return where.locator(`[data-testid="error-notice"][data-code="${code}"]`);
}

/** The failure is told in words of the person's language, with the remedy, and `detail` among the technical details. */
export async function tells(
  where: Page | Locator,
  language: Language,
  error: Told,
  detail: string | RegExp = '',
): Promise<void> {
  const notice = noticeOf(where, error.code).first();
  const { title, hint } = errorText(language, { message: '', retryable: false, ...error });
  try {
    await expect(notice).toContainText(title);
  } catch (missing) {
    // What stands there instead says more than that this does not.
    throw new Error(
      `${(missing as Error).message}\nWhat is there: ${await where.locator('body, :scope').first().innerText()}`,
    );
  }
  await expect(notice).toContainText(hint);
  await expect(notice).toContainText(detail);
}
