/**
 * The application under test in the host that the project names: a browser over loopback, or the desktop window. A spec
 * takes `test` and `expect` from here, starts what it needs with `host.startDemo()`, and shows it in `page`; only specs
 * about a host know which one it is.
 */
import { test as base } from '@playwright/test';
import { ElectronHost } from './hosts/electron.ts';
import { LoopbackHost } from './hosts/loopback.ts';
import type { Host, HostName } from './hosts/types.ts';

export { expect, type Locator, type Page } from '@playwright/test';
export type { App, Host } from './hosts/types.ts';

interface WorkerFixtures {
  /** Option of the project. */
  hostName: HostName;
  /** Option of the project: language of the operating system or browser. */
  systemLocale: string;
  host: Host;
}

export const test = base.extend<object, WorkerFixtures>({
  hostName: ['loopback', { option: true, scope: 'worker' }],
  systemLocale: ['en-GB', { option: true, scope: 'worker' }],
  host: [
    async ({ playwright, hostName, systemLocale }, use) => {
      const host: Host =
        hostName === 'electron' ? new ElectronHost(systemLocale) : new LoopbackHost(playwright.chromium);
      await use(host);
      await host.close();
    },
    { scope: 'worker' },
  ],
  context: async ({ host, systemLocale }, use) => {
    const context = await host.newContext({ locale: systemLocale });
    await use(context);
    await host.endContext(context);
  },
  page: async ({ host, context, colorScheme }, use, info) => {
    const page = await host.newPage(context);
    await page.emulateMedia({ colorScheme });
    await use(page);
    if (info.status !== info.expectedStatus && !page.isClosed()) {
      await info.attach('page', { body: await page.screenshot(), contentType: 'image/png' });
    }
  },
});
