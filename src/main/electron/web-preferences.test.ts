import { expect, test } from 'vitest';
import { webPreferences } from './web-preferences.ts';

test('pages are sandboxed, isolated and without Node', () => {
  expect(webPreferences('/app')).toMatchObject({
    preload: '/app/dist/preload/preload.cjs',
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
  });
});
