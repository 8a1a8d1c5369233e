/** What the clusters area keeps of a node, and the sums over them. Hostile input: every field is checked. */
import type { Cluster } from '#shared/contract/clusters.ts';
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';

export interface NodeFacts {
  name: string;
  ready: boolean;
  /** Virtual-kubelet nodes have no size of their own (feature R10). */
  virtual: boolean;
  cpu: number;
  /** What the machine has, of which `cpu` is what pods may use. */
  vcpu: number;
  memory: number;
  pods: number;
  providerID: string;
  region: string;
  zone: string;
  /** Only those that detection looks at: what is kept per node stays small. */
  labels: Record<string, string>;
}

const KEPT_LABELS =
  /^(alibabacloud\.com|tke\.cloud\.tencent\.com|node\.tke|cce\.cloud\.com|eks\.amazonaws\.com|cloud\.google\.com|kubernetes\.azure\.com|cluster\.vke\.volcengine\.com|minikube\.k8s\.io|([a-z.]+\.)?ctyun\.cn|microk8s\.io|node\.kubernetes\.io\/instance-type|node\.openshift\.io)/;

export function nodeFacts(object: KubeObject): NodeFacts {
  const labels = object.metadata.labels ?? {};
  const conditions: unknown = object.status?.conditions;
  const ready =
    Array.isArray(conditions) &&
    conditions.some((condition) => condition?.type === 'Ready' && condition?.status === 'True');
  const allocatable = (object.status?.allocatable ?? {}) as Record<string, unknown>;
  const capacity = (object.status?.capacity ?? {}) as Record<string, unknown>;
  const label = (...names: string[]) => names.map((name) => labels[name]).find((value) => value !== undefined) ?? '';
  return {
    name: object.metadata.name ?? '',
    ready,
    virtual: labels.type === 'virtual-kubelet',
    cpu: parseQuantity(allocatable.cpu),
    vcpu: parseQuantity(capacity.cpu),
    memory: parseQuantity(allocatable.memory),
    pods: parseQuantity(allocatable.pods),
    providerID: typeof object.spec?.providerID === 'string' ? object.spec.providerID : '',
    region: label('topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region'),
    zone: label('topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'),
    labels: Object.fromEntries(Object.entries(labels).filter(([name]) => KEPT_LABELS.test(name))),
  };
}

/** Counts over all nodes; capacity is the allocatable and size the vCPU of Ready nodes that are real machines. */
export function summarise(nodes: Iterable<NodeFacts>): Pick<Cluster, 'nodes' | 'capacity' | 'size'> {
  const counts = { total: 0, ready: 0 };
  const capacity = { cpuCores: 0, memoryBytes: 0, pods: 0 };
  let size = 0;
  for (const node of nodes) {
    counts.total += 1;
    if (!node.ready) continue;
    counts.ready += 1;
    if (node.virtual) continue;
    size += node.vcpu;
    capacity.cpuCores += node.cpu;
    capacity.memoryBytes += node.memory;
    capacity.pods += node.pods;
  }
  capacity.cpuCores = Math.round(capacity.cpuCores * 1000) / 1000;
  capacity.memoryBytes = Math.round(capacity.memoryBytes);
  return { nodes: counts, capacity, size: Math.round(size * 1000) / 1000 };
}
