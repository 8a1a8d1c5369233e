/**
 * The only code that runs between page and shell. Exposes two functions: to ask for a port to the engine, which is handed
 * on as a window message because it cannot cross the context bridge, and to save the page as a PDF file. Nothing else of
 * Electron reaches the page.
 */
import { contextBridge, ipcRenderer } from 'electron';
import { BRIDGE_NAME, type DesktopBridge, PDF_REQUEST, PORT_MESSAGE } from '#shared/transport/endpoints.ts';

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
  savePdf: (name) => ipcRenderer.invoke(PDF_REQUEST, name),
};
contextBridge.exposeInMainWorld(BRIDGE_NAME, bridge);
