/** Causes at Ingresses: sentences and remedies. */
import type { Cause } from '../types.ts';

export const INGRESS_CAUSES: readonly Cause[] = [
  {
    id: 'G-NOCLASS',
    rank: 59,
    zh: {
      says: 'Ingress {name} 没有指定 IngressClass，集群也没有默认类，没有控制器会处理它',
      remedy: '设置 spec.ingressClassName，或把一个 IngressClass 标为默认。',
    },
    en: {
      says: 'Ingress {name} names no IngressClass and the cluster has no default one: no controller takes it',
      remedy: 'Set spec.ingressClassName, or mark an IngressClass as the default.',
    },
  },
  {
    id: 'G-CLASSMISS',
    rank: 59,
    zh: { says: 'IngressClass {class} 不存在', remedy: '改正 ingressClassName，或安装提供该类的控制器。' },
    en: {
      says: 'IngressClass {class} does not exist',
      remedy: 'Correct ingressClassName, or install the controller that brings this class.',
    },
  },
  {
    id: 'G-CTRL',
    rank: 58,
    zh: {
      says: 'IngressClass {class} 的控制器 {controller} 没有在运行：{reason}',
      remedy: '安装或修复 Ingress 控制器。',
    },
    en: {
      says: 'The controller {controller} of IngressClass {class} does not run: {reason}',
      remedy: 'Install or mend the Ingress controller.',
    },
  },
  {
    id: 'G-SVC',
    rank: 57,
    zh: {
      says: '后端 Service {service} 在命名空间 {namespace} 中不存在（{path}）',
      remedy: '创建该 Service，或改正后端名称；后端必须与 Ingress 在同一命名空间。',
    },
    en: {
      says: 'Backend Service {service} does not exist in namespace {namespace} ({path})',
      remedy: 'Create the Service or correct the name; a backend has to be in the Ingress’s namespace.',
    },
  },
  {
    id: 'G-PORT',
    rank: 56,
    zh: { says: '后端 Service {service} 没有端口 {port}，它的端口是 {ports}', remedy: '改正 backend.service.port。' },
    en: {
      says: 'Backend Service {service} has no port {port}; its ports are {ports}',
      remedy: 'Correct backend.service.port.',
    },
  },
  {
    id: 'G-EP',
    rank: 16,
    zh: { says: '后端 Service {service} 没有就绪的后端，访问会得到 503', remedy: '先修复该 Service。' },
    en: {
      says: 'Backend Service {service} has no ready endpoint, requests get 503',
      remedy: 'Mend the Service first.',
    },
  },
  {
    id: 'G-NETPOL',
    rank: 54,
    zh: {
      says: 'NetworkPolicy {policy} 不允许 Ingress 控制器 {controller} 访问 Service {service} 的 Pod 端口 {port}，请求会超时（504）',
      remedy:
        '在策略的 ingress 中用 namespaceSelector 放行控制器所在的命名空间，端口写 Pod 的端口而不是 Service 的端口。',
    },
    en: {
      says: 'NetworkPolicy {policy} does not let the Ingress controller {controller} reach port {port} of the pods of Service {service}: requests time out (504)',
      remedy:
        'Let the controller’s namespace in with a namespaceSelector; ports of a policy are those of the pods, not of the Service.',
    },
  },
  {
    id: 'G-EXTNAME',
    rank: 50,
    zh: {
      says: '后端 {service} 是 ExternalName Service，许多控制器会拒绝',
      remedy: '改用带 EndpointSlice 的普通 Service，或按控制器文档放行。',
    },
    en: {
      says: 'Backend {service} is an ExternalName Service, which many controllers refuse',
      remedy: 'Use an ordinary Service with an EndpointSlice, or allow it as the controller’s documentation says.',
    },
  },
  {
    id: 'G-TLSMISS',
    rank: 55,
    zh: {
      says: 'TLS Secret {secret} 在命名空间 {namespace} 中不存在，控制器会使用自带的假证书',
      remedy: '创建类型为 kubernetes.io/tls 的 Secret。',
    },
    en: {
      says: 'TLS Secret {secret} does not exist in namespace {namespace}; the controller serves its fake certificate',
      remedy: 'Create a Secret of type kubernetes.io/tls.',
    },
  },
  {
    id: 'G-TLSBAD',
    rank: 54,
    zh: {
      says: 'TLS Secret {secret} 的证书有问题：{reason}',
      remedy: '续期或重新签发，使其覆盖主机名并与私钥匹配；使用 cert-manager 时查看 Certificate 的状态。',
    },
    en: {
      says: 'The certificate in TLS Secret {secret} is not good: {reason}',
      remedy:
        'Renew or reissue it so that it covers the host and fits its key; with cert-manager look at the Certificate’s conditions.',
    },
  },
  {
    id: 'G-HOSTDUP',
    rank: 51,
    zh: {
      says: '主机与路径 {path} 在另一个 Ingress {other} 中重复，先创建的生效',
      remedy: '合并规则，或使用不同的主机或路径。',
    },
    en: {
      says: 'Host and path {path} are also in Ingress {other}; the older one wins',
      remedy: 'Merge the rules, or use another host or path.',
    },
  },
  {
    id: 'G-PATH',
    rank: 48,
    zh: {
      says: '路径 {path} 有问题：{reason}',
      remedy: '设置明确的 pathType；使用正则时加 use-regex；rewrite-target 的捕获组必须存在。',
    },
    en: {
      says: 'Path {path} is a problem: {reason}',
      remedy:
        'Set a definite pathType; regular expressions need use-regex; capture groups of rewrite-target have to exist.',
    },
  },
  {
    id: 'G-ADDR',
    rank: 45,
    zh: {
      says: 'Ingress {name} 一直没有地址：{reason}',
      remedy: '检查控制器及其 Service 是否有外部地址；nginx 需要 --publish-service。',
    },
    en: {
      says: 'Ingress {name} does not get an address: {reason}',
      remedy: 'Check the controller and whether its Service has an external address; nginx needs --publish-service.',
    },
  },
  {
    id: 'G-DNS',
    rank: 44,
    zh: { says: '域名 {host} 没有解析到该 Ingress 的地址：{reason}', remedy: '修改 DNS 记录，指向 Ingress 的地址。' },
    en: {
      says: 'Host {host} does not resolve to the address of the Ingress: {reason}',
      remedy: 'Point the DNS record to the address of the Ingress.',
    },
  },
  {
    id: 'G-WEBHOOK',
    rank: 57,
    zh: {
      says: 'Ingress 控制器的准入 webhook {webhook} 无法访问，Ingress 无法创建或修改：{reason}',
      remedy: '修复控制器；已卸载时删除残留的 ValidatingWebhookConfiguration。',
    },
    en: {
      says: 'The controller’s admission webhook {webhook} is not reachable, so Ingresses cannot be created or changed: {reason}',
      remedy: 'Mend the controller; when it was removed, delete the ValidatingWebhookConfiguration it left behind.',
    },
  },
  {
    id: 'G-ANNOT',
    rank: 46,
    zh: { says: '注解 {annotation} 有问题：{reason}', remedy: '换成当前支持的注解；canary 需要有同主机的主 Ingress。' },
    en: {
      says: 'Annotation {annotation} is a problem: {reason}',
      remedy: 'Replace it with what the controller supports now; a canary needs a main Ingress of the same host.',
    },
  },
  {
    id: 'G-LOG',
    rank: 43,
    zh: {
      says: '控制器日志显示 {what}：{reason}',
      remedy: '502：检查后端端口与协议；504：检查后端耗时与 NetworkPolicy；413：调整 proxy-body-size。',
    },
    en: {
      says: 'The controller’s log tells of {what}: {reason}',
      remedy:
        '502: check port and protocol of the backend. 504: how long it takes, and NetworkPolicies. 413: proxy-body-size.',
    },
  },
  {
    id: 'G-MCI',
    rank: 52,
    zh: {
      says: '多集群 Ingress {name} 的后端集群未就绪：{reason}',
      remedy: '检查联邦中成员集群的状态；故障集群会从流量中移除。',
    },
    en: {
      says: 'Clusters behind multi-cluster Ingress {name} are not ready: {reason}',
      remedy: 'Look at the members of the federation; failed clusters are taken out of the traffic.',
    },
  },
];
