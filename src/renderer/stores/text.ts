/** The interface's texts in the person's language, switched at once everywhere. */
import type { AppErrorShape } from '#shared/errors.ts';
import {
  type ErrorText,
  errorText,
  type Language,
  type TextKey,
  type TextParams,
  translate,
  translateIfKnown,
} from '#shared/i18n/index.ts';
import { createSettings } from './settings.ts';

export const useSettings = createSettings(window.localStorage, navigator.languages);

export interface Text {
  language: Language;
  t(key: TextKey, params?: TextParams): string;
  /** For keys made from data; `otherwise` when there is no such text. */
  known(key: string, otherwise: string): string;
  /** A cluster's provider by the name it gives itself; an id that a person made up, as it is. */
  provider(id: string): string;
  error(shape: AppErrorShape): ErrorText;
  /** Numbers the way people of that language write them. */
  number(value: number, options?: Intl.NumberFormatOptions): string;
  dateTime(iso: string): string;
  /** An age in kubectl's short form, as it is read within a sentence. */
  elapsed(age: string): string;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

function makeText(language: Language): Text {
  const locale = language === 'zh' ? 'zh-CN' : 'en-GB';
  // Making these takes tens of milliseconds, so it waits for the first who needs one.
  let dateTime: Intl.DateTimeFormat | undefined;
  let plain: Intl.NumberFormat | undefined;
  const inWords = (iso: string): string => {
    const time = Date.parse(iso);
    if (Number.isNaN(time)) return iso;
    dateTime ??= new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
    return dateTime.format(time);
  };
  return {
    language,
    t: (key, params) => translate(language, key, params),
    known: (key, otherwise) => translateIfKnown(language, key) ?? otherwise,
    provider: (id) => translateIfKnown(language, `clusters.providers.${id}`) ?? id,
    error: ({ params, ...shape }) =>
      errorText(language, {
        ...shape,
        ...(params && {
          // The engine knows no zone and no locale: times come as it writes them.
          params: Object.fromEntries(
            Object.entries(params).map(([name, value]) => [
              name,
              TIME.test(String(value)) ? inWords(String(value)) : value,
            ]),
          ),
        }),
      }),
    number: (value, options) => {
      if (options !== undefined) return new Intl.NumberFormat(locale, options).format(value);
      plain ??= new Intl.NumberFormat(locale);
      return plain.format(value);
    },
    dateTime: inWords,
    elapsed: (age) =>
      age
        .replace(
          /(\d+)([ydhms])/g,
          (_all, count: string, unit: 's') => count + translate(language, `common.ageUnits.${unit}`),
        )
        .trim(),
  };
}
const made: Record<Language, Text> = { zh: makeText('zh'), en: makeText('en') };

export function useText(): Text {
  return made[useSettings((state) => state.language)];
}
