/** Who runs a federation: this workstation or a Karmada control plane elsewhere, how it moves between them, and who else manages a member. */
import { z } from 'zod';
import { moveSteps } from '../move-steps.ts';
import { AppErrorShape } from './error-shape.ts';

/** Somebody else who manages a member, as the member itself tells. Hostile text: shown, never believed. */
export const Manager = z.object({
  kind: z.enum(['fleetdeck', 'karmada']),
  /** Name of the other federation; empty when it does not say. */
  federation: z.string(),
  /** `user@host`; empty when it does not say. */
  holder: z.string(),
  /** ISO time. */
  since: z.string(),
  /** Last sign of life; null when it gives none. */
  lastSeen: z.string().nullable(),
});
export type Manager = z.infer<typeof Manager>;

/** What the console cannot do over a control plane that others run. */
export const externalLimits = [
  /** Why a decision was made is shown as it would be made now: its scheduler keeps no record. */
  'decisionsNotRecorded',
  /** Failover is set by flags and policies there. */
  'failoverNotSettable',
  /** What it sets right in members is not told. */
  'repairsNotTold',
  /** Optional features cannot be seen: whether one has an effect is unknown. */
  'featureGatesUnknown',
  /** Members are joined and removed there (karmadactl). */
  'membersNotSettable',
] as const;
export type ExternalLimit = (typeof externalLimits)[number];

/** A Karmada control plane that others run. */
export const ExternalControlPlane = z.object({
  server: z.string(),
  context: z.string(),
  /** Version of its API server. */
  kubernetes: z.string(),
  /** Karmada's version, where it can be seen. */
  karmada: z.string().nullable(),
  /** Whether requests to members pass through it (`clusters/NAME/proxy`), asked again and again; null while no member is ready. */
  memberProxy: z.boolean().nullable(),
  /** Kinds of Karmada that it does not serve, as `policy.karmada.io/v1alpha1 FederatedResourceQuota`. */
  missing: z.array(z.string()),
  limits: z.array(z.enum(externalLimits)),
});
export type ExternalControlPlane = z.infer<typeof ExternalControlPlane>;

/** What stands behind a kubeconfig, before a federation is made of it. */
export const ExternalInspection = z.object({
  contexts: z.array(z.string()),
  /** The one that was looked at. */
  context: z.string(),
  /** Null when it is no Karmada control plane or cannot be reached. */
  controlPlane: ExternalControlPlane.nullable(),
  problem: AppErrorShape.nullable(),
  /** Names of its members. */
  members: z.array(z.string()),
});
export type ExternalInspection = z.infer<typeof ExternalInspection>;

export const ExternalSource = z.object({
  /** Text of a kubeconfig. */
  kubeconfig: z.string().min(1).max(4_000_000),
  /** The current one when left out. */
  context: z.string().optional(),
});

/** A move of a federation from one engine to the other that has begun. */
export const Move = z.object({
  to: z.enum(['embedded', 'external']),
  step: z.enum(moveSteps),
  /** Within the step. */
  done: z.number(),
  total: z.number(),
  startedAt: z.string(),
  /** False: interrupted; it goes on when asked to, or is taken back. */
  running: z.boolean(),
  error: AppErrorShape.nullable(),
});
export type Move = z.infer<typeof Move>;

export const MoveObject = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  /** `same`: the target has it already. `replace`: the target has another one. */
  action: z.enum(['create', 'same', 'replace', 'refused']),
  /** Why the target refuses it. */
  error: AppErrorShape.nullable(),
});

/** What a move would do. Made by asking the target for everything as a dry run. */
export const MovePlan = z.object({
  to: z.enum(['embedded', 'external']),
  server: z.string(),
  members: z.array(
    z.object({
      name: z.string(),
      /** In the target. */
      state: z.enum(['ready', 'notReady', 'missing']),
    }),
  ),
  objects: z.array(MoveObject),
  /** Any of them stops the move from beginning. */
  blocked: z.array(AppErrorShape),
  warnings: z.array(AppErrorShape),
});
export type MovePlan = z.infer<typeof MovePlan>;

export const MoveInput = z.object({
  id: z.string(),
  to: z.enum(['embedded', 'external']),
  /** Where to: needed for `external`. */
  target: ExternalSource.optional(),
});
