/** How every window's page is confined (Electron's security checklist, items 2-6, 8-10, 20). Never relaxed. */
import path from 'node:path';
import type { WebPreferences } from 'electron';

export function webPreferences(appRoot: string): WebPreferences {
  return {
    preload: path.join(appRoot, 'dist', 'preload', 'preload.cjs'),
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    spellcheck: false,
  };
}
