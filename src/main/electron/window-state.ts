/** Where the window was: read at start, written when it closes, mended when the screen it was on is gone. Pure but for the file. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const Stored = z.object({
  x: z.number().int().optional(),
  y: z.number().int().optional(),
  width: z.number().int().min(400).max(20_000),
  height: z.number().int().min(300).max(20_000),
  maximized: z.boolean().default(false),
});
export type WindowState = z.infer<typeof Stored>;

export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

const initial: WindowState = { width: 1440, height: 900, maximized: false };

export function readWindowState(file: string): WindowState {
  try {
    return Stored.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return initial;
  }
}

/** Losing it costs nothing but a place on the screen, so a full disk is no error here. */
export function writeWindowState(file: string, state: WindowState): void {
  try {
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
  } catch {
    // See above.
  }
}

/** The state as it fits the screens there are now: never larger than one, never out of sight. */
export function fitToScreens(state: WindowState, screens: readonly Area[]): WindowState {
  const seen = screens.find((screen) => state.x !== undefined && state.y !== undefined && shows(screen, state));
  const screen = seen ?? screens[0];
  if (screen === undefined) return state;
  const size = { width: Math.min(state.width, screen.width), height: Math.min(state.height, screen.height) };
  const place = seen === undefined ? {} : { x: state.x, y: state.y };
  return { ...size, ...place, maximized: state.maximized };
}

/** Enough of the title bar is on the screen to be dragged. */
function shows(screen: Area, { x = 0, y = 0, width }: WindowState): boolean {
  const visible = Math.min(x + width, screen.x + screen.width) - Math.max(x, screen.x);
  return visible >= 100 && y >= screen.y && y < screen.y + screen.height - 50;
}
