/** The interface under app://fleetdeck/, served from its folder inside the application. */
import { protocol, type Session } from 'electron';
import { answer } from './interface-files.ts';
import { APP_SCHEME } from './url-gate.ts';

/** Before the application is ready: gives the scheme an origin, and nothing of a file's rights. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

export function serveInterface(session: Session, rendererDir: string): void {
  session.protocol.handle(APP_SCHEME, (request) => answer(request.url, request.method, rendererDir));
}
