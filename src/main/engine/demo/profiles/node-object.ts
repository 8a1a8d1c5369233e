/** The Node object of a node profile, as kubelet and cloud controller of the provider register it. Pure. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { createRandom, HEX } from '../sim/random.ts';
import { conditionsFor } from './node-conditions.ts';
import { secondsOn, stepFor, TTL_ANNOTATION } from './node-ttl.ts';
import type { ClusterProfile, NodeProfile } from './profile.ts';
import { PROVIDERS, type Provider, uuid } from './providers.ts';

export function nodeObject(profile: ClusterProfile, node: NodeProfile): KubeObject {
  const labels: Record<string, string> = {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/os': 'linux',
    'kubernetes.io/hostname': node.name,
    'node.kubernetes.io/instance-type': node.machine.name,
    'topology.kubernetes.io/region': profile.region,
    'topology.kubernetes.io/zone': node.zone,
    ...node.labels,
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels,
      annotations: {
        [TTL_ANNOTATION]: String(secondsOn(stepFor(profile.nodes.length, 0))),
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
        ...node.annotations,
      },
    },
    spec: {
      podCIDR: node.podCidr,
      podCIDRs: [node.podCidr],
      ...(node.providerId === '' ? {} : { providerID: node.providerId }),
      ...(node.controlPlane
        ? { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] }
        : {}),
    },
  };
}

/** Everything of the status that does not change while the node lives. */
export function nodeStatus(profile: ClusterProfile, node: NodeProfile, now: number): Record<string, unknown> {
  const provider: Provider = PROVIDERS[profile.providerKey];
  const random = createRandom('machine-id', profile.seed, profile.index, node.name);
  const memoryKi = node.machine.memoryGi * 1024 * 1024;
  const version = profile.version;
  return {
    addresses: [
      { type: 'InternalIP', address: node.ip },
      { type: 'Hostname', address: node.name },
    ],
    // What the kernel takes, then what kubelet reserves for itself and for eviction.
    capacity: {
      cpu: String(node.machine.cpu),
      'ephemeral-storage': '104845292Ki',
      'hugepages-2Mi': '0',
      memory: `${Math.floor(memoryKi * 0.972)}Ki`,
      pods: String(node.machine.pods),
    },
    allocatable: {
      cpu: `${node.machine.cpu * 1000 - 80}m`,
      'ephemeral-storage': '96625420948',
      'hugepages-2Mi': '0',
      memory: `${Math.floor(memoryKi * 0.972 - 1024 * 1024 * 0.6)}Ki`,
      pods: String(node.machine.pods),
    },
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      architecture: 'amd64',
      bootID: uuid(random),
      containerRuntimeVersion: provider.containerRuntimeVersion,
      kernelVersion: provider.kernelVersion,
      // Deprecated and empty since 1.33 (KEP-4004).
      kubeProxyVersion: minorOf(version) >= 33 ? '' : (node.kubelet ?? version),
      kubeletVersion: node.kubelet ?? version,
      machineID: random.text(32, HEX),
      operatingSystem: 'linux',
      osImage: provider.osImage,
      systemUUID: uuid(random),
    },
    conditions: conditionsFor(new Set(), [], now),
  };
}

/** In-tree plugins whose volumes kubelet leaves to CSI drivers. */
const MIGRATED = ['aws-ebs', 'azure-disk', 'azure-file', 'cinder', 'gce-pd', 'portworx-volume', 'vsphere-volume'];
/** Disks a node takes. */
const DISKS = 25;

/** What kubelet registers beside the node: the CSI drivers on it, here the provider's own. */
export function csiNodeObject(profile: ClusterProfile, node: NodeProfile, uid: string): KubeObject {
  const { provisioner } = PROVIDERS[profile.providerKey].storageClass;
  const driver = {
    name: provisioner,
    nodeID: node.providerId.split(/[./]/).at(-1) || node.name,
    topologyKeys: ['topology.kubernetes.io/zone'],
    allocatable: { count: DISKS },
  };
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: {
      name: node.name,
      annotations: {
        'storage.alpha.kubernetes.io/migrated-plugins': MIGRATED.map((one) => `kubernetes.io/${one}`).join(','),
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node.name, uid }],
    },
    spec: { drivers: isCsiDriver(provisioner) ? [driver] : null },
  };
}

/** Other provisioners make folders on nodes; names of CSI drivers have no slash. */
export function isCsiDriver(provisioner: string): boolean {
  return !provisioner.includes('/');
}

export function minorOf(version: string): number {
  return Number(/^v?1\.(\d+)/.exec(version)?.[1] ?? 0);
}
