/**
 * Files for the person, made in the page: saved as a download, or printed. Under the desktop shell a download asks where
 * to, and a PDF is made without the print dialogue; in a browser the dialogue of the browser offers both.
 */
import { desktopBridge } from '#shared/transport/desktop-port.ts';
import './print.css';

export interface TextFile {
  name: string;
  mediaType: string;
  text: string;
}

/** Long enough for a browser to have taken the content. */
const KEEP_MS = 60_000;

export function saveFile({ name, mediaType, text }: TextFile): void {
  const url = URL.createObjectURL(new Blob([text], { type: mediaType }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS);
}

/** Whether a PDF can be saved without the print dialogue. */
export function savesPdf(): boolean {
  return desktopBridge(window)?.savePdf !== undefined;
}

/**
 * Prints a page that comes as text, in the place of the interface, or saves it as PDF. It is parsed apart from the
 * document, so that nothing in it runs, and shown in a tree of its own, so that no style touches another.
 */
export async function printPage({ name, text }: TextFile): Promise<void> {
  // Style elements that are parsed carry no nonce; one that is made here gets it.
  const [before = '', css = '', after = ''] = text.split(/<\/?style>/);
  const parsed = new DOMParser().parseFromString(before + after, 'text/html');
  const host = document.createElement('div');
  host.id = 'print';
  const tree = host.attachShadow({ mode: 'closed' });
  const style = document.createElement('style');
  style.textContent = css.replaceAll(':root', ':host').replaceAll('body{', '.body{');
  tree.append(style);
  const body = document.createElement('div');
  body.className = 'body';
  body.append(...parsed.body.childNodes);
  tree.append(body);
  const title = document.title;
  document.body.append(host);
  document.documentElement.dataset['printing'] = 'true';
  document.title = name.replace(/\.html$/, '');
  try {
    const bridge = desktopBridge(window);
    if (bridge?.savePdf === undefined) window.print();
    else await bridge.savePdf(document.title);
  } finally {
    document.title = title;
    delete document.documentElement.dataset['printing'];
    host.remove();
  }
}
