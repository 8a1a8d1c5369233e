/** The page's side of the desktop bridge: one promise per port asked for, answered in the order they arrive. */
import { BRIDGE_NAME, type DesktopBridge, PORT_MESSAGE } from './endpoints.ts';
import type { PortLike } from './port-socket.ts';

/** What is used of `window`; a test passes a plain object. */
export interface PageWindow {
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

/** The bridge, when the page runs in the desktop shell. */
export function desktopBridge(page: object): DesktopBridge | null {
  return ((page as Record<string, unknown>)[BRIDGE_NAME] as DesktopBridge | undefined) ?? null;
}

/**
 * Returns the function that `portSocketClass` wants. Messages from anything but this very window are ignored: the
 * preload script posts to its own window, a frame or an opener would not be.
 */
export function desktopPort(page: PageWindow, bridge: DesktopBridge): () => Promise<PortLike> {
  const waiting: ((port: PortLike) => void)[] = [];
  page.addEventListener('message', (event) => {
    if (event.data !== PORT_MESSAGE || event.source !== (page as unknown) || event.ports[0] === undefined) return;
    const next = waiting.shift();
    if (next === undefined) event.ports[0].close();
    else next(event.ports[0] as unknown as PortLike);
  });
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      bridge.requestPort();
    });
}
