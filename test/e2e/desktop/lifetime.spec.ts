/** How the desktop application starts, comes back, and ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { findDesktop } from '../../../src/main/host/desktop.ts';
import { startDemo } from '../../fixtures/demo-process.ts';
import { alive, family } from '../../fixtures/processes.ts';
import { type Desktop, root } from '../hosts/desktop.ts';
import { connected, expect, test } from './fixtures.ts';

/** Starts the program as a second double click would; its exit code and what it wrote. */
async function startAgain(dataDir: string): Promise<{ code: number | null; stderr: string }> {
  const found = findDesktop();
  if ('missing' in found) throw new Error(found.missing);
  const child = spawn(found.electron, [root], {
    env: { ...process.env, FLEETDECK_DATA_DIR: dataDir, FLEETDECK_NO_DIALOGS: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, stderr };
}

/** The engine's process: Electron's utility process, or the child under FLEETDECK_ENGINE_NODE. */
async function enginePid({ app, process: main }: Desktop): Promise<number> {
  const utility = await app.evaluate(
    ({ app: electron }) => electron.getAppMetrics().find(({ name }) => name === 'Fleetdeck engine')?.pid,
  );
  if (utility !== undefined) return utility;
  const child = family(main.pid ?? -1).find(({ command }) => command.endsWith(path.join('main', 'engine.js')));
  if (child === undefined) throw new Error('no engine process');
  return child.pid;
}

test('an engine that dies is replaced, and the window connects to the new one by itself', async ({ desktop }) => {
  await connected(desktop);
  const first = await enginePid(desktop);
  process.kill(first, 'SIGKILL');
  await expect.poll(async () => await enginePid(desktop).catch(() => first)).not.toBe(first);
  await connected(desktop);
  await desktop.window.getByTestId('nav-settings').click();
  await expect(desktop.window.getByTestId('secrets-backend')).toBeVisible();
});

test('a page whose process dies is loaded again', async ({ desktop }) => {
  await connected(desktop);
  await desktop.app.evaluate(async ({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    const loaded = new Promise<void>((resolve) => contents?.once('did-finish-load', () => resolve()));
    contents?.forcefullyCrashRenderer();
    await loaded;
  });
  const status = `document.querySelector('[data-testid=connection]')?.dataset.status`;
  await expect
    .poll(() =>
      desktop.app.evaluate(
        ({ BrowserWindow }, script) => BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(script),
        status,
      ),
    )
    .toBe('open');
});

test('the window comes back where it was', async ({ start }) => {
  const first = await start();
  const bounds = { x: 40, y: 30, width: 1111, height: 777 };
  await first.app.evaluate(({ BrowserWindow }, wanted) => BrowserWindow.getAllWindows()[0]?.setBounds(wanted), bounds);
  await first.quit();
  const second = await start();
  const found = await second.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds());
  expect(found).toEqual(bounds);
});

test('a second start shows the window of the first and ends', async ({ desktop, dataDir }) => {
  await connected(desktop);
  await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
  expect((await startAgain(dataDir)).code).toBe(0);
  await expect
    .poll(() => desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((w) => w.isVisible())))
    .toEqual([true]);
});

test('a data directory that another program holds is named, and nothing is left running', async ({ dataDir }) => {
  const holder = await startDemo({ dataDir, clusters: 1 });
  try {
    const { code, stderr } = await startAgain(dataDir);
    expect(code).toBe(1);
    expect(stderr).toContain('DATA_DIR_LOCKED');
    expect(stderr).toContain(dataDir);
  } finally {
    await holder.stop();
  }
});

test('a damaged store is named and left as it is', async ({ dataDir }) => {
  writeFileSync(path.join(dataDir, 'fleetdeck.db'), 'no database '.repeat(500));
  const { code, stderr } = await startAgain(dataDir);
  expect(code).toBe(1);
  expect(stderr).toContain('STORE_DAMAGED');
});

for (const [how, end] of [
  [
    'closing the window',
    ({ app }: Desktop) => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close()),
  ],
  ['SIGTERM', async ({ process: main }: Desktop) => void main.kill('SIGTERM')],
  ['SIGINT', async ({ process: main }: Desktop) => void main.kill('SIGINT')],
] as const) {
  test(`${how} ends every process, with the simulated clusters, and is no failure`, async ({ start }) => {
    const desktop = await start({ clusters: 1 });
    await desktop.demo();
    const pids = family(desktop.process.pid ?? -1).map(({ pid }) => pid);
    expect(pids.length).toBeGreaterThan(4);
    const ended = once(desktop.process, 'exit');
    await end(desktop).catch(() => {
      // The answer may not come any more.
    });
    expect((await ended)[0]).toBe(0);
    await expect.poll(() => alive(pids)).toEqual([]);
  });
}

test('kill -9 of the shell takes the engine and the clusters along', async ({ start }) => {
  const desktop = await start({ clusters: 1 });
  await desktop.demo();
  const pids = family(desktop.process.pid ?? -1).map(({ pid }) => pid);
  desktop.process.kill('SIGKILL');
  await expect.poll(() => alive(pids)).toEqual([]);
});
