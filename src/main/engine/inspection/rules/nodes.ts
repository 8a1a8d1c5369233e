/** Facts of nodes that several rules ask for. */
import { type Said, said } from '#shared/inspection-evidence.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';

export interface NodeCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastHeartbeatTime?: string;
}

export function conditionsOf(node: KubeObject): NodeCondition[] {
  return (node.status?.conditions ?? []) as NodeCondition[];
}

export function conditionText({ type, status, reason, message }: NodeCondition): Said {
  return said('condition', {
    ...{ type, status },
    reason: reason ? `: ${reason}` : '',
    message: message ? ` (${message})` : '',
  });
}

/** Conditions that node-problem-detector and others report about the container runtime. */
export const RUNTIME_CONDITIONS = [
  'ContainerRuntimeUnhealthy',
  'DockerHung',
  'CorruptDockerOverlay2',
  'CorruptDockerImage',
  'FrequentDockerRestart',
  'FrequentContainerdRestart',
];
/** The same about the kubelet. */
export const KUBELET_CONDITIONS = ['KubeletUnhealthy', 'FrequentKubeletRestart'];

export function leaseOf(node: KubeObject, leases: readonly KubeObject[]): Json | undefined {
  return leases.find(
    ({ metadata }) => metadata.namespace === 'kube-node-lease' && metadata.name === node.metadata.name,
  );
}

/** Minor version of `v1.30.4+k3s1`; null when it cannot be read. */
export function minorOf(version: string | null | undefined): number | null {
  const found = /^v?1\.(\d+)/.exec(version ?? '');
  return found === null ? null : Number(found[1]);
}
