/** Keys that work everywhere: the palette, the pages, the filter. Single letters only where nobody is typing. */
import { useEffect } from 'react';
import { useFrame } from '../stores/frame.ts';
import { navigate } from './router.ts';
import { usePages } from './use-pages.ts';

const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function paletteShortcut(): string {
  return mac ? '⌘K' : 'Ctrl+K';
}

export function pageShortcut(index: number): string {
  return mac ? `⌥${index}` : `Alt+${index}`;
}

/** Marks the input that "/" jumps to. */
export const FILTER_INPUT = 'data-filter-input';

export function useShortcuts(): void {
  const pages = usePages();
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        const { paletteOpen, setPaletteOpen } = useFrame.getState();
        setPaletteOpen(!paletteOpen);
        return;
      }
      if (event.altKey && !event.ctrlKey && !event.metaKey && /^Digit[1-9]$/.test(event.code)) {
        const page = pages[Number(event.code.slice(5)) - 1];
        if (page !== undefined) {
          event.preventDefault();
          navigate([page.path]);
        }
        return;
      }
      if (event.key === '/' && !isTyping(event.target)) {
        const filter = document.querySelector<HTMLInputElement>(`input[${FILTER_INPUT}]`);
        if (filter !== null) {
          event.preventDefault();
          filter.focus();
          filter.select();
        }
      }
    }
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [pages]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.closest('input, textarea, select, [contenteditable="true"], .monaco-editor') !== null)
  );
}
