/**
 * The interface in a real browser, once in each language, and in the desktop window where one can be opened. The runner
 * finds the browser and passes it in; what was found of the desktop goes into the report, for the runner to say.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { defineConfig } from '@playwright/test';
import { findDesktop, thisMachine } from '../../src/main/host/desktop.ts';

const results = path.resolve(import.meta.dirname, '../../test-results');
const executablePath = process.env.FLEETDECK_CHROMIUM;
const zh = { systemLocale: 'zh-CN', colorScheme: 'dark' } as const;
const en = { systemLocale: 'en-GB', colorScheme: 'light' } as const;
/** Folders of specs about one host. */
const aboutDesktop = '**/e2e/desktop/**';
const aboutLoopback = '**/e2e/loopback/**';

/** Without a display one is started for the run, where its program is there. */
const needsDisplay = process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;
const desktop = findDesktop({ ...thisMachine(), display: !needsDisplay || hasXvfb() });

function hasXvfb(): boolean {
  try {
    execFileSync('Xvfb', ['-help'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export default defineConfig<{ hostName?: string; systemLocale?: string }>({
  testDir: import.meta.dirname,
  outputDir: path.join(results, 'e2e'),
  timeout: 120_000,
  expect: { timeout: 20_000 },
  // Half of a test is waiting for what the other side does.
  workers: 2,
  retries: 0,
  forbidOnly: true,
  metadata: { desktop: 'missing' in desktop ? desktop.missing : 'tested', chromium: executablePath ?? 'Chromium' },
  globalSetup: [
    path.join(import.meta.dirname, '../fixtures/temporary.ts'),
    ...('missing' in desktop || !needsDisplay ? [] : [path.join(import.meta.dirname, 'display.ts')]),
  ],
  reporter: [['list'], ['json', { outputFile: path.join(results, 'e2e.json') }]],
  use: {
    viewport: { width: 1440, height: 900 },
    // Recording every step takes a third of the time of a run; `--trace on` when one has to be looked into.
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(executablePath === undefined ? {} : { executablePath }),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    // What is about the host is the same in every language.
    { name: 'zh', testIgnore: [aboutDesktop, aboutLoopback], use: zh },
    { name: 'en', testIgnore: aboutDesktop, use: en },
    ...('missing' in desktop
      ? []
      : [{ name: 'electron', testIgnore: aboutLoopback, use: { ...zh, hostName: 'electron' } }]),
  ],
});
