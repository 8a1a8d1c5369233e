/** State of the window's frame that is nobody else's business: navigation width, palette, notices put away. */
import { create } from 'zustand';

export interface FrameState {
  narrow: boolean;
  paletteOpen: boolean;
  /** The notice about the key file was read; kept for this browser. */
  keyFileNoticeRead: boolean;
  setNarrow(narrow: boolean): void;
  setPaletteOpen(open: boolean): void;
  readKeyFileNotice(): void;
}

const KEY = 'fleetdeck.frame';
const kept = (window.localStorage.getItem(KEY) ?? '').split(' ');

export const useFrame = create<FrameState>()((set, get) => {
  function keep() {
    const { narrow, keyFileNoticeRead } = get();
    window.localStorage.setItem(
      KEY,
      [narrow ? 'narrow' : '', keyFileNoticeRead ? 'key-file' : ''].filter((word) => word !== '').join(' '),
    );
  }
  return {
    narrow: kept.includes('narrow'),
    paletteOpen: false,
    keyFileNoticeRead: kept.includes('key-file'),
    setNarrow(narrow) {
      set({ narrow });
      keep();
    },
    setPaletteOpen: (paletteOpen) => set({ paletteOpen }),
    readKeyFileNotice() {
      set({ keyFileNoticeRead: true });
      keep();
    },
  };
});
