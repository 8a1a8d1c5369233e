/**
 * What clusters of the well-known providers look like from outside: version suffixes, node names, providerIDs, labels,
 * machine types, operating systems. Plain data and small naming functions; no state.
 * Sources: the providers' documentation of their managed Kubernetes, and the detection rules in engine/clusters, which
 * have to recognise every one of these.
 */
import { HEX, LOWER_DIGITS, type Random } from '../sim/random.ts';

export interface MachineType {
  name: string;
  cpu: number;
  memoryGi: number;
  /** As the provider's network plug-in or kubelet limits it. */
  pods: number;
}

export interface NodeIdentity {
  name: string;
  providerId: string;
  labels: Record<string, string>;
  annotations?: Record<string, string>;
  controlPlane?: boolean;
}

export interface NodeNaming {
  /** For what is the node's own. */
  random: Random;
  /** For what all nodes of the cluster share; starts anew for each node. */
  shared: Random;
  cluster: string;
  region: string;
  zone: string;
  index: number;
  ip: string;
  machine: string;
}

export interface Provider {
  id: string;
  versions: readonly string[];
  machines: readonly MachineType[];
  osImage: string;
  kernelVersion: string;
  containerRuntimeVersion: string;
  /** Prefix of the system images. */
  registry: string;
  /** Default storage class and its provisioner. */
  storageClass: { name: string; provisioner: string };
  /** `hostname` where load balancers have names instead of addresses. */
  loadBalancer: 'ip' | 'hostname';
  node(naming: NodeNaming): NodeIdentity;
}

const WORKER = { 'node-role.kubernetes.io/worker': '' };
const CONTROL_PLANE = { 'node-role.kubernetes.io/control-plane': '' };

const aliyun: Provider = {
  id: 'aliyun',
  versions: ['v1.34.1-aliyun.1', 'v1.33.3-aliyun.1', 'v1.32.7-aliyun.1', 'v1.31.9-aliyun.1'],
  machines: [
    { name: 'ecs.g7.xlarge', cpu: 4, memoryGi: 16, pods: 64 },
    { name: 'ecs.g8i.2xlarge', cpu: 8, memoryGi: 32, pods: 64 },
    { name: 'ecs.c7.2xlarge', cpu: 8, memoryGi: 16, pods: 64 },
  ],
  osImage: 'Alibaba Cloud Linux 3.2104 U12 (OpenAnolis Edition)',
  kernelVersion: '5.10.134-19.1.al8.x86_64',
  containerRuntimeVersion: 'containerd://1.6.39',
  registry: 'registry-vpc.cn-hangzhou.aliyuncs.com/acs',
  storageClass: { name: 'alicloud-disk-topology-alltype', provisioner: 'diskplugin.csi.alibabacloud.com' },
  loadBalancer: 'ip',
  node: ({ random, shared, region, ip }) => ({
    name: `${region}.${ip}`,
    providerId: `${region}.i-${random.text(2, LOWER_DIGITS)}1${random.text(17, LOWER_DIGITS)}`,
    labels: {
      'alibabacloud.com/nodepool-id': `np${shared.text(32, HEX)}`,
      'ack.aliyun.com': `c${shared.text(32, HEX)}`,
    },
  }),
};

const eks: Provider = {
  id: 'eks',
  versions: ['v1.33.5-eks-3025e55', 'v1.34.1-eks-113cf36', 'v1.32.9-eks-3025e55', 'v1.31.13-eks-ecaa3a6'],
  machines: [
    { name: 'm6i.xlarge', cpu: 4, memoryGi: 16, pods: 58 },
    { name: 'm7i.2xlarge', cpu: 8, memoryGi: 32, pods: 58 },
    { name: 't3.large', cpu: 2, memoryGi: 8, pods: 35 },
  ],
  osImage: 'Amazon Linux 2023.9.20251027',
  kernelVersion: '6.12.46-66.121.amzn2023.x86_64',
  containerRuntimeVersion: 'containerd://2.1.4',
  registry: '602401143452.dkr.ecr.eu-central-1.amazonaws.com/eks',
  storageClass: { name: 'gp3', provisioner: 'ebs.csi.aws.com' },
  loadBalancer: 'hostname',
  node: ({ random, shared, region, zone, ip, cluster }) => ({
    name: `ip-${ip.replaceAll('.', '-')}.${region}.compute.internal`,
    providerId: `aws:///${zone}/i-0${random.text(16, HEX)}`,
    labels: {
      'eks.amazonaws.com/nodegroup': `${cluster}-workers`,
      'eks.amazonaws.com/capacityType': 'ON_DEMAND',
      'eks.amazonaws.com/nodegroup-image': `ami-0${shared.text(16, HEX)}`,
    },
  }),
};

const huawei: Provider = {
  id: 'huawei',
  versions: ['v1.31.6-r0-31.0.26', 'v1.29.15-r0-29.0.40', 'v1.32.5-r0-32.0.8', 'v1.28.15-r0-28.0.48'],
  machines: [
    { name: 'c7n.xlarge.2', cpu: 4, memoryGi: 8, pods: 110 },
    { name: 's7n.2xlarge.4', cpu: 8, memoryGi: 32, pods: 110 },
  ],
  osImage: 'Huawei Cloud EulerOS 2.0 (x86_64)',
  kernelVersion: '5.10.0-182.0.0.95.r2220_156.hce2.x86_64',
  containerRuntimeVersion: 'containerd://1.6.14',
  registry: 'swr.cn-south-1.myhuaweicloud.com/hwofficial',
  storageClass: { name: 'csi-disk', provisioner: 'everest-csi-provisioner' },
  loadBalancer: 'ip',
  node: ({ random, shared, cluster, ip }) => ({
    name: ip,
    providerId: uuid(random),
    labels: {
      'cce.cloud.com/cce-nodepool': `${cluster}-nodepool`,
      'node.kubernetes.io/subnetid': uuid(shared),
      'os.name': 'Huawei_Cloud_EulerOS_2.0_x86_64',
    },
  }),
};

const gke: Provider = {
  id: 'gke',
  versions: ['v1.34.1-gke.3355002', 'v1.33.5-gke.1308000', 'v1.32.9-gke.1207000', 'v1.35.0-gke.1795000'],
  machines: [
    { name: 'e2-standard-4', cpu: 4, memoryGi: 16, pods: 110 },
    { name: 'n2-standard-8', cpu: 8, memoryGi: 32, pods: 110 },
  ],
  osImage: 'Container-Optimized OS from Google',
  kernelVersion: '6.6.105+',
  containerRuntimeVersion: 'containerd://2.0.6',
  registry: 'gke.gcr.io',
  storageClass: { name: 'standard-rwo', provisioner: 'pd.csi.storage.gke.io' },
  loadBalancer: 'ip',
  node: ({ random, shared, cluster, zone }) => {
    const name = `gke-${cluster}-default-pool-${shared.text(8, HEX)}-${random.text(4, LOWER_DIGITS)}`;
    return {
      name,
      providerId: `gce://${cluster}-project/${zone}/${name}`,
      labels: { 'cloud.google.com/gke-nodepool': 'default-pool', 'cloud.google.com/gke-os-distribution': 'cos' },
    };
  },
};

const tencent: Provider = {
  id: 'tencent',
  versions: ['v1.32.2-tke.6', 'v1.30.0-tke.15', 'v1.28.3-tke.20', 'v1.34.1-tke.2'],
  machines: [
    { name: 'S5.LARGE8', cpu: 4, memoryGi: 8, pods: 61 },
    { name: 'SA3.2XLARGE16', cpu: 8, memoryGi: 16, pods: 61 },
  ],
  osImage: 'TencentOS Server 3.1 (Final)',
  kernelVersion: '5.4.119-19.0009.54',
  containerRuntimeVersion: 'containerd://1.6.9-tke.8',
  registry: 'ccr.ccs.tencentyun.com/tkeimages',
  storageClass: { name: 'cbs', provisioner: 'com.tencent.cloud.csi.cbs' },
  loadBalancer: 'ip',
  node: ({ random, shared, zone, ip }) => {
    const instance = `ins-${random.text(8, LOWER_DIGITS)}`;
    return {
      name: ip,
      providerId: `qcloud:///${zone}/${instance}`,
      labels: {
        'tke.cloud.tencent.com/nodepool-id': `np-${shared.text(8, LOWER_DIGITS)}`,
        'cloud.tencent.com/node-instance-id': instance,
      },
    };
  },
};

const ctyun: Provider = {
  id: 'ctyun',
  versions: ['v1.29.3', 'v1.27.8'],
  machines: [
    { name: 's7.2xlarge.2', cpu: 8, memoryGi: 16, pods: 110 },
    { name: 'c7.xlarge.4', cpu: 4, memoryGi: 16, pods: 110 },
  ],
  osImage: 'CTyunOS 23.01',
  kernelVersion: '5.10.0-136.49.0.127.ctl3.x86_64',
  containerRuntimeVersion: 'containerd://1.7.20',
  registry: 'registry-crs-huadong1.ctyun.cn/library',
  storageClass: { name: 'csi-disk-sata', provisioner: 'disk.csi.cstor.com' },
  loadBalancer: 'ip',
  node: ({ shared, cluster, index }) => ({
    name: `ccse-node-${cluster.replace(/^demo-/, '')}-${index + 1}`,
    providerId: '',
    labels: { 'ccse.node.ctyun.cn/pool': `nodepool-${shared.text(6, LOWER_DIGITS)}`, ...WORKER },
  }),
};

const kubeadm: Provider = {
  id: 'on-premises',
  versions: ['v1.30.14', 'v1.36.0', 'v1.33.6', 'v1.28.15'],
  machines: [
    { name: 'dell-r650', cpu: 32, memoryGi: 128, pods: 110 },
    { name: 'inspur-nf5280m6', cpu: 16, memoryGi: 64, pods: 110 },
  ],
  osImage: 'Ubuntu 24.04.3 LTS',
  kernelVersion: '6.8.0-87-generic',
  containerRuntimeVersion: 'containerd://1.7.28',
  registry: 'registry.k8s.io',
  storageClass: { name: 'rook-ceph-block', provisioner: 'rook-ceph.rbd.csi.ceph.com' },
  loadBalancer: 'ip',
  node: ({ cluster, index }) => ({
    name: index === 0 ? `${cluster.replace(/^demo-/, '')}-cp-1` : `${cluster.replace(/^demo-/, '')}-worker-${index}`,
    providerId: '',
    labels: index === 0 ? CONTROL_PLANE : WORKER,
    annotations: { 'kubeadm.alpha.kubernetes.io/cri-socket': 'unix:///run/containerd/containerd.sock' },
    controlPlane: index === 0,
  }),
};

const k3s: Provider = {
  id: 'k3s',
  versions: ['v1.34.2+k3s1', 'v1.32.9+k3s1', 'v1.31.13+k3s1'],
  machines: [
    { name: 'k3s', cpu: 4, memoryGi: 8, pods: 110 },
    { name: 'k3s', cpu: 2, memoryGi: 4, pods: 110 },
  ],
  osImage: 'SUSE Linux Enterprise Micro 5.5',
  kernelVersion: '5.14.21-150500.55.121-default',
  containerRuntimeVersion: 'containerd://2.1.5-k3s1.34',
  registry: 'docker.io/rancher',
  storageClass: { name: 'local-path', provisioner: 'rancher.io/local-path' },
  loadBalancer: 'ip',
  node: ({ cluster, index }) => {
    const name = `${cluster.replace(/^demo-/, '')}-edge-${index + 1}`;
    return {
      name,
      providerId: `k3s://${name}`,
      labels: index === 0 ? { ...CONTROL_PLANE } : {},
      annotations: { 'k3s.io/hostname': name },
    };
  },
};

const rke2: Provider = {
  id: 'rke2',
  versions: ['v1.33.5+rke2r1', 'v1.31.13+rke2r1', 'v1.34.1+rke2r1'],
  machines: [{ name: 'rke2', cpu: 8, memoryGi: 32, pods: 110 }],
  osImage: 'Rocky Linux 9.6 (Blue Onyx)',
  kernelVersion: '5.14.0-570.55.1.el9_6.x86_64',
  containerRuntimeVersion: 'containerd://2.1.4-k3s2',
  registry: 'docker.io/rancher',
  storageClass: { name: 'longhorn', provisioner: 'driver.longhorn.io' },
  loadBalancer: 'ip',
  node: ({ cluster, index }) => {
    const name = `${cluster.replace(/^demo-/, '')}-rke2-${index + 1}`;
    return {
      name,
      providerId: `rke2://${name}`,
      labels: index === 0 ? { ...CONTROL_PLANE, 'node-role.kubernetes.io/etcd': 'true' } : { ...WORKER },
      annotations: { 'rke2.io/hostname': name },
    };
  },
};

const aks: Provider = {
  id: 'aks',
  versions: ['v1.33.5', 'v1.34.1', 'v1.32.9'],
  machines: [
    { name: 'Standard_D4s_v5', cpu: 4, memoryGi: 16, pods: 250 },
    { name: 'Standard_D8ds_v5', cpu: 8, memoryGi: 32, pods: 250 },
  ],
  osImage: 'Ubuntu 22.04.5 LTS',
  kernelVersion: '5.15.0-1098-azure',
  containerRuntimeVersion: 'containerd://1.7.28-1',
  registry: 'mcr.microsoft.com/oss/v2/kubernetes',
  storageClass: { name: 'managed-csi', provisioner: 'disk.csi.azure.com' },
  loadBalancer: 'ip',
  node: ({ shared, cluster, region, index }) => {
    const group = `MC_${cluster}-rg_${cluster}_${region}`;
    const scaleSet = `aks-nodepool1-${shared.text(8, '0123456789')}-vmss`;
    return {
      name: `${scaleSet}${index.toString(36).padStart(6, '0')}`,
      providerId: `azure:///subscriptions/${uuid(shared)}/resourceGroups/${group.toLowerCase()}/providers/Microsoft.Compute/virtualMachineScaleSets/${scaleSet}/virtualMachines/${index}`,
      labels: { 'kubernetes.azure.com/cluster': group, 'kubernetes.azure.com/agentpool': 'nodepool1' },
    };
  },
};

const volcengine: Provider = {
  id: 'volcengine',
  versions: ['v1.32.4-vke.8', 'v1.30.4-vke.16', 'v1.28.3-vke.22'],
  machines: [{ name: 'ecs.g3i.xlarge', cpu: 4, memoryGi: 16, pods: 64 }],
  osImage: 'veLinux 2.0 (bookworm)',
  kernelVersion: '5.15.152.bsk.8-amd64',
  containerRuntimeVersion: 'containerd://1.6.38-vke.1',
  registry: 'vke-cn-beijing.cr.volces.com/vke',
  storageClass: { name: 'ebs-essd', provisioner: 'ebs.csi.volcengine.com' },
  loadBalancer: 'ip',
  node: ({ random, shared, ip }) => ({
    name: ip,
    providerId: `volcengine://i-${random.text(20, LOWER_DIGITS)}`,
    labels: {
      'cluster.vke.volcengine.com/machinepool-name': `p${shared.text(20, LOWER_DIGITS)}`,
      'cluster.vke.volcengine.com/node-type': 'ecs',
    },
  }),
};

export const PROVIDERS = { aliyun, eks, huawei, gke, tencent, ctyun, kubeadm, k3s, rke2, aks, volcengine } as const;

export function uuid(random: Random): string {
  const text = random.text(32, HEX);
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-a${text.slice(17, 20)}-${text.slice(20, 32)}`;
}
