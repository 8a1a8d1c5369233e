/** The language a person reads on the command line, from the environment as gettext understands it. */
import type { Language } from '#shared/i18n/index.ts';

/** LANGUAGE, LC_ALL, LC_MESSAGES, LANG in this order; English unless Chinese is asked for. */
export function terminalLanguage(env: NodeJS.ProcessEnv = process.env): Language {
  const wanted = [env.FLEETDECK_LANG, env.LANGUAGE, env.LC_ALL, env.LC_MESSAGES, env.LANG].find(
    (value) => value !== undefined && value !== '',
  );
  return wanted?.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}
