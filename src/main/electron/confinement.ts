/**
 * What a page may not do (Electron's security checklist, items 5 and 11-15): no permissions but writing the clipboard,
 * no navigation, no windows, no devices; links leave through the gate, after the person has seen the host.
 */
import { app, BrowserWindow, dialog, type Session, shell, type WebContents } from 'electron';
import { type Language, translate } from '#shared/i18n/index.ts';
import { external, isOurs, isOwnFile } from './url-gate.ts';

/** The one permission the interface needs: the buttons that copy a name or a command. */
const ALLOWED = 'clipboard-sanitized-write';

export function confineSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, decide, details) =>
    decide(permission === ALLOWED && isOurs(details.requestingUrl)),
  );
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === ALLOWED && isOurs(`${origin.replace(/\/$/, '')}/`),
  );
  session.setDevicePermissionHandler(() => false);
  session.on('select-hid-device', (event, _details, choose) => {
    event.preventDefault();
    choose(null);
  });
  // Files that a page of ours has made itself; the system asks the person where to.
  session.on('will-download', (event, item) => {
    if (!isOwnFile(item.getURL())) event.preventDefault();
  });
}

/** Every page that is ever made, not only those we open. */
export function confineContents(language: () => Language): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => {
      if (!isOurs(event.url)) event.preventDefault();
    });
    contents.on('will-frame-navigate', (event) => {
      if (!isOurs(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      void openExternally(contents, url, language());
      return { action: 'deny' };
    });
  });
}

/** Opens an https address in the person's browser when they agree to the host; anything else is dropped. */
async function openExternally(contents: WebContents, address: string, language: Language): Promise<void> {
  const url = external(address);
  if (url === null) return;
  const text = {
    type: 'question' as const,
    message: translate(language, 'host.desktop.openTitle'),
    detail: `${translate(language, 'host.desktop.openText', { host: url.host })}\n\n${url.href.slice(0, 300)}`,
    buttons: [translate(language, 'host.desktop.open'), translate(language, 'host.desktop.cancel')],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  };
  const window = BrowserWindow.fromWebContents(contents);
  const { response } = await (window === null ? dialog.showMessageBox(text) : dialog.showMessageBox(window, text));
  if (response === 0) await shell.openExternal(url.href);
}
