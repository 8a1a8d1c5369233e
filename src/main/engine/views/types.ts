/** What views need from others. */
import type { Target } from '#shared/contract/views.ts';
import type { KubeClient } from '../kube/index.ts';

/** Where views find their API servers: registered clusters and federations alike. */
export interface TargetDirectory {
  /** @throws AppError NOT_FOUND, or what keeps it from being used. */
  client(target: Target): KubeClient;
  /** The name a person knows it by; its id when there is none any more. Never throws. */
  name(target: Target): string;
  /** The namespace of its kubeconfig, where it names one: what a person works in who may not look at all. Never rejects. */
  namespace(target: Target): Promise<string | null>;
  /** Told when a target appeared or changed, or (`removed`) is gone. */
  subscribe(listener: (target: Target, change: 'changed' | 'removed') => void): () => void;
}
