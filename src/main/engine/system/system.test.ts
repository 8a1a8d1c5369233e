import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SystemInfo, type SystemService } from '#shared/contract/system.ts';
import { openStore, type Store } from '../store/index.ts';
import { createSystem } from './index.ts';

let dir: string;
let store: Store;
let system: SystemService;

beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-system-'));
  store = await openStore({ dir });
  system = createSystem({
    options: { dataDir: dir, host: 'loopback' },
    settings: store.settings,
    secretBox: store.secretBox,
    operator: { name: 'op', policy: 'admin' },
    heartbeatMs: 5,
  });
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

test('info says plainly how secrets are kept', () => {
  const info = SystemInfo.parse(system.info());
  expect(info.secrets).toEqual({ backend: 'keyFile', keyFile: path.join(dir, 'secrets.key') });
  expect(info).toMatchObject({ host: 'loopback', demo: false, operator: { name: 'op', policy: 'admin' } });
  expect(info.version).toMatch(/^\d+\.\d+\.\d+/);
});

test('settings are kept one by one, and a value this version does not know is left out', () => {
  expect(system.settings()).toEqual({});
  expect(system.updateSettings({ language: 'zh' })).toEqual({ language: 'zh' });
  expect(system.updateSettings({ theme: 'dark' })).toEqual({ language: 'zh', theme: 'dark' });
  store.settings.set('ui.theme', 'solarized');
  store.settings.set('ui.future', true);
  expect(system.settings()).toEqual({ language: 'zh' });
});

test('the heartbeat beats at once and again, and ends with its signal', async () => {
  const abort = new AbortController();
  const beats: string[] = [];
  for await (const beat of system.heartbeat(abort.signal)) {
    beats.push(beat.startedAt);
    if (beats.length === 3) abort.abort();
  }
  expect(beats).toEqual(Array(3).fill(system.info().startedAt));
});
