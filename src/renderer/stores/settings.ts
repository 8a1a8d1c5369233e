/**
 * Language and theme. Kept in the browser so that the first paint is right, and in the engine's settings so that they
 * follow the person from the browser to the desktop window (`app/settings-sync.ts` carries them over).
 */
import { create } from 'zustand';
import { type Language, preferredLanguage } from '#shared/i18n/index.ts';

export type ThemeChoice = 'dark' | 'light' | 'system';

export interface SettingsState {
  language: Language;
  theme: ThemeChoice;
  /** True once the person, and not a default, has chosen: the engine's value does not override it then. */
  chosen: { language: boolean; theme: boolean };
  setLanguage(language: Language): void;
  setTheme(theme: ThemeChoice): void;
  /** Values the engine remembers from earlier; only where nothing was chosen here. */
  adopt(settings: { language?: Language | undefined; theme?: ThemeChoice | undefined }): void;
}

const KEY = 'fleetdeck.settings';

export interface Keeper {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

export function createSettings(keeper: Keeper, locales: readonly string[]) {
  const kept = readKept(keeper);
  return create<SettingsState>()((set, get) => {
    function keep() {
      const { language, theme, chosen } = get();
      keeper.setItem(
        KEY,
        JSON.stringify({ ...(chosen.language ? { language } : {}), ...(chosen.theme ? { theme } : {}) }),
      );
    }
    return {
      language: kept.language ?? preferredLanguage(locales),
      theme: kept.theme ?? 'system',
      chosen: { language: kept.language !== undefined, theme: kept.theme !== undefined },
      setLanguage(language) {
        set({ language, chosen: { ...get().chosen, language: true } });
        keep();
      },
      setTheme(theme) {
        set({ theme, chosen: { ...get().chosen, theme: true } });
        keep();
      },
      adopt(settings) {
        const { chosen } = get();
        if (settings.language !== undefined && !chosen.language) set({ language: settings.language });
        if (settings.theme !== undefined && !chosen.theme) set({ theme: settings.theme });
      },
    };
  });
}

function readKept(keeper: Keeper): { language?: Language; theme?: ThemeChoice } {
  try {
    const kept = JSON.parse(keeper.getItem(KEY) ?? '{}') as Record<string, unknown>;
    return {
      ...(kept['language'] === 'zh' || kept['language'] === 'en' ? { language: kept['language'] } : {}),
      ...(kept['theme'] === 'dark' || kept['theme'] === 'light' || kept['theme'] === 'system'
        ? { theme: kept['theme'] }
        : {}),
    };
  } catch {
    return {};
  }
}
