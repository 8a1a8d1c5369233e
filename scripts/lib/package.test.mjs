import { describe, expect, test } from 'vitest';
import { distribution, explain } from './package.mjs';

const machine = { platform: 'linux', arch: 'x64' };
const unpacked = { dir: '/opt/electron', archives: null, version: '45.0.0' };
const archives = (/** @type {string[]} */ ...names) => ({ dir: '/mirror', archives: names, version: null });
const choose = (/** @type {string[]} */ args, /** @type {Parameters<typeof distribution>[1]} */ found) =>
  distribution(args, found, '45.0.0', machine);

describe('the program files a package is made of', () => {
  test('are fetched for both architectures when there are none here', () => {
    expect(choose([], null)).toEqual(['--x64', '--arm64']);
    expect(choose(['--win', '--arm64'], null)).toEqual([]);
  });

  test('unpacked ones serve this platform and architecture only', () => {
    expect(choose(['--dir'], unpacked)).toEqual(['-c.electronDist=/opt/electron', '--x64']);
    expect(choose(['--linux', '--x64'], unpacked)).toEqual(['-c.electronDist=/opt/electron']);
    expect(() => choose(['--arm64'], unpacked)).toThrow('linux-x64 only');
    expect(() => choose(['--mac'], unpacked)).toThrow('linux-x64 only');
    expect(() => choose(['-w'], unpacked)).toThrow('linux-x64 only');
  });

  test('of another version are refused', () => {
    expect(() => choose([], { ...unpacked, version: '44.0.0' })).toThrow('this checkout needs 45.0.0');
  });

  test('archives serve what they are there for, and a missing one is named', () => {
    const found = archives('electron-v45.0.0-linux-x64.zip', 'electron-v45.0.0-win32-arm64.zip');
    expect(choose(['--x64'], found)).toEqual(['-c.electronDist=/mirror']);
    expect(choose(['--win', '--arm64'], found)).toEqual(['-c.electronDist=/mirror']);
    expect(() => choose([], found)).toThrow('lacks electron-v45.0.0-linux-arm64.zip');
  });
});

test('a machine that cannot fetch is told what to provide; any other failure speaks for itself', () => {
  expect(explain('  ⨯ getaddrinfo ENOTFOUND mirror.example', '45.0.0')).toContain('electron-v45.0.0-PLATFORM-ARCH.zip');
  expect(explain('Cannot read icon', '45.0.0')).toContain('its own words');
});
