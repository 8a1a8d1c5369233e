/**
 * How the page reaches the engine: over the desktop shell's message port when there is one, else by WebSocket to the
 * host that served the page. Either looks like a WebSocket to the client. No token is involved: the desktop port is
 * handed over by the shell, the loopback host knows the browser by its cookie.
 */
import { desktopBridge, desktopPort } from '#shared/transport/desktop-port.ts';
import { RPC_PATH } from '#shared/transport/endpoints.ts';
import { portSocketClass } from '#shared/transport/port-socket.ts';
import { promptSocketClass } from './prompt-socket.ts';

export interface SocketChoice {
  url: string;
  WebSocket?: typeof WebSocket;
}

export function chooseSocket(page: Window): SocketChoice {
  const bridge = desktopBridge(page);
  if (bridge !== null) return { url: 'port:engine', WebSocket: portSocketClass(desktopPort(page, bridge)) };
  const scheme = page.location.protocol === 'https:' ? 'wss' : 'ws';
  return { url: `${scheme}://${page.location.host}${RPC_PATH}`, WebSocket: promptSocketClass(WebSocket) };
}
