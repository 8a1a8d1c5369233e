/** What a spec may ask of a host. */
import type { BrowserContext, BrowserContextOptions, Page } from '@playwright/test';
import type { DemoReady } from '../../fixtures/demo-process.ts';

export type HostName = 'loopback' | 'electron';

/** A demo that runs in a folder of its own, which goes with it. */
export interface App extends Pick<DemoReady, 'dataDir' | 'kubeconfigs'> {
  /** Shows the interface from its start; `route` as in `#/clusters`. */
  open(page: Page, route?: string): Promise<void>;
  stop(): Promise<void>;
}

export interface Host {
  /** One at a time. */
  startDemo(options?: { clusters?: number }): Promise<App>;
  newContext(options: BrowserContextOptions): Promise<BrowserContext>;
  newPage(context: BrowserContext): Promise<Page>;
  endContext(context: BrowserContext): Promise<void>;
  close(): Promise<void>;
}
