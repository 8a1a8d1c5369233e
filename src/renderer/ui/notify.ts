/** Short notices that need no answer ("copied", "created"). Errors are shown where they happened, not here. */
import { App } from 'antd';
import { useMemo } from 'react';

export interface Notify {
  success(text: string): void;
  warning(text: string): void;
  info(text: string): void;
}

export function useNotify(): Notify {
  const { message } = App.useApp();
  return useMemo(
    () => ({
      success: (text) => void message.success(text),
      warning: (text) => void message.warning(text),
      info: (text) => void message.info(text),
    }),
    [message],
  );
}
