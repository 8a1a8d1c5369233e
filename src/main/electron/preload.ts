/**
 * The only code that runs between page and shell. Exposes one function, to ask for a port to the engine; the port is
 * handed on as a window message because it cannot cross the context bridge. Nothing else of Electron reaches the page.
 */
import { contextBridge, ipcRenderer } from 'electron';
import { BRIDGE_NAME, type DesktopBridge, PORT_MESSAGE } from '#shared/transport/endpoints.ts';

/** What of the page's window is used; this file is built without the DOM's types like everything on this side. */
declare const window: {
  location: { origin: string };
  postMessage(message: unknown, origin: string, transfer: readonly unknown[]): void;
};

ipcRenderer.on(PORT_MESSAGE, ({ ports }) => {
  window.postMessage(PORT_MESSAGE, window.location.origin, [...ports]);
});

const bridge: DesktopBridge = {
  requestPort: () => ipcRenderer.send(PORT_MESSAGE),
};
contextBridge.exposeInMainWorld(BRIDGE_NAME, bridge);
