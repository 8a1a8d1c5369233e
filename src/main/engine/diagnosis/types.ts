/**
 * Contracts of diagnosis. A cause is data: id of the catalogue, rank, sentences in both languages. Checks are pure
 * functions over an object and a world; what they find are hits, and a hit may be explained by others (`because`).
 */
import type { DiagnosisStep, Evidence, ObjectName, RemedyPatch, Unread, Words } from '#shared/contract/diagnosis.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { World } from './world.ts';

export interface CauseTexts {
  /** One sentence; `{name}` stands for a parameter of the hit. */
  says: string;
  /** What to do. */
  remedy: string;
}

export interface Cause {
  id: string;
  /**
   * Of several faults the one that ranks highest is told first. A node (90-99) explains what is on it, what was never
   * created (80-89) comes before scheduling (70-79), volumes and sandbox (60-69), image and configuration (50-59), exits
   * (40-49), probes (30-39), umbrellas that only name a symptom (below 20).
   */
  rank: number;
  zh: CauseTexts;
  en: CauseTexts;
  references?: readonly string[];
}

/** A value of a sentence: a cluster's own words as they are, ours in both languages. */
export type Param = string | number | Words;

export interface Hit {
  cause: string;
  object: ObjectName;
  verdict: 'fault' | 'warning';
  confidence: 'high' | 'medium' | 'low';
  params: Readonly<Record<string, Param>>;
  evidence: Evidence[];
  commands: string[];
  patch: RemedyPatch | null;
  /** Empty: this is a root cause as far as anybody can see. */
  because: Hit[];
}

/** One thing that is looked at. `needs`: kinds without which it cannot be said that nothing is wrong. */
export interface Check {
  id: string;
  title: Words;
  needs: readonly string[];
  run(object: KubeObject, world: World): Hit[];
  /** What was looked at, for a step where nothing is wrong. */
  looked(object: KubeObject, world: World): Evidence[];
}

export type { DiagnosisStep, Evidence, ObjectName, RemedyPatch, Unread, Words, World };
