/**
 * The desktop shell. Thin: it confines pages, opens the window, keeps the engine process running and seals secrets with
 * the keychain. Everything the application does is done by the engine, through the contract.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { app, type BrowserWindow, dialog, ipcMain, nativeTheme, session } from 'electron';
import type { AppErrorShape } from '#shared/errors.ts';
import { errorText, type Language, translate } from '#shared/i18n/index.ts';
import { PDF_REQUEST, PORT_MESSAGE } from '#shared/transport/endpoints.ts';
import type { DemoOptions } from '../host/demo.ts';
import { untilAskedToEnd } from '../host/lifetime.ts';
import { appRoot, defaultDataDir, rendererDir } from '../host/locations.ts';
import { confineContents, confineSession } from './confinement.ts';
import { launchEngine, type PageFrame } from './engine-handles.ts';
import { EngineLauncher, type EngineNews } from './engine-launcher.ts';
import { savePdf } from './files.ts';
import { answerSecret, keychainAvailable } from './keychain.ts';
import { setMenu } from './menu.ts';
import { registerScheme, serveInterface } from './protocol.ts';
import { isTrusted } from './senders.ts';
import { openWindow } from './window.ts';

const dataDir = defaultDataDir();
const userDir = path.join(dataDir, 'desktop');

let window: BrowserWindow | null = null;
let launcher: EngineLauncher<PageFrame> | null = null;

/** Chosen in the interface; the system's until it was. */
let chosenLanguage: Language | undefined;

function language(): Language {
  return chosenLanguage ?? (app.getLocale().toLowerCase().startsWith('zh') ? 'zh' : 'en');
}

function hear(news: EngineNews): void {
  if (news.type === 'demoReady') {
    // For whoever started us: the command line, a script, a test.
    process.stdout.write(`${JSON.stringify({ ready: true, dataDir, kubeconfigs: news.kubeconfigs })}\n`);
    return;
  }
  nativeTheme.themeSource = news.settings.theme ?? 'system';
  if (news.settings.language === chosenLanguage) return;
  chosenLanguage = news.settings.language;
  setMenu(language(), process.platform);
}

function fatal(error: AppErrorShape): void {
  const text = errorText(language(), error);
  const title = error.code === 'ENGINE_UNAVAILABLE' ? translate(language(), 'host.desktop.engineLost') : text.title;
  const detail =
    error.code === 'ENGINE_UNAVAILABLE'
      ? translate(language(), 'host.desktop.engineLostText', { detail: text.detail })
      : `${text.hint}\n\n${text.detail}`;
  process.stderr.write(`${title} [${error.code}]\n${detail}\n`);
  // Without a terminal to read it in, the person has to see it; with one, a window nobody can answer would only hang.
  if (process.env.FLEETDECK_NO_DIALOGS === undefined) dialog.showErrorBox(title, detail);
  app.exit(1);
}

function demoOptions(): DemoOptions | null {
  const text = process.env.FLEETDECK_DEMO;
  return text === undefined || text === '' ? null : (JSON.parse(text) as DemoOptions);
}

async function run(): Promise<void> {
  await app.whenReady();
  setMenu(language(), process.platform);
  confineSession(session.defaultSession);
  serveInterface(session.defaultSession, rendererDir);
  const engine = new EngineLauncher<PageFrame>({
    launch: () => launchEngine(appRoot, process.env.FLEETDECK_ENGINE_NODE),
    start: { type: 'start', dataDir, demo: demoOptions(), keychain: await keychainAvailable(process.platform) },
    secrets: answerSecret,
    onNews: hear,
    onFatal: fatal,
  });
  launcher = engine;
  engine.start();
  ipcMain.on(PORT_MESSAGE, (event) => {
    if (!isTrusted(event)) return;
    const frame = event.senderFrame;
    engine.connect(() =>
      frame === null || frame.isDestroyed() ? null : { give: (port) => frame.postMessage(PORT_MESSAGE, null, [port]) },
    );
  });
  ipcMain.handle(PDF_REQUEST, async (event, name: unknown) => {
    if (isTrusted(event)) await savePdf(event.sender, String(name));
  });
  show();
}

function show(): void {
  if (window === null || window.isDestroyed()) {
    window = openWindow(appRoot, userDir);
    return;
  }
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

mkdirSync(userDir, { recursive: true, mode: 0o700 });
// A terminal or script that no longer reads is no reason for an error box.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
// The lock is per profile, so that a demo and the person's own application run side by side.
app.setPath('userData', userDir);
app.enableSandbox();
registerScheme();
if (!app.requestSingleInstanceLock()) {
  app.exit(0);
} else {
  confineContents(language);
  app.on('second-instance', show);
  app.on('activate', show);
  app.on('window-all-closed', () => app.quit());
  let ended = false;
  app.on('will-quit', (event) => {
    if (ended || launcher === null) return;
    event.preventDefault();
    void launcher.close().finally(() => {
      ended = true;
      app.quit();
    });
  });
  void untilAskedToEnd().then(() => app.quit());
  void run();
}
