/**
 * Provider, type, region and zones of a cluster from its version string, nodes, address and context name: first match
 * wins, and a person may correct it. Sources: the version suffixes and provider ids that the distributions set
 * (cloud-provider documentation of each); topology labels are `topology.kubernetes.io/*` and their beta predecessors.
 */
import type { ClusterType } from '#shared/contract/clusters.ts';
import type { TextKey } from '#shared/i18n/index.ts';
import type { NodeFacts } from './nodes.ts';

export interface DetectionInput {
  gitVersion: string;
  server: string;
  context: string;
  nodes: readonly NodeFacts[];
}

export interface Detected {
  provider: string;
  type: ClusterType;
  region: string;
  zones: string[];
}

/** Whoever is found has a name to be shown by. */
type Named<Key> = Key extends `clusters.providers.${infer Id}` ? Id : never;

interface Rule {
  provider: Named<TextKey>;
  type: ClusterType;
  version?: RegExp;
  providerID?: RegExp;
  label?: RegExp;
  host?: RegExp;
  nodeName?: RegExp;
  context?: RegExp;
}

const RULES: readonly Rule[] = [
  {
    provider: 'aliyun',
    type: 'thirdParty',
    version: /-aliyun\./,
    providerID: /^(alicloud:\/\/|(cn|ap|us|eu|me)-[a-z]+(-\d)?\.i-)/,
    label: /^alibabacloud\.com\//,
  },
  {
    provider: 'tencent',
    type: 'thirdParty',
    version: /-tke\./,
    providerID: /^qcloud:\/\//,
    label: /^(tke\.cloud\.tencent\.com|node\.tke)/,
  },
  { provider: 'huawei', type: 'thirdParty', version: /-CCE|-r0-\d/, label: /^cce\.cloud\.com\// },
  {
    provider: 'ctyun',
    type: 'cloud',
    version: /-ctyun/,
    providerID: /^ctyun:\/\//,
    label: /(^|\.)ctyun\.cn\//,
    host: /(^|\.)ctyun(cs|api)?\.cn$/,
    nodeName: /^(cube|ccse)-/,
  },
  {
    provider: 'eks',
    type: 'thirdParty',
    version: /-eks-/,
    providerID: /^aws:\/\//,
    label: /^eks\.amazonaws\.com\//,
    host: /\.eks\.amazonaws\.com(\.cn)?$/,
  },
  {
    provider: 'gke',
    type: 'thirdParty',
    version: /-gke\./,
    providerID: /^gce:\/\//,
    label: /^cloud\.google\.com\/gke-/,
  },
  {
    provider: 'aks',
    type: 'thirdParty',
    providerID: /^azure:\/\//,
    label: /^kubernetes\.azure\.com\//,
    host: /\.azmk8s\.(io|cn)$/,
  },
  {
    provider: 'volcengine',
    type: 'thirdParty',
    version: /-vke\./,
    providerID: /^volcengine:\/\//,
    label: /^cluster\.vke\.volcengine\.com\//,
  },
  { provider: 'ibm', type: 'thirdParty', version: /\+IKS/, providerID: /^ibm:\/\// },
  { provider: 'oracle', type: 'thirdParty', providerID: /^ocid1\.instance/ },
  {
    provider: 'digitalocean',
    type: 'thirdParty',
    providerID: /^digitalocean:\/\//,
    host: /\.k8s\.ondigitalocean\.com$/,
  },
  { provider: 'linode', type: 'thirdParty', providerID: /^linode:\/\// },
  { provider: 'hetzner', type: 'thirdParty', providerID: /^hcloud:\/\// },
  { provider: 'scaleway', type: 'thirdParty', providerID: /^scaleway:\/\// },
  { provider: 'k3s', type: 'local', version: /\+k3s/, providerID: /^k3s:\/\// },
  { provider: 'rke2', type: 'local', version: /\+rke2/, providerID: /^rke2:\/\// },
  { provider: 'rke', type: 'local', version: /-rancher/ },
  { provider: 'k0s', type: 'local', version: /\+k0s/ },
  { provider: 'tanzu', type: 'local', version: /\+vmware/ },
  { provider: 'openshift', type: 'local', label: /^node\.openshift\.io\// },
  { provider: 'openstack', type: 'local', providerID: /^openstack:\/\// },
  { provider: 'vsphere', type: 'local', providerID: /^vsphere:\/\// },
  { provider: 'kind', type: 'local', providerID: /^kind:\/\//, context: /^kind-/ },
  { provider: 'minikube', type: 'local', label: /^minikube\.k8s\.io\//, context: /^minikube$/ },
  { provider: 'docker-desktop', type: 'local', nodeName: /^docker-desktop$/, context: /^docker-desktop$/ },
  { provider: 'microk8s', type: 'local', label: /^microk8s\.io\//, context: /^microk8s$/ },
];

/** Tests in the order of their weight: what the server says of itself before what things happen to be called. */
const TESTS: ((rule: Rule, input: DetectionInput, host: string) => boolean)[] = [
  (rule, { gitVersion }) => rule.version?.test(gitVersion) ?? false,
  (rule, { nodes }) => nodes.some((node) => rule.providerID?.test(node.providerID) ?? false),
  (rule, { nodes }) => nodes.some((node) => Object.keys(node.labels).some((name) => rule.label?.test(name) ?? false)),
  (rule, _input, host) => rule.host?.test(host) ?? false,
  (rule, { nodes }) => nodes.some((node) => rule.nodeName?.test(node.name) ?? false),
  (rule, { context }) => rule.context?.test(context) ?? false,
];

export function detect(input: DetectionInput): Detected {
  const host = URL.canParse(input.server) ? new URL(input.server).hostname : '';
  let rule: Rule | undefined;
  for (const test of TESTS) {
    rule = RULES.find((candidate) => test(candidate, input, host));
    if (rule !== undefined) break;
  }
  const region = majority(input.nodes.map((node) => node.region));
  const zones = [...new Set(input.nodes.map((node) => node.zone))].filter((zone) => zone !== '' && zone !== '0').sort();
  return {
    provider: rule?.provider ?? 'on-premises',
    type: rule?.type ?? 'local',
    region,
    zones: zones.slice(0, 16),
  };
}

function majority(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
  let best = '';
  for (const [value, count] of counts) if (count > (counts.get(best) ?? 0)) best = value;
  return best.slice(0, 63);
}

/** `[1, 27]` of `v1.27.3-gke.100`; null for what is no version. */
export function minorVersion(gitVersion: string): [major: number, minor: number] | null {
  const match = /^v?(\d+)\.(\d+)/.exec(gitVersion);
  return match === null ? null : [Number(match[1]), Number(match[2])];
}
