/** Causes at Services: sentences and remedies. */
import type { Cause } from '../types.ts';

export const SERVICE_CAUSES: readonly Cause[] = [
  {
    id: 'S-NOEP',
    rank: 16,
    zh: { says: 'Service {name} 没有就绪的后端地址', remedy: '检查选择器与后端 Pod 的就绪状态。' },
    en: {
      says: 'Service {name} has no ready endpoint',
      remedy: 'Check its selector and whether the pods behind it are ready.',
    },
  },
  {
    id: 'S-SEL',
    rank: 59,
    zh: {
      says: 'Service {name} 的选择器 {selector} 没有匹配任何 Pod；最接近的是 {near}（{difference}）',
      remedy: '使 Service 的 selector 与 Pod 标签一致；确认两者在同一命名空间。',
    },
    en: {
      says: 'The selector {selector} of Service {name} matches no pod; the nearest is {near} ({difference})',
      remedy: 'Make the selector and the pods’ labels agree; both have to be in the same namespace.',
    },
  },
  {
    id: 'S-READY',
    rank: 15,
    zh: { says: 'Service {name} 匹配到 {count} 个 Pod，但没有一个就绪', remedy: '先修复 Pod。' },
    en: {
      says: 'None of the pods that Service {name} matches is ready (0 of {count})',
      remedy: 'Mend the pods first.',
    },
  },
  {
    id: 'S-TPORT',
    rank: 57,
    zh: {
      says: 'Service {name} 的 targetPort {port} 与容器端口 {ports} 不符',
      remedy: '把 targetPort 改为容器监听的端口或其名称。',
    },
    en: {
      says: 'targetPort {port} of Service {name} is none of the containers’ ports {ports}',
      remedy: 'Set targetPort to the port the container listens on, or to its name.',
    },
  },
  {
    id: 'S-PROTO',
    rank: 57,
    zh: { says: 'Service {name} 的端口 {port} 使用 {protocol}，而容器端口是 {ports}', remedy: '把协议改为一致。' },
    en: {
      says: 'Port {port} of Service {name} is {protocol}, the container’s port is {ports}',
      remedy: 'Make the protocols agree.',
    },
  },
  {
    id: 'S-NOSEL',
    rank: 56,
    zh: {
      says: 'Service {name} 没有选择器，也没有手工创建的 EndpointSlice',
      remedy: '添加 selector，或创建带 kubernetes.io/service-name 标签的 EndpointSlice。',
    },
    en: {
      says: 'Service {name} has no selector, and nobody made EndpointSlices for it',
      remedy: 'Give it a selector, or create an EndpointSlice with the label kubernetes.io/service-name.',
    },
  },
  {
    id: 'S-EXT',
    rank: 56,
    zh: {
      says: 'ExternalName Service {name} 的目标 {target} 无效：{reason}',
      remedy: '填写可解析的域名；目标是 IP 时改用无头 Service 加 EndpointSlice。',
    },
    en: {
      says: 'ExternalName Service {name} points to {target}, which cannot work: {reason}',
      remedy: 'Use a name that resolves; for an IP address use a headless Service with an EndpointSlice.',
    },
  },
  {
    id: 'S-LBPEND',
    rank: 58,
    zh: {
      says: 'LoadBalancer Service {name} 一直没有得到地址：{reason}',
      remedy: '按事件处理（配额、子网、注解）；自建集群安装 MetalLB 等实现，或改用 NodePort。',
    },
    en: {
      says: 'LoadBalancer Service {name} does not get an address: {reason}',
      remedy:
        'Act on the event (quota, subnets, annotations); on premises install MetalLB or the like, or use NodePort.',
    },
  },
  {
    id: 'S-LBEP',
    rank: 33,
    zh: {
      says: 'externalTrafficPolicy 为 Local，而节点 {nodes} 上没有后端，发往这些节点的流量会被丢弃',
      remedy: '把 Pod 分散到这些节点，或把 externalTrafficPolicy 改为 Cluster。',
    },
    en: {
      says: 'externalTrafficPolicy is Local and nodes {nodes} have no endpoint: traffic that reaches them is dropped',
      remedy: 'Spread the pods over those nodes, or set externalTrafficPolicy to Cluster.',
    },
  },
  {
    id: 'S-NP',
    rank: 32,
    zh: { says: 'NodePort {port} 有问题：{reason}', remedy: '使用 30000–32767 范围内未占用的端口，并在防火墙放行。' },
    en: {
      says: 'Node port {port} is a problem: {reason}',
      remedy: 'Use a free port within 30000-32767 and open it in the firewall.',
    },
  },
  {
    id: 'S-NETPOL',
    rank: 55,
    zh: {
      says: 'NetworkPolicy {policy} 选中了后端 Pod，但没有规则允许访问端口 {port}',
      remedy: '在该策略的 ingress 中加入来源与端口；出口策略要放行 DNS（UDP/TCP 53）。',
    },
    en: {
      says: 'NetworkPolicy {policy} selects the pods and no rule lets anybody reach port {port}',
      remedy:
        'Add source and port to the policy’s ingress rules; egress policies have to let DNS through (UDP and TCP 53).',
    },
  },
  {
    id: 'S-DNS',
    rank: 89,
    zh: { says: '集群 DNS 不可用：{reason}', remedy: '修复 kube-system 中的 CoreDNS。' },
    en: { says: 'Cluster DNS does not work: {reason}', remedy: 'Mend CoreDNS in kube-system.' },
  },
  {
    id: 'S-AFF',
    rank: 12,
    zh: {
      says: 'Service {name} 设置了 ClientIP 会话保持，且只有 {count} 个后端',
      remedy: '增加副本；确认确实需要会话保持。',
    },
    en: {
      says: 'Service {name} has ClientIP affinity and only {count} endpoint',
      remedy: 'Add replicas; make sure affinity is wanted.',
    },
  },
  {
    id: 'S-KPROXY',
    rank: 54,
    zh: {
      says: '节点 {nodes} 上的 kube-proxy 未就绪，这些节点访问不到 Service',
      remedy: '查看并重启 kube-proxy Pod。',
    },
    en: {
      says: 'kube-proxy is not ready on nodes {nodes}: they do not reach Services',
      remedy: 'Look at the kube-proxy pods there and restart them.',
    },
  },
  {
    id: 'S-IPFAM',
    rank: 56,
    zh: {
      says: 'Service {name} 没有可用的地址：{reason}',
      remedy: '使用集群与 Pod 都支持的 ipFamilies；地址段用尽时扩大 Service 网段。',
    },
    en: {
      says: 'Service {name} has no usable address: {reason}',
      remedy: 'Use ipFamilies that the cluster and the pods have; enlarge the service range when it is used up.',
    },
  },
  {
    id: 'S-EVENT',
    rank: 14,
    zh: { says: 'Service {name} 有告警事件 {what}：{reason}', remedy: '按事件内容处理。' },
    en: { says: 'Service {name} has a warning {what}: {reason}', remedy: 'Act on what the event says.' },
  },
  {
    id: 'S-HEADLESS',
    rank: 53,
    zh: {
      says: 'StatefulSet {set} 的 serviceName 是 {wanted}，{reason}',
      remedy: '创建同名的无头 Service（clusterIP: None），选择器与 Pod 一致。',
    },
    en: {
      says: 'StatefulSet {set} names {wanted} as its Service; {reason}',
      remedy: 'Create a headless Service (clusterIP: None) of this name whose selector matches the pods.',
    },
  },
  {
    id: 'S-MCS',
    rank: 56,
    zh: {
      says: '多集群服务 {name} 不可用：{reason}',
      remedy: '检查 ServiceExport/MultiClusterService 的提供方与消费方集群及其 ResourceBinding。',
    },
    en: {
      says: 'Multi-cluster service {name} does not work: {reason}',
      remedy: 'Check providers and consumers of the ServiceExport or MultiClusterService, and its ResourceBinding.',
    },
  },
];
