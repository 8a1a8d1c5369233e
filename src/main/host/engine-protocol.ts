/**
 * What the desktop shell and its engine process say to each other. The channel is private to the two; it carries
 * commands and secrets to be sealed, never the contract itself, which runs over one port per window.
 */
import type { Settings } from '#shared/contract/system.ts';
import type { AppErrorShape } from '#shared/errors.ts';
import type { DemoOptions, DemoPaths } from './demo.ts';

export interface StartMessage {
  type: 'start';
  dataDir: string;
  /** Set for the demo: simulated clusters are started beside the engine. */
  demo: DemoOptions | null;
  /** Whether the shell can seal secrets with the operating system's keychain. */
  keychain: boolean;
}

export type ToEngine =
  | StartMessage
  /** A page wants a connection. As utility process it comes with a MessagePort; else frames follow under this number. */
  | { type: 'connect'; connection: number }
  | { type: 'frame'; connection: number; data: string }
  | { type: 'disconnect'; connection: number }
  | { type: 'secret'; call: number; result: string }
  | { type: 'secretFailed'; call: number; message: string }
  | { type: 'close' };

export type FromEngine =
  /** The engine serves; with the demo, its clusters may still be on their way. */
  | { type: 'ready' }
  | { type: 'failed'; error: AppErrorShape }
  /** At the start and after every change. */
  | { type: 'settings'; settings: Partial<Settings> }
  /** Every simulated cluster runs and has joined. */
  | { type: 'demoReady'; kubeconfigs: DemoPaths }
  | { type: 'frame'; connection: number; data: string }
  | { type: 'accepted'; connection: number }
  | { type: 'closed'; connection: number }
  /** `seal`: text in, base64 out; `open`: the other way round. */
  | { type: 'seal' | 'open'; call: number; value: string };
