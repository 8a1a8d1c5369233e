/**
 * A case is one state a cluster can get into, as data: objects in a namespace of their own, from which the simulation comes
 * to the state by itself. Ids are those of the causes that a diagnosis knows.
 */
import type { FurtherCheck } from '#shared/diagnosis.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';

export interface CaseObject {
  object: KubeObject;
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
}

export interface Case {
  id: string;
  /** What to diagnose: `kind/name`; the namespace is the case's where the kind has one. */
  target: string;
  objects(place: CasePlace): CaseObject[];
  /** What has to be chosen beyond reading, for it to be found. */
  further?: FurtherCheck;
  /** Every machine leaves the cluster for the time of the case. */
  takesNodes?: boolean;
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
