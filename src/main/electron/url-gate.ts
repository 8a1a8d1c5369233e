/** Which addresses leave the application, and which stay inside. Pure: addresses are parsed, never compared as text. */

/** Origin of the interface: `app://fleetdeck`. */
export const APP_SCHEME = 'app';
export const APP_HOST = 'fleetdeck';
export const APP_URL = `${APP_SCHEME}://${APP_HOST}/`;

/** Whether an address is a page of ours. */
export function isOurs(address: string): boolean {
  const url = URL.parse(address);
  return (
    url !== null &&
    url.protocol === `${APP_SCHEME}:` &&
    url.host === APP_HOST &&
    url.username === '' &&
    url.password === ''
  );
}

/** Whether an address is a file that a page of ours made in memory: `blob:app://fleetdeck/...`. */
export function isOwnFile(address: string): boolean {
  return address.startsWith('blob:') && isOurs(address.slice('blob:'.length));
}

/**
 * The address as it may be handed to the operating system, or null. Only https without credentials: every other scheme
 * can start programs.
 */
export function external(address: string): URL | null {
  const url = URL.parse(address);
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '') return null;
  return url.hostname === '' ? null : url;
}
