/**
 * How the interface reaches the engine, agreed on by both sides. On loopback: a WebSocket at RPC_PATH of the page's own
 * origin. Under Electron: a MessagePort that the preload script hands to the page (see `desktopPort`), used through
 * `portSocketClass`. Both carry the same tRPC text frames.
 */

/** Path of the WebSocket on the loopback server. */
export const RPC_PATH = '/rpc';

/** Largest frame a host accepts from the interface, in bytes: a pasted kubeconfig of 4 MB and its escapes fit. */
export const MAX_FRAME_BYTES = 12 * 1024 * 1024;

/** Largest number of calls in one frame. */
export const MAX_BATCH = 50;

/** Name under which the preload script exposes the bridge to the page: `window.fleetdeck`. */
export const BRIDGE_NAME = 'fleetdeck';

/** `data` of the window message that carries the port; a port cannot be returned through the context bridge. */
export const PORT_MESSAGE = 'fleetdeck:port';

/** Name of the request to save the page as PDF. */
export const PDF_REQUEST = 'fleetdeck:pdf';

/** All that the page can see of the desktop shell. */
export interface DesktopBridge {
  /** Asks for a fresh port to the engine; it arrives as a window message with `data === PORT_MESSAGE`. */
  requestPort(): void;
  /** Saves what the page would print as a PDF file, where the person says; resolves when that is decided. */
  savePdf?(name: string): Promise<void>;
}
