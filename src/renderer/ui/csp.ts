/**
 * The nonce that lets style elements made by script through the content security policy. The host writes it into the
 * page in the place of a word; without a host (a plain development server) the word is still there, and no nonce needed.
 */
const placed = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;

const cspNonce: string | undefined =
  placed === undefined || placed === '' || placed === '__CSP_NONCE__' ? undefined : placed;

/**
 * Gives the nonce to every style element made from now on. The component library takes a nonce as a setting but forgets
 * it in places (its scroll lock), the editor takes none: so it is done once, where elements are made.
 */
export function addNonceToStyleElements(): void {
  if (cspNonce === undefined) return;
  const nonce = cspNonce;
  const create = document.createElement.bind(document) as (
    name: string,
    options?: ElementCreationOptions,
  ) => HTMLElement;
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = create(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  }) as typeof document.createElement;
}
