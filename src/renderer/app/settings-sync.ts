/** Carries language and appearance between this page and the engine's settings: adopts once, then reports changes. */
import { useEffect } from 'react';
import { useConnection } from '../stores/connection.ts';
import { useSettings } from '../stores/text.ts';
import { engine } from './engine/client.ts';

export function useSettingsSync(): void {
  const connected = useConnection((state) => state.status === 'open');
  useEffect(() => {
    if (!connected) return;
    let current = true;
    // A setting that cannot be read or kept is no reason to disturb anybody: the browser keeps its own copy.
    engine.system.settings.query().then(
      (settings) => {
        if (current) useSettings.getState().adopt(settings);
      },
      () => undefined,
    );
    const stop = useSettings.subscribe((state, before) => {
      const change = {
        ...(state.language !== before.language && state.chosen.language ? { language: state.language } : {}),
        ...(state.theme !== before.theme && state.chosen.theme ? { theme: state.theme } : {}),
      };
      if (Object.keys(change).length > 0) engine.system.updateSettings.mutate(change).catch(() => undefined);
    });
    return () => {
      current = false;
      stop();
    };
  }, [connected]);
}
