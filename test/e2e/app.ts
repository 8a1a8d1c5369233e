/**
 * The application under test in the host that the project names: a browser over loopback, or the desktop window. A spec
 * takes `test` and `expect` from here and shows the `demo` in `page`; only specs about a host know which one it is, and
 * only they start a demo of their own.
 */
import { test as base } from '@playwright/test';
import type { Language } from '../../src/shared/i18n/index.ts';
import { ElectronHost } from './hosts/electron.ts';
import { LoopbackHost } from './hosts/loopback.ts';
import type { App, Host, HostName } from './hosts/types.ts';

export { expect, type Locator, type Page } from '@playwright/test';
export type { App, Host } from './hosts/types.ts';

interface TestFixtures {
  /** What the system prefers of movement; without it everything is faster, so a spec asks for it. */
  motion: 'reduce' | 'no-preference';
}

interface WorkerFixtures {
  /** Option of the project. */
  hostName: HostName;
  /** Option of the project: language of the operating system or browser. */
  systemLocale: string;
  host: Host;
  /** One for all specs of a run in this host and language: each leaves it as it found it. Ask for it in `beforeAll`. */
  demo: App;
  language: Language;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
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
  demo: [
    async ({ host }, use) => {
      const demo = await host.startDemo();
      await use(demo);
      await demo.stop();
    },
    { scope: 'worker' },
  ],
  language: [({ systemLocale }, use) => use(systemLocale.startsWith('zh') ? 'zh' : 'en'), { scope: 'worker' }],
  motion: ['reduce', { option: true }],
  context: async ({ host, systemLocale }, use) => {
    const context = await host.newContext({ locale: systemLocale });
    await use(context);
    await host.endContext(context);
  },
  page: async ({ host, context, colorScheme, motion }, use, info) => {
    const page = await host.newPage(context);
    await page.emulateMedia({ colorScheme, reducedMotion: motion });
    await use(page);
    if (info.status !== info.expectedStatus && !page.isClosed()) {
      await info.attach('page', { body: await page.screenshot(), contentType: 'image/png' });
    }
  },
});
