/** Focus comes back to what opened a dialog, also where the dialog is taken away as a whole instead of being closed. */
import { useEffect, useState } from 'react';

export function useFocusBack(): void {
  // Before the dialog takes it: while this is rendered for the first time.
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      setTimeout(() => {
        if (document.activeElement !== document.body) return;
        if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
      });
    },
    [before],
  );
}
