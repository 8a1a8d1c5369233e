/** The demo in the desktop window. Every test gets the same window, as if the application had just been opened in it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserContext, Page } from '@playwright/test';
import { APP_URL, type Desktop, startDesktop } from './desktop.ts';
import type { App, Host } from './types.ts';

export class ElectronHost implements Host {
  private readonly locale: string;
  private current: Desktop | null = null;

  constructor(locale: string) {
    this.locale = locale;
  }

  async startDemo({ clusters = 2 } = {}): Promise<App> {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-e2e-'));
    const desktop = await startDesktop({ dataDir, clusters, locale: this.locale });
    this.current = desktop;
    const { kubeconfigs } = await desktop.demo();
    return {
      dataDir,
      kubeconfigs,
      async open(page, route = '#/') {
        await page.goto(APP_URL);
        if (route !== '#/') await page.goto(new URL(route, APP_URL).href);
      },
      stop: async () => {
        this.current = null;
        await desktop.quit();
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  }

  async newContext(): Promise<BrowserContext> {
    return this.running().app.context();
  }

  async newPage(): Promise<Page> {
    const { window } = this.running();
    await window.goto(APP_URL);
    await window.evaluate('localStorage.clear()');
    return window;
  }

  async endContext(): Promise<void> {
    // The window stays for the next test.
  }

  async close(): Promise<void> {
    await this.current?.quit();
  }

  private running(): Desktop {
    if (this.current === null) throw new Error('the desktop shows one application at a time: start it first');
    return this.current;
  }
}
