/**
 * A case is one state a cluster can get into, as data: objects in a namespace of their own, with the status and the
 * events that a real cluster would show where the simulation does not come to them by itself. Ids are those of the
 * causes that a diagnosis knows.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';

export interface CaseEvent {
  reason: string;
  message: string;
  type?: 'Normal' | 'Warning';
  count?: number;
  component?: string;
  /** `spec.containers{app}` */
  fieldPath?: string;
}

export interface CaseObject {
  object: KubeObject;
  /** Written to the status subresource after the object was made. */
  status?: Json;
  events?: readonly CaseEvent[];
  /** Put by this user: `system:node:<name>`. */
  as?: string;
  /** Put when this pod of the case is ready. */
  after?: string;
  /** When an event of this reason is told of it, its events are taken away: as they are when they have expired. */
  forgets?: string;
  /** Asked to be deleted at once; something keeps it. */
  deleted?: boolean;
}

export interface CasePlace {
  /** The case's own. */
  namespace: string;
  /** A node that works. */
  node: string;
  /** The driver of the cluster's own disks. */
  driver: string;
  /** For a node of the case itself. */
  caseNode: string;
  /** As the API server writes times: now, and so many seconds ago. */
  ago(seconds: number): string;
}

export interface Case {
  id: string;
  /** What to diagnose: `kind/name`; the namespace is the case's where the kind has one. */
  target: string;
  objects(place: CasePlace): CaseObject[];
  /** An object that is changed for the time of the case: one of the cluster's own, or of the case when its pods run. */
  change?: {
    group: string;
    version: string;
    resource: string;
    namespace: string;
    name: string;
    /** When this pod of the case is ready. */
    after?: string;
    to: Json;
    back: Json;
  };
}
