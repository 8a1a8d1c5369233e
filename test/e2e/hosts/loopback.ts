/** The headless demo of the command line, shown in a browser that is started for the first page. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, BrowserType, Page } from '@playwright/test';
import { type DemoProcess, startDemo } from '../../fixtures/demo-process.ts';
import type { App, Host } from './types.ts';

/** A demo on loopback, with what only a host of a browser has. */
export interface LoopbackApp extends App {
  /** Address with the token, as it is printed. */
  readonly url: string;
  readonly process: DemoProcess;
}

export class LoopbackHost implements Host {
  private readonly chromium: BrowserType;
  private browser: Promise<Browser> | null = null;

  constructor(chromium: BrowserType) {
    this.chromium = chromium;
  }

  async startDemo({ clusters = 2 } = {}): Promise<LoopbackApp> {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-e2e-'));
    const process = await startDemo({ dataDir, clusters });
    return {
      dataDir,
      url: process.url,
      kubeconfigs: process.kubeconfigs,
      process,
      async open(page, route = '#/') {
        await page.goto(process.url);
        if (route !== '#/') await page.goto(new URL(route, process.url).href.replace(/\?token=[^#]*/, ''));
      },
      async stop() {
        await process.stop();
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  }

  async newContext(options: BrowserContextOptions): Promise<BrowserContext> {
    this.browser ??= this.chromium.launch();
    return await (await this.browser).newContext(options);
  }

  async newPage(context: BrowserContext): Promise<Page> {
    return await context.newPage();
  }

  async endContext(context: BrowserContext): Promise<void> {
    await context.close();
  }

  async close(): Promise<void> {
    await (await this.browser)?.close();
  }
}
