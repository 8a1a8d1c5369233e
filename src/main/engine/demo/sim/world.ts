/** What every controller of one simulated cluster works with: clients, shared caches, events, simulated time. */

import type { KubeClient, KubeTransport } from '#engine/kube/index.ts';
import type { Json, KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import type { StorageUse } from '../kubelet/local-storage.ts';
import type { ProbeAnswer } from '../kubelet/probing.ts';
import type { ClusterProfile } from '../profiles/profile.ts';
import type { Meter } from '../usage/meter.ts';
import type { Cache } from './cache.ts';
import type { EventRecorder } from './events.ts';
import type { Machines } from './machines.ts';
import type { Random } from './random.ts';

export interface World {
  readonly profile: ClusterProfile;
  /** One per component, so that managedFields name the right manager. */
  readonly clients: { manager: KubeClient; scheduler: KubeClient; kubelet: KubeClient };
  /** The API server as a pod sees it that speaks for somebody. */
  readonly api: (user: PodUser) => KubeTransport;
  readonly caches: Caches;
  /** What runs the kubelets. */
  readonly machines: Machines;
  readonly events: EventRecorder;
  /** From inside a container to the kubelet that runs it. */
  readonly signals: ContainerSignals;
  /** What containers, pods and nodes use. */
  readonly meter: Meter;
  readonly random: Random;
  /** Factor on simulated delays; 0 is at once. */
  readonly pace: number;
  now(): number;
  /** What nobody waits for: logged by the host of the fleet, never thrown. */
  report(error: unknown, where: string): void;
}

export interface PodUser {
  username: string;
  uid?: string;
  groups: string[];
}

export interface Caches {
  readonly pods: Cache;
  readonly nodes: Cache;
  readonly services: Cache;
  readonly endpoints: Cache;
  readonly endpointSlices: Cache;
  readonly deployments: Cache;
  readonly replicaSets: Cache;
  readonly replicationControllers: Cache;
  readonly daemonSets: Cache;
  readonly statefulSets: Cache;
  readonly jobs: Cache;
  readonly cronJobs: Cache;
  readonly volumeClaims: Cache;
  readonly volumes: Cache;
  readonly volumeAttachments: Cache;
  readonly csiNodes: Cache;
  readonly storageClasses: Cache;
  readonly volumeAttributesClasses: Cache;
  readonly namespaces: Cache;
  readonly disruptionBudgets: Cache;
  readonly revisions: Cache;
  readonly autoscalers: Cache;
  readonly ingresses: Cache;
  readonly ingressClasses: Cache;
  readonly networkPolicies: Cache;
  readonly resourceClaims: Cache;
  readonly resourceClaimTemplates: Cache;
}

/** A probe of a running container, whose pod's status may be behind. */
export interface ProbeRequest {
  /** Specification of the container, and of the probe. */
  spec: Json;
  probe: Json;
  containerId: string;
  /** Of the pod. */
  ip: string;
}

/** A container that has started. */
export interface LiveScript {
  spec: Json;
  containerId: string;
}

export interface ContainerSignals {
  /** Ends the first process of a running container; a kubelet fills this in. */
  terminate(pod: KubeObject, container: string, exitCode: number): void;
  /**
   * The exit code of a script that the container runs once, found by running it; null where it has none, or takes its time.
   * `attempt`: how often it was restarted. What has the shell fills this in.
   */
  outcome(pod: KubeObject, container: string, attempt: number): Promise<number | null>;
  /** Whether what the container runs is a script that is run for real: its end comes by `terminate`. */
  lives(pod: KubeObject, container: Json): boolean;
  /** A container has started; resolves when its script has done what it does first. Asked again for the same one it changes nothing. */
  begin(pod: KubeObject, live: LiveScript): Promise<void>;
  /** What a probe finds. What has the shell fills this in. */
  probe(pod: KubeObject, request: ProbeRequest): Promise<ProbeAnswer>;
  /** The program of a container was told to end and hears it: a script does what its `trap` says. What has the shell fills this in. */
  told(pod: KubeObject, live: LiveScript): Promise<void>;
  /** Runs a lifecycle hook of a container; false: it failed. What has the shell and the network fills this in. */
  hook(pod: KubeObject, live: LiveScript, hook: Json, signal: AbortSignal): Promise<boolean>;
  /**
   * What a container that has ended leaves as its termination message: its file, or the end of its log where its policy says
   * so; empty for none. Asked once: its files are gone then. The pod's status knows of the end.
   */
  lastWords(pod: KubeObject, ended: LiveScript, exitCode: number): Promise<string>;
  /** What kubelet says of a volume that cannot be mounted for what the machine has or lacks, or null. What has their files fills this in. */
  mountTrouble(pod: KubeObject): Promise<string | null>;
  /** What a pod has written to its node; null: nothing. What has the files fills this in. */
  storage(pod: KubeObject): Promise<StorageUse | null>;
  /** Somebody was in the container, so that what its probes find may be another thing; a kubelet fills this in. */
  touched(pod: KubeObject, container: string): void;
}

/** A running reconciler. */
export interface Controller {
  readonly name: string;
  stop(): Promise<void>;
}

/** PUT of the status subresource with the object's resource version as precondition; the answer goes to the cache. */
export async function updateStatus(
  client: KubeClient,
  ref: ResourceRef,
  cache: Cache,
  object: KubeObject,
  status: unknown,
): Promise<KubeObject> {
  const updated = await client.update(
    ref,
    { ...object, status: status as KubeObject['status'] },
    { namespace: object.metadata.namespace, subresource: 'status' },
  );
  cache.wrote(updated);
  return updated;
}
