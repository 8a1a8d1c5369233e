/** Contract of the engine as the hosts see it. Hosts (electron, loopback, cli) know nothing else of it. */
import type { Operator, RequestContext } from '#shared/contract/base.ts';
import type { Services } from '#shared/contract/services.ts';
import type { Settings } from '#shared/contract/system.ts';

/** Encrypts secrets at rest. Under Electron the shell supplies one backed by the keychain; else the engine makes one. */
export interface SecretBox {
  readonly backend: 'keychain' | 'keyFile' | 'passphrase';
  readonly keyFile?: string;
  /** Bytes that `open` of the same box turns back; bound to `context`, so that a value cannot be moved to another row. */
  seal(plain: string, context: string): Uint8Array | Promise<Uint8Array>;
  open(sealed: Uint8Array, context: string): string | Promise<string>;
}

export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export interface EngineOptions {
  dataDir: string;
  host: 'electron' | 'loopback' | 'cli';
  demo?: boolean;
  /** Given by the Electron shell; otherwise a key file in dataDir, or FLEETDECK_PASSPHRASE. */
  secretBox?: SecretBox;
  /** Told the person's settings at the start and after every change: menus and dialogs follow them. */
  onSettings?: (settings: Partial<Settings>) => void;
  log: Log;
}

export interface Engine {
  readonly services: Services;
  readonly operator: Operator;
  context(): RequestContext;
  /** Resolves when registered clusters and federations have been started (not: have answered). */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}
