/**
 * All texts a person reads, in Chinese and English, and the pure functions that fetch them. Used by the interface, the
 * command line and the desktop shell alike. A key that does not exist does not compile; a key that one language lacks
 * does not compile either. Text from a cluster never goes through here: it is data, not a key.
 */
import i18next, { type i18n, type TFunction } from 'i18next';
import type { AppErrorShape } from '../errors.ts';
import { en } from './en/index.ts';
import type { KeyOf, TextParams } from './types.ts';
import { zh } from './zh/index.ts';

export type { TextParams } from './types.ts';
export type Language = 'zh' | 'en';
export type TextKey = KeyOf<typeof en>;
export const languages: readonly Language[] = ['zh', 'en'];

type Lookup = Record<Language, TFunction> & { exists: i18n['exists'] };
let opened: Lookup | undefined;

/** What fills texts in is made when the first text with values is asked for: most are shown as they are written. */
function lookup(): Lookup {
  if (opened !== undefined) return opened;
  const texts = i18next.createInstance();
  void texts.init({
    initAsync: false,
    resources: { en: { text: en }, zh: { text: zh } },
    lng: 'en',
    fallbackLng: false,
    ns: ['text'],
    defaultNS: 'text',
    // Texts are rendered as text nodes or printed; escaping for HTML would damage them.
    interpolation: { escapeValue: false, skipOnVariables: true },
    // A value nobody supplied leaves a gap, never a placeholder on the screen.
    missingInterpolationHandler: () => '',
  });
  opened = { en: texts.getFixedT('en'), zh: texts.getFixedT('zh'), exists: texts.exists.bind(texts) };
  return opened;
}

/** The text of `key` in `language`; `params` fill `{{name}}`, and `count` chooses the plural form. */
export function translate(language: Language, key: TextKey, params?: TextParams): string {
  return lookUp(language, key, params);
}

/** As `translate`, for keys that are only known at run time (hint keys in errors, column titles): undefined when there is none. */
export function translateIfKnown(language: Language, key: string, params?: TextParams): string | undefined {
  return lookup().exists(key, { lng: language, ...params }) ? lookUp(language, key, params) : undefined;
}

export interface ErrorText {
  /** One sentence: what happened. */
  title: string;
  /** What to do about it. */
  hint: string;
  /** Technical detail in English; may quote hostile text, render as text only. */
  detail: string;
}

/** What a person reads about a failure: never just the technical message. */
export function errorText(language: Language, error: AppErrorShape): ErrorText {
  const params: TextParams = {
    ...error.params,
    ...(error.cluster === undefined ? {} : { cluster: error.cluster }),
  };
  const ownHint = error.hint === undefined ? undefined : translateIfKnown(language, error.hint, params);
  const ownTitle =
    error.hint === undefined ? undefined : translateIfKnown(language, error.hint.replace('hints.', 'titles.'), params);
  const title = ownTitle ?? translate(language, `errors.${error.code}.title`, params);
  return {
    title: error.cluster === undefined ? title : translate(language, 'errors.inCluster', { ...params, title }),
    hint: ownHint ?? translate(language, `errors.${error.code}.hint`, params),
    detail: error.message,
  };
}

/** The language a person most likely wants, from a list of locale names in order of preference. */
export function preferredLanguage(locales: readonly string[]): Language {
  for (const locale of locales) {
    if (/^zh\b/i.test(locale)) return 'zh';
    if (/^en\b/i.test(locale)) return 'en';
  }
  return 'en';
}

const catalogues = { en, zh };
/** Texts that take no values, as they were first asked for. */
const plain: Record<Language, Map<string, string>> = { en: new Map(), zh: new Map() };

function lookUp(language: Language, key: string, params?: TextParams): string {
  if (params !== undefined) return filled(language, key, params);
  let text = plain[language].get(key);
  if (text === undefined) {
    text = written(language, key) ?? filled(language, key, {});
    plain[language].set(key, text);
  }
  return text;
}

/** Most texts are shown as they are written: a page asks for hundreds of them before its first paint. */
function written(language: Language, key: string): string | undefined {
  let at: unknown = catalogues[language];
  for (const part of key.split('.')) at = (at as Record<string, unknown> | undefined)?.[part];
  return typeof at === 'string' && !/\{\{|\$t\(|\s{2}/.test(at) ? at : undefined;
}

function filled(language: Language, key: string, params: TextParams): string {
  const text: unknown = lookup()[language](key, { ...params });
  return typeof text === 'string' ? text.replace(/\s{2,}/g, ' ') : key;
}
