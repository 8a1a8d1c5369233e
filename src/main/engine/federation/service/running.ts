/** A federation that runs, as the parts of the console beside the federations service use it. */
import type { KubeClient } from '../../kube/index.ts';
import type { ControlPlane } from '../controllers/control-plane.ts';
import type { WorkloadsSource } from './workloads.ts';

export interface Running extends WorkloadsSource {
  readonly id: string;
  readonly name: string;
  readonly plane: ControlPlane;
  /** Of the federation's own API server. */
  readonly client: KubeClient;
  /** Of a member by the name of its Cluster object; throws AppError when it cannot be used. */
  member(cluster: string): KubeClient;
}

export interface FederationAccess {
  /** Throws AppError NOT_FOUND, or why it is not running. */
  running(id: string): Running;
}
