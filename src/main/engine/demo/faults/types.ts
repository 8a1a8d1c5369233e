/**
 * What a fault is: typed data, one file each under catalogue/. Most effects are data as well: something between the port
 * and the API server, or the behaviour annotation on an object, which the simulation follows. What takes more is staged
 * by two functions.
 */
import type { PortState } from '#engine/apiserver/index.ts';
import type { KubeClient } from '#engine/kube/index.ts';
import type { FaultId, FaultParameter, FaultScope, FaultValues } from '#shared/contract/demo.ts';
import type { Caches } from '../sim/world.ts';

export interface FaultDefinition {
  id: FaultId;
  scope: FaultScope;
  parameters: readonly FaultParameter[];
  effect: DoorEffect | AnnotationEffect | StagedEffect;
  /** The same for one claim or storage class alone, of a fault that concerns the whole cluster where none is named. */
  onStorage?: AnnotationEffect;
  /** Without it on one of its containers nothing could be seen to fail. */
  probe?: 'startupProbe' | 'livenessProbe' | 'readinessProbe';
}

/** What the fault does to a target that is given, or to what it is aimed at without one. */
export function effectOn(fault: FaultDefinition, target: string | null): FaultDefinition['effect'] {
  return fault.scope === 'cluster' && target !== null && fault.onStorage !== undefined ? fault.onStorage : fault.effect;
}

/** Disturbs whoever comes through the port; in-process controllers go on. */
export interface DoorEffect {
  kind: 'door';
  of(values: FaultValues, startedAt: number): Disturbance;
}

export interface Disturbance {
  port?: Exclude<PortState, 'open'>;
  /** Every request waits so long before it is looked at. */
  delayMs?: number;
  /** So many percent of the requests are answered with this status. */
  refusal?: { percent: number; status: 429 | 500 | 503 };
  /** End of the serving certificate, ms since the epoch. */
  certificateEnd?: number;
  clockOffsetMs?: number;
}

/** Puts a behaviour (kubelet/behaviour.ts) on the target; whoever finds the annotation there sees the fault as active. */
export interface AnnotationEffect {
  kind: 'annotation';
  /** `template`: on the pod template, so that a rollout begins, as with a bad release. */
  on: 'object' | 'template';
  behaviour(values: FaultValues): string;
  /** Values that mean the behaviour; undefined: it is not of this fault. */
  valuesOf(behaviour: string): FaultValues | undefined;
}

export interface StagedEffect {
  kind: 'staged';
  /** Also called when the demo starts again with the fault active: must be safe to repeat. */
  start(stage: Stage, target: string | null): Promise<void>;
  stop(stage: Stage, target: string | null): Promise<void>;
}

/** What staged effects work with. */
export interface Stage {
  client: KubeClient;
  /** The API server as a node's kubelet sees it: `system:node:<name>`. */
  as(user: string): KubeClient;
  caches: Caches;
  now(): number;
}

/** An annotation effect whose behaviour is always the same. */
export function behaviour(name: string, on: AnnotationEffect['on'] = 'object'): AnnotationEffect {
  return { kind: 'annotation', on, behaviour: () => name, valuesOf: (found) => (found === name ? {} : undefined) };
}
