/** Scripts and transcripts as they are stored; see README.md beside this file. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };

export interface Script {
  name: string;
  about: string;
  steps: Step[];
}

/** Either waits for a background stream (`await`) or sends one request. */
export interface Step {
  id: string;
  await?: string;
  method: string;
  path: string;
  /** A null takes a header away that would be sent otherwise. */
  headers?: Record<string, string | null>;
  body?: Json;
  bodyBase64?: string;
  auth?: 'none' | { token: string };
  note?: string;
  /** Variable to path in the answer's body; the empty path is the whole body. */
  capture?: Record<string, string>;
  repeatUntil?: Condition;
  stream?: StreamOptions;
  background?: boolean;
  pick?: (string | string[])[];
  pickKeys?: string | string[];
  dropBody?: boolean;
  dropHeaders?: boolean;
  setup?: boolean;
}

/** What the answer has to be like before it is recorded. Times in milliseconds. */
export interface Condition {
  status?: number;
  path?: string;
  equals?: Json;
  exists?: boolean;
  length?: number;
  timeoutMs?: number;
  everyMs?: number;
}

export interface StreamOptions {
  untilEvents?: number;
  timeoutMs?: number;
  skipBookmarks?: boolean;
  collapseBookmarks?: boolean;
}

export interface Transcript {
  name: string;
  steps: RecordedStep[];
}

export interface RecordedStep {
  id: string;
  setup?: boolean;
  status?: number;
  headers?: Record<string, string | string[]>;
  body?: Json;
  events?: Json[];
  /** Why a stream ended: as many events as asked for, closed by the server, or nothing more came in time. */
  end?: 'events' | 'server' | 'timeout';
  neverHeld?: boolean;
}
