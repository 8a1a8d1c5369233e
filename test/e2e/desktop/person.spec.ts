/** What the desktop shell says to the person: menu and look in their language, and how their secrets are kept. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Desktop } from '../hosts/desktop.ts';
import { connected, expect, test } from './fixtures.ts';

function menuLabels({ app }: Desktop): Promise<string[]> {
  return app.evaluate(({ Menu }) =>
    (Menu.getApplicationMenu()?.items ?? []).flatMap(({ label, submenu }) => [
      label,
      ...(submenu?.items ?? []).map((item) => item.label),
    ]),
  );
}

test('the menu speaks the language of the system', async ({ start }) => {
  const labels = await menuLabels(await start({ locale: 'zh-CN' }));
  expect(labels).toEqual(expect.arrayContaining(['文件', '退出', '编辑', '复制', '视图', '窗口']));
  expect(labels.join('')).not.toMatch(/[A-Za-z]/);
});

test('menu and system look follow what is chosen in the interface, also at the next start', async ({ start }) => {
  const first = await start({ locale: 'en-GB' });
  expect(await menuLabels(first)).toEqual(expect.arrayContaining(['File', 'Quit', 'Edit', 'View', 'Window']));
  await connected(first);
  await first.window.getByTestId('language-switch').click();
  await expect.poll(() => menuLabels(first)).toContain('文件');
  await first.window.getByTestId('theme-switch').click();
  await first.window.getByRole('menuitem').first().click();
  const look = ({ app }: Desktop) => app.evaluate(({ nativeTheme }) => nativeTheme.themeSource);
  await expect.poll(() => look(first)).not.toBe('system');
  const chosen = await look(first);
  await first.quit();
  const second = await start({ locale: 'en-GB' });
  await connected(second);
  await expect.poll(() => menuLabels(second)).toContain('文件');
  expect(await look(second)).toBe(chosen);
});

test('the settings say what protects the secrets: the keychain where there is one, else a key file', async ({
  desktop,
}) => {
  await connected(desktop);
  const backend = await desktop.app.evaluate(({ safeStorage }) =>
    process.platform === 'linux' ? safeStorage.getSelectedStorageBackend() : 'system',
  );
  const keychain = !['basic_text', 'unknown'].includes(backend);
  await expect(desktop.window.getByTestId('key-file-notice')).toHaveCount(keychain ? 0 : 1);
  await desktop.window.getByTestId('nav-settings').click();
  await expect(desktop.window.getByTestId('secrets-backend')).toHaveAttribute(
    'data-backend',
    keychain ? 'keychain' : 'keyFile',
  );
});

test('the page is saved as PDF where the person says; the page may name the file, not the place', async ({
  desktop,
  dataDir,
}) => {
  await connected(desktop);
  const file = path.join(dataDir, '报告.pdf');
  await desktop.app.evaluate(({ dialog }, chosen) => {
    const asked = globalThis as { asked?: string };
    dialog.showSaveDialog = (async (...args: { defaultPath?: string }[]) => {
      asked.asked = args.at(-1)?.defaultPath ?? '';
      return { canceled: false, filePath: chosen };
    }) as typeof dialog.showSaveDialog;
  }, file);
  await desktop.window.evaluate(() =>
    (window as unknown as { fleetdeck: { savePdf(name: string): Promise<void> } }).fleetdeck.savePdf('../../etc/报告'),
  );
  const offered = await desktop.app.evaluate(({ app }) => ({
    path: (globalThis as { asked?: string }).asked,
    folder: app.getPath('documents'),
  }));
  expect(offered.path).toBe(path.join(offered.folder, '报告.pdf'));
  const bytes = readFileSync(file);
  expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
  expect(bytes.length).toBeGreaterThan(5_000);
});
