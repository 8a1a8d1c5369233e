/** Whether the engine can be talked to right now. Written by `app/engine/client.ts` alone, read by banner and live data. */
import { create } from 'zustand';

export interface ConnectionState {
  /** `connecting`: the first attempt; `lost`: it was open and is being re-established. */
  status: 'connecting' | 'open' | 'lost';
  /** ISO time of the last change of status. */
  since: string;
  /** Failed attempts since the connection was last open. */
  attempts: number;
  /** Counts connections: whatever was subscribed must be asked for again when it changes. */
  epoch: number;
  /** Start time of the engine as its heartbeat gives it; another value means another process. */
  engineStartedAt: string | null;
}

export interface ConnectionStore extends ConnectionState {
  opened(): void;
  failed(): void;
  heartbeat(startedAt: string): void;
}

export const useConnection = create<ConnectionStore>()((set) => ({
  status: 'connecting',
  since: new Date().toISOString(),
  attempts: 0,
  epoch: 0,
  engineStartedAt: null,
  opened: () =>
    set((state) => ({ status: 'open', since: new Date().toISOString(), attempts: 0, epoch: state.epoch + 1 })),
  failed: () =>
    set((state) =>
      state.status === 'open'
        ? { status: 'lost', since: new Date().toISOString(), attempts: 1 }
        : { attempts: state.attempts + 1 },
    ),
  heartbeat: (startedAt) => set({ engineStartedAt: startedAt }),
}));
