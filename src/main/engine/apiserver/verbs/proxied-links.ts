/**
 * Links of a page behind a proxy: those that begin at the root of its server lead back through the proxy. Start tags are
 * written anew as the real server does, all else is left byte for byte. Pure, linear in the length of the page.
 * Source: apimachinery pkg/util/proxy (Transport), the HTML standard's list of attributes that are URLs.
 */

/** Attributes that are URLs, by element. */
const LINKS: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['src', 'usemap', 'formaction'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
};
/** Elements whose content is text, whatever it looks like. */
const RAW = new Set(['iframe', 'noembed', 'noframes', 'script', 'style', 'textarea', 'title', 'xmp']);
const ATTRIBUTE = /([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/y;

/** `prefix`: path of the proxy, without a slash at its end. `host`: of the request. */
export function rewriteLinks(page: string, prefix: string, host: string): string {
  const out: string[] = [];
  let at = 0;
  while (at < page.length) {
    const open = page.indexOf('<', at);
    if (open < 0) break;
    out.push(page.slice(at, open));
    if (page.startsWith('<!--', open)) {
      at = after(page, '-->', open + 4);
      out.push(page.slice(open, at));
      continue;
    }
    const tag = startTag(page, open);
    // One that never ends: nothing after it is a tag.
    if (tag === 'open') {
      at = open;
      break;
    }
    if (tag === null) {
      out.push('<');
      at = open + 1;
      continue;
    }
    at = tag.end;
    const urls = LINKS[tag.name] ?? [];
    const attributes = tag.attributes.map(([name, value]): [string, string] => [
      name,
      urls.includes(name) ? rewriteUrl(value, prefix, host) : value,
    ]);
    const shown = attributes.map(([name, value]) => ` ${name}="${escaped(value)}"`).join('');
    out.push(`<${tag.name}${shown}${tag.closes ? '/' : ''}>`);
    if (!RAW.has(tag.name) || tag.closes) continue;
    const close = page.slice(at).search(new RegExp(`</${tag.name}`, 'i'));
    const end = close < 0 ? page.length : at + close;
    out.push(page.slice(at, end));
    at = end;
  }
  out.push(page.slice(at));
  return out.join('');
}

interface StartTag {
  name: string;
  attributes: [string, string][];
  closes: boolean;
  end: number;
}

/** Null where no start tag begins, `open` where one does that does not end. */
function startTag(page: string, open: number): StartTag | 'open' | null {
  const naming = /[a-zA-Z][^\s/>]*/y;
  naming.lastIndex = open + 1;
  const name = naming.exec(page)?.[0].toLowerCase();
  if (name === undefined) return null;
  const attributes: [string, string][] = [];
  let at = naming.lastIndex;
  while (at < page.length) {
    const char = page[at] ?? '';
    if (char === '>') return { name, attributes, closes: page[at - 1] === '/', end: at + 1 };
    ATTRIBUTE.lastIndex = at;
    const found = /[\s/"'=]/.test(char) ? null : ATTRIBUTE.exec(page);
    if (found === null) {
      at += 1;
      continue;
    }
    const [, key = '', double, single, bare] = found;
    attributes.push([key.toLowerCase(), unescaped(double ?? single ?? bare ?? '')]);
    at = ATTRIBUTE.lastIndex;
  }
  return 'open';
}

/** Only what is on the same host and begins at its root. */
function rewriteUrl(text: string, prefix: string, host: string): string {
  const [, own = '', rest = ''] = /^(?:(?:https?:)?\/\/([^/?#]*))?(.*)$/s.exec(text) ?? [];
  if (own !== '' && own !== host) return text;
  if (!rest.startsWith('/') || rest.startsWith(prefix)) return text;
  return own === '' ? prefix + rest : `${text.slice(0, text.length - rest.length)}${prefix}${rest}`;
}

function after(page: string, end: string, from: number): number {
  const found = page.indexOf(end, from);
  return found < 0 ? page.length : found + end.length;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', apos: "'", gt: '>', lt: '<', quot: '"' };

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|apos|gt|lt|quot));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll("'", '&#39;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&#34;');
}
