/**
 * Images that cannot be pulled. Classified by the runtime's words; back-off events carry none, so the pull's own event or
 * the state's message decides. Sources: containerd and docker error texts, kubelet's image manager, the user manual 7.1.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { event, field, hit, kubectl, sh } from '../hits.ts';
import { type ContainerFact, containersOf, workloadOf } from '../pods.ts';
import type { Cause, Check, Hit } from '../types.ts';
import type { EventFact, World } from '../world.ts';

export const IMAGE_CAUSES: readonly Cause[] = [
  {
    id: 'I-OLD',
    rank: 59,
    zh: {
      says: '节点 {node} 上的旧版 Docker 或镜像加速配置使镜像 {image} 拉取失败（403 CRS_1002: Access Denied）；镜像本身是公开的',
      remedy:
        '在节点上把 Docker 升级到最新版本；删除 daemon.json 中的 registry-mirrors、add-registry、block-registry 等个性化配置，恢复默认后重新加载并重启 Docker，再重试。',
    },
    en: {
      says: 'An old Docker or a registry mirror setting on node {node} makes pulling {image} fail (403 CRS_1002: Access Denied); the image itself is public',
      remedy:
        'Upgrade Docker on the node to the newest version. Remove registry-mirrors, add-registry and block-registry from daemon.json, reload and restart Docker with its default settings, then try again.',
    },
    references: ['CCE One manual 7.1.1'],
  },
  {
    id: 'I-403',
    rank: 58,
    zh: {
      says: '镜像仓库 {registry} 拒绝了对 {image} 的访问（403）：凭证有效但无权限，或源地址不在白名单',
      remedy: '为该账号授予仓库的拉取权限；把节点出口地址加入仓库白名单；确认没有经过过期的镜像加速。',
    },
    en: {
      says: 'Registry {registry} refuses access to {image} (403): the caller is known but not allowed, or its address is not on the allow list',
      remedy:
        'Grant the account pull permission on the repository, add the nodes’ egress address to the allow list, and make sure no stale mirror is in between.',
    },
  },
  {
    id: 'I-401',
    rank: 58,
    zh: {
      says: '拉取镜像 {image} 缺少有效凭证（401）：{secrets}',
      remedy:
        '先核对镜像名：有些仓库对不存在的镜像也这样回答。然后在 Pod 所在的命名空间创建类型为 kubernetes.io/dockerconfigjson 的 Secret，并加到 imagePullSecrets 或 ServiceAccount；确认 auths 中的主机名与镜像的主机名一致，令牌未过期。',
    },
    en: {
      says: 'Pulling {image} needs valid credentials (401): {secrets}',
      remedy:
        'Check the image’s name first: some registries answer so for one that does not exist. Then create a kubernetes.io/dockerconfigjson Secret in the pod’s namespace and name it in imagePullSecrets or the ServiceAccount. The host in its auths must equal the image’s host, and its token must not have expired.',
    },
  },
  {
    id: 'I-ARCH',
    rank: 58,
    zh: {
      says: '镜像 {image} 没有适合节点 {node} 架构（{arch}）的版本',
      remedy: '构建多架构镜像，或用 nodeSelector kubernetes.io/arch 把 Pod 调度到受支持的节点。',
    },
    en: {
      says: 'Image {image} has no variant for the architecture of node {node} ({arch})',
      remedy:
        'Build the image for several architectures, or keep the pod on fitting nodes with nodeSelector kubernetes.io/arch.',
    },
  },
  {
    id: 'I-SCHEMA',
    rank: 58,
    zh: {
      says: '镜像 {image} 使用已废弃的 schema 1 清单，containerd 不再支持',
      remedy: '用新版工具重新构建并推送镜像（schema 2 或 OCI 清单）。',
    },
    en: {
      says: 'Image {image} has a schema 1 manifest, which containerd does not support any more',
      remedy: 'Build and push the image again with a current tool (schema 2 or OCI manifest).',
    },
  },
  {
    id: 'I-429',
    rank: 58,
    zh: {
      says: '镜像仓库 {registry} 限制了拉取频率（429），{image} 暂时无法拉取',
      remedy: '用账号登录后拉取（imagePullSecrets）、改用镜像缓存或私有仓库，或预先把镜像加载到节点。',
    },
    en: {
      says: 'Registry {registry} limits the rate of pulls (429); {image} cannot be pulled for now',
      remedy:
        'Pull with an account (imagePullSecrets), use a pull-through cache or a private copy, or load the image onto the nodes beforehand.',
    },
  },
  {
    id: 'I-X509',
    rank: 58,
    zh: {
      says: '节点 {node} 不信任镜像仓库 {registry} 的证书：{reason}',
      remedy:
        '私有 CA：在节点上安装 CA（/etc/docker/certs.d/<host>/ca.crt，或 containerd 的 hosts.toml）；证书过期：续期；时间不对：检查 NTP；域名不符：使用证书中的主机名。',
    },
    en: {
      says: 'Node {node} does not trust the certificate of registry {registry}: {reason}',
      remedy:
        'Private authority: install it on the node (/etc/docker/certs.d/<host>/ca.crt, or containerd’s hosts.toml). Expired: renew it. Not yet valid: check NTP. Wrong name: use a host name the certificate has.',
    },
  },
  {
    id: 'I-HTTP',
    rank: 58,
    zh: {
      says: '镜像仓库 {registry} 只提供 HTTP，而节点按 HTTPS 访问',
      remedy: '为仓库启用 TLS；确实需要时，在节点的容器运行时中把它配置为 insecure registry。',
    },
    en: {
      says: 'Registry {registry} speaks plain HTTP, and the node asks it over HTTPS',
      remedy:
        'Give the registry TLS; where that is impossible, configure it as an insecure registry in the runtime of the nodes.',
    },
  },
  {
    id: 'I-DNS',
    rank: 58,
    zh: {
      says: '节点 {node} 无法解析镜像仓库 {registry} 的域名',
      remedy: '检查镜像地址的拼写、节点的 /etc/resolv.conf 与上游 DNS。',
    },
    en: {
      says: 'Node {node} cannot resolve the name of registry {registry}',
      remedy: 'Check the spelling of the image’s host, /etc/resolv.conf of the node and its upstream DNS.',
    },
  },
  {
    id: 'I-SPACE',
    rank: 59,
    zh: {
      says: '节点 {node} 的镜像文件系统空间不足，无法拉取 {image}',
      remedy: '清理节点上不用的镜像与日志，或扩容磁盘；检查 kubelet 的镜像回收阈值。',
    },
    en: {
      says: 'The image file system of node {node} is full; {image} cannot be pulled',
      remedy:
        'Remove unused images and logs on the node or enlarge its disk; check kubelet’s image garbage collection thresholds.',
    },
  },
  {
    id: 'I-NET',
    rank: 57,
    zh: {
      says: '节点 {node} 连不上镜像仓库 {registry}：{reason}',
      remedy: '检查节点到仓库的出口网络（NAT、EIP、防火墙、代理）；网络隔离时使用内网镜像仓库。',
    },
    en: {
      says: 'Node {node} does not reach registry {registry}: {reason}',
      remedy:
        'Check the node’s way out to the registry (NAT, public address, firewall, proxy); behind an air gap use a registry inside.',
    },
  },
  {
    id: 'I-404',
    rank: 58,
    zh: {
      says: '镜像 {image} 不存在：仓库或标签写错、已删除，或未推送到该地域的仓库',
      remedy: '改正镜像名或标签；联邦中各地域仓库不同时，用 OverridePolicy 按集群替换镜像。',
    },
    en: {
      says: 'Image {image} does not exist: repository or tag are wrong, were deleted, or were not pushed to this region’s registry',
      remedy:
        'Correct the name or the tag. Where regions of a federation have registries of their own, replace the image per cluster with an OverridePolicy.',
    },
  },
  {
    id: 'I-NAME',
    rank: 58,
    zh: {
      says: '容器 {container} 的镜像名 {image} 不合法',
      remedy: '仓库名只能用小写字母、数字和分隔符；去掉空格、大写字母和多余的冒号。',
    },
    en: {
      says: 'The image name {image} of container {container} is invalid',
      remedy:
        'Repository names have lower-case letters, digits and separators only: remove spaces, capitals and extra colons.',
    },
  },
  {
    id: 'I-NEVER',
    rank: 58,
    zh: {
      says: '镜像 {image} 不在节点 {node} 上，而 imagePullPolicy 为 Never',
      remedy: '把 imagePullPolicy 改为 IfNotPresent，或预先把镜像加载到节点。',
    },
    en: {
      says: 'Image {image} is not on node {node}, and imagePullPolicy is Never',
      remedy: 'Set imagePullPolicy to IfNotPresent, or load the image onto the node beforehand.',
    },
  },
  {
    id: 'I-PULL',
    rank: 50,
    zh: {
      says: '容器 {container} 的镜像 {image} 拉取失败：{reason}',
      remedy: '查看拉取事件的完整信息；没有事件时，删除 Pod 使其重试以得到新的原因。',
    },
    en: {
      says: 'Image {image} of container {container} cannot be pulled: {reason}',
      remedy:
        'Read the whole message of the pull event; where there is none any more, delete the pod so that it tries again and says why.',
    },
  },
];

const PULL_REASONS =
  /^(ErrImagePull|ImagePullBackOff|ErrImageNeverPull|InvalidImageName|ImageInspectError|RegistryUnavailable|SignatureValidationFailed)$/;

/** The first that fits decides: what is more particular stands before what is more general. */
const PATTERNS: readonly (readonly [string, RegExp])[] = [
  ['I-NAME', /InvalidImageName|couldn't parse image (name|reference)|invalid reference format/i],
  ['I-NEVER', /ErrImageNeverPull|pull policy of Never/i],
  ['I-SCHEMA', /manifest\.v1\+(prettyjws|json)|schema ?1/i],
  ['I-OLD', /Status 403 trying to pull repository/i],
  [
    'I-ARCH',
    /no match(ing manifest)? for (linux|windows|platform)|no match for platform in manifest|exec format error/i,
  ],
  ['I-SPACE', /no space left on device|FreeDiskSpaceFailed|ImageGCFailed/i],
  ['I-429', /toomanyrequests|429 Too Many Requests|pull rate limit/i],
  ['I-X509', /x509:|certificate (signed by unknown authority|has expired)|tls: failed to verify/i],
  ['I-HTTP', /server gave HTTP response to HTTPS client/i],
  [
    'I-401',
    /401 Unauthorized|authentication required|no basic auth credentials|insufficient_scope|pull access denied|may require .?docker login/i,
  ],
  ['I-403', /403 Forbidden|Access Denied|denied: |CRS_1002/i],
  ['I-DNS', /no such host|server misbehaving|Temporary failure in name resolution/i],
  [
    'I-NET',
    /i\/o timeout|connection refused|network is unreachable|no route to host|TLS handshake timeout|context deadline exceeded|proxyconnect|connection reset|EOF\b/i,
  ],
  ['I-404', /manifest unknown|not found|name unknown|repository .*does not exist/i],
];

/** Which cause of the catalogue the words mean; `I-PULL` when they mean none. Exported for tests. */
export function classifyPull(text: string): string {
  return PATTERNS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'I-PULL';
}

export const imageCheck: Check = {
  id: 'image',
  title: { zh: '镜像拉取', en: 'Image pull' },
  needs: ['Event'],
  looked: (pod) => containersOf(pod).map(({ path, spec }) => field(pod, `${path}.image`, spec.image)),
  run: (pod, world) =>
    containersOf(pod)
      .filter(({ waiting }) => waiting !== null && PULL_REASONS.test(waiting.reason))
      .map((container) => judge(pod, container, world)),
};

function judge(pod: KubeObject, container: ContainerFact, world: World): Hit {
  const image = String(container.spec.image ?? '');
  const { reason = '', message = '' } = container.waiting ?? {};
  const told = world
    .events(pod)
    .filter((fact) => /^(Failed|InspectFailed|ErrImageNeverPull)$/.test(fact.reason) && about(fact, container, image));
  // "Back-off pulling image" says nothing, and a short "Error: ErrImagePull" neither: the event of the pull itself does.
  const pull = told.find((fact) => /Failed to pull image|couldn't parse|pull policy of Never/.test(fact.message));
  const text = [reason, message, pull?.message ?? ''].join('\n');
  const cause = classifyPull(text);
  const node = String(pod.spec?.nodeName ?? '');
  const nodeInfo = world.get('Node', '', node)?.status?.nodeInfo;
  const evidence = [
    field(pod, `${container.statusPath}.state.waiting`, message === '' ? reason : `${reason}: ${message}`),
    ...(pull === undefined ? [] : [event(pod, pull)]),
    field(pod, `${container.path}.image`, image),
  ];
  const nodeObject = world.get('Node', '', node);
  if (cause === 'I-OLD' && nodeObject !== undefined)
    evidence.push(field(nodeObject, 'status.nodeInfo.containerRuntimeVersion'));
  return hit(cause, pod, {
    params: {
      container: container.name,
      image,
      registry: registryOf(image),
      node,
      arch: nodeInfo?.architecture ?? '?',
      reason: shortReason(pull?.message ?? message) || reason,
      secrets: secretsOf(pod, world),
    },
    confidence: AMBIGUOUS.test(text) ? 'medium' : confidenceOf(cause, String(nodeInfo?.containerRuntimeVersion ?? '')),
    evidence,
    commands: commandsFor(cause, pod, container, world),
  });
}

/** One answer for an image that is not there and one that asks for a login. */
const AMBIGUOUS = /repository does not exist or may require/i;

/** The old client's words from a runtime that is no docker point to a mirror in between. */
function confidenceOf(cause: string, runtime: string): Hit['confidence'] {
  if (cause === 'I-PULL') return 'low';
  return cause === 'I-OLD' && runtime !== '' && !runtime.startsWith('docker://') ? 'medium' : 'high';
}

function about(fact: EventFact, container: ContainerFact, image: string): boolean {
  return fact.field.includes(`{${container.name}}`) || (fact.field === '' && fact.message.includes(image));
}

function commandsFor(cause: string, pod: KubeObject, container: ContainerFact, world: World): string[] {
  const namespace = pod.metadata.namespace ?? '';
  const workload = workloadOf(world, pod);
  switch (cause) {
    case 'I-401':
      return [
        `kubectl create secret docker-registry registry-login -n ${sh(namespace)} --docker-server=${sh(registryOf(String(container.spec.image ?? '')))} --docker-username=USER --docker-password=PASSWORD`,
        `kubectl patch serviceaccount ${sh(String(pod.spec?.serviceAccountName ?? 'default'))} -n ${sh(namespace)} -p '{"imagePullSecrets":[{"name":"registry-login"}]}'`,
      ];
    case 'I-OLD':
      return ['docker version', 'cat /etc/docker/daemon.json', 'systemctl daemon-reload && systemctl restart docker'];
    case 'I-404':
    case 'I-NAME':
    case 'I-SCHEMA':
      return workload.kind === 'Pod'
        ? [kubectl('set image', pod, `${sh(container.name)}=IMAGE:TAG`)]
        : [kubectl('set image', workload, `${sh(container.name)}=IMAGE:TAG`), kubectl('rollout undo', workload)];
    case 'I-SPACE':
      return [
        kubectl('describe', { kind: 'Node', namespace: '', name: String(pod.spec?.nodeName ?? '') }),
        'crictl rmi --prune',
      ];
    default:
      return [kubectl('describe', pod)];
  }
}

export function registryOf(image: string): string {
  const first = image.split('/')[0] ?? '';
  return image.includes('/') && (/[.:]/.test(first) || first === 'localhost') ? first : 'docker.io';
}

/** What comes after the runtime's long preamble. */
function shortReason(text: string): string {
  const parts = text.split(/: (?=[a-z0-9])/i);
  return parts.slice(-2).join(': ').slice(0, 160);
}

/** Whether the pod has something to log in with; existence and host only, never a value. */
function secretsOf(pod: KubeObject, world: World): string {
  const namespace = pod.metadata.namespace ?? '';
  const account = world.get('ServiceAccount', namespace, String(pod.spec?.serviceAccountName ?? 'default'));
  const names = [...(pod.spec?.imagePullSecrets ?? []), ...(account?.imagePullSecrets ?? [])].map(({ name }) => name);
  if (names.length === 0) return 'imagePullSecrets: -';
  if (!world.complete('Secret')) return `imagePullSecrets: ${names.join(', ')}`;
  return names
    .map((name) => {
      const secret = world.get('Secret', namespace, name);
      return secret === undefined
        ? `Secret ${name}: not found`
        : `Secret ${name}: ${(secret.registries ?? []).join(', ') || secret.type}`;
    })
    .join('; ');
}
