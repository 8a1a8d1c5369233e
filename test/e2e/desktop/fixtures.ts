/** A desktop application without clusters, fresh for each test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test as base } from '@playwright/test';
import { alive, family } from '../../fixtures/processes.ts';
import { type Desktop, type DesktopOptions, startDesktop } from '../hosts/desktop.ts';

export { expect } from '@playwright/test';

interface Fixtures {
  dataDir: string;
  /** Starts one on `dataDir`; whatever is left of it is ended with the test. */
  start(options?: Partial<DesktopOptions>): Promise<Desktop>;
  desktop: Desktop;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from here.
  dataDir: async ({}, use) => {
    const dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-desktop-'));
    await use(dir);
    rmSync(dir, { recursive: true, force: true });
  },
  start: async ({ dataDir }, use) => {
    const started: Desktop[] = [];
    const pids = new Set<number>();
    await use(async (options = {}) => {
      const desktop = await startDesktop({ dataDir, ...options });
      started.push(desktop);
      for (const { pid } of family(desktop.process.pid ?? -1)) pids.add(pid);
      return desktop;
    });
    for (const desktop of started) await desktop.quit().catch(() => {});
    for (const pid of alive([...pids])) process.kill(pid, 'SIGKILL');
  },
  desktop: async ({ start }, use) => {
    await use(await start());
  },
});

/** Resolves once the page has a connection to the engine. */
export async function connected(desktop: Desktop): Promise<void> {
  await desktop.window.locator('[data-testid=connection][data-status=open]').waitFor();
}
