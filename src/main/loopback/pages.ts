/** The few pages the server writes itself: what a browser shows that has not been let in. No script, no outside file. */
import type { IncomingHttpHeaders } from 'node:http';
import { type Language, translate } from '#shared/i18n/index.ts';

export type PageReason = 'noSession' | 'foreign' | 'notFound' | 'noInterface';

const STYLE =
  'body{font:15px/1.6 system-ui,sans-serif;max-width:38rem;margin:15vh auto;padding:0 1.5rem;color-scheme:light dark}' +
  'h1{font-size:1.25rem;margin:0 0 .5rem}';

/** A complete HTML document in the browser's language. Contains fixed texts only, nothing from the request. */
export function page(reason: PageReason, headers: IncomingHttpHeaders): string {
  const language = browserLanguage(headers['accept-language']);
  const text = (key: 'title' | 'what'): string => escapeHtml(translate(language, `host.page.${reason}.${key}`));
  return (
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>Fleetdeck</title>` +
    `<style>${STYLE}</style></head><body><h1>${text('title')}</h1><p>${text('what')}</p></body></html>`
  );
}

/** The first of our languages that the header names; English otherwise. */
export function browserLanguage(header: string | undefined): Language {
  const first = /\b(zh|en)\b/i.exec(header ?? '')?.[1]?.toLowerCase();
  return first === 'zh' ? 'zh' : 'en';
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
