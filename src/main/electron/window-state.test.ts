import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fitToScreens, readWindowState, writeWindowState } from './window-state.ts';

const screen = { x: 0, y: 0, width: 1920, height: 1080 };

describe('where the window was', () => {
  test('is kept between starts; a damaged file is a first start', () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-window-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const file = path.join(dir, 'window.json');
    const first = readWindowState(file);
    expect(first).toMatchObject({ maximized: false });
    const state = { x: 10, y: 20, width: 1000, height: 700, maximized: true };
    writeWindowState(file, state);
    expect(readWindowState(file)).toEqual(state);
    writeFileSync(file, '{"width":');
    expect(readWindowState(file)).toEqual(first);
  });

  test('stays when it is on a screen', () => {
    const state = { x: 100, y: 100, width: 1000, height: 700, maximized: false };
    expect(fitToScreens(state, [screen])).toEqual(state);
  });

  test('comes back when its screen is gone, and shrinks to a smaller one', () => {
    const away = { x: 2500, y: 100, width: 2400, height: 1300, maximized: false };
    expect(fitToScreens(away, [screen])).toEqual({ width: 1920, height: 1080, maximized: false });
  });
});
