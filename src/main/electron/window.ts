/** The window: confined, placed where it was, shown when it has something to show. */
import path from 'node:path';
import { BrowserWindow, nativeTheme, screen } from 'electron';
import { trust } from './senders.ts';
import { APP_URL } from './url-gate.ts';
import { webPreferences } from './web-preferences.ts';
import { fitToScreens, readWindowState, writeWindowState } from './window-state.ts';

/** Shown after this time even if the page is not ready: an empty window tells more than none. */
const SHOW_MS = 3000;
/** A page that crashed is loaded again, but not for ever. */
const MAX_CRASHES = 3;

export function openWindow(appRoot: string, userDir: string): BrowserWindow {
  const file = path.join(userDir, 'window.json');
  const state = fitToScreens(
    readWindowState(file),
    screen.getAllDisplays().map((display) => display.workArea),
  );
  const { maximized, ...bounds } = state;
  const window = new BrowserWindow({
    ...bounds,
    minWidth: 900,
    minHeight: 600,
    show: false,
    title: 'Fleetdeck',
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#141414' : '#ffffff',
    autoHideMenuBar: true,
    webPreferences: webPreferences(appRoot),
  });
  trust(window.webContents);
  if (maximized) window.maximize();
  const show = (): void => {
    if (!window.isDestroyed() && !window.isVisible()) window.show();
  };
  window.once('ready-to-show', show);
  setTimeout(show, SHOW_MS);
  window.on('close', () => writeWindowState(file, { ...window.getNormalBounds(), maximized: window.isMaximized() }));
  let crashes = 0;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    crashes += 1;
    if (crashes <= MAX_CRASHES) window.webContents.reload();
  });
  void window.loadURL(APP_URL).catch(() => {});
  return window;
}
