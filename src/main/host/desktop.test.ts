import { describe, expect, test } from 'vitest';
import { findDesktop, type Machine } from './desktop.ts';

function machine(change: Partial<Machine> & { files?: Record<string, string> }): Machine {
  const files = change.files ?? { '/app/node_modules/electron/dist/electron': '' };
  return {
    env: {},
    display: true,
    platform: 'linux',
    uid: 1000,
    root: '/app',
    exists: (file) => file in files,
    read: (file) => files[file] ?? null,
    ...change,
  };
}

describe('whether a desktop window can be opened', () => {
  test('binary, display and an ordinary user: yes', () => {
    expect(findDesktop(machine({}))).toEqual({ electron: '/app/node_modules/electron/dist/electron' });
  });

  test('a binary elsewhere counts', () => {
    const found = findDesktop(
      machine({
        env: { ELECTRON_OVERRIDE_DIST_PATH: '/opt/electron' },
        files: { '/opt/electron/electron': '' },
      }),
    );
    expect(found).toEqual({ electron: '/opt/electron/electron' });
  });

  test('says what is missing', () => {
    expect(findDesktop(machine({ files: {} }))).toEqual({ missing: 'noElectron' });
    expect(findDesktop(machine({ display: false }))).toEqual({ missing: 'noDisplay' });
    expect(findDesktop(machine({ uid: 0 }))).toEqual({ missing: 'root' });
  });

  test('on macOS the binary is inside the application bundle', () => {
    const name = 'Electron.app/Contents/MacOS/Electron';
    const found = findDesktop(
      machine({
        platform: 'darwin',
        files: { '/app/node_modules/electron/path.txt': name, [`/app/node_modules/electron/dist/${name}`]: '' },
      }),
    );
    expect(found).toEqual({ electron: `/app/node_modules/electron/dist/${name}` });
  });
});
