/** 错误说明与处理办法，按错误代码；`hints` 是更贴合具体情形的处理办法。 */
import type { errors as enErrors, hints as enHints, titles as enTitles } from '../en/errors.ts';
import type { Translation } from '../types.ts';

export const errors: Translation<typeof enErrors> = {
  inCluster: '{{cluster}}：{{title}}',
  INVALID: { title: '输入未被接受。', hint: '请按详情中指出的字段修改后重试。' },
  NAME_TAKEN: { title: '该名称已被使用。', hint: '请换一个名称。' },
  NOT_FOUND: { title: '对象不存在（或已被删除）。', hint: '它可能刚被删除，请返回列表重新查看。' },
  CONFLICT: {
    title: '在此期间已有他人修改。',
    hint: '请加载最新版本，比较后重新提交您的修改。没有任何内容被覆盖。',
  },
  REFUSED: { title: '当前状态下不允许此操作。', hint: '请先消除详情中给出的原因，然后重试。' },
  CANCELLED: { title: '已取消。', hint: '需要时请重新开始。' },
  KUBECONFIG_UNREADABLE: {
    title: '无法读取 kubeconfig 文件。',
    hint: '请检查路径是否存在，以及当前账户是否有读取权限。',
  },
  KUBECONFIG_NOT_YAML: {
    title: '这不是 kubeconfig：内容不是有效的 YAML。',
    hint: '请连同缩进复制完整文件。详情中指出了第一处无法解析的行。',
  },
  KUBECONFIG_EMPTY: {
    title: 'kubeconfig 中没有任何 context。',
    hint: 'context 把集群和用户组合在一起。可用 “kubectl config set-context” 添加，或换一个文件。',
  },
  KUBECONFIG_CONTEXT_MISSING: {
    title: 'kubeconfig 中没有该 context。',
    hint: '请从文件已有的 context 中选择，名称区分大小写。',
  },
  KUBECONFIG_INCOMPLETE: {
    title: '该 context 不完整。',
    hint: '它引用的集群或用户缺失，或缺少连接所需的信息。请补全 kubeconfig 后重新读取。',
  },
  CLUSTER_UNREACHABLE: {
    title: '无法连接 API Server。',
    hint: '请确认集群正在运行，且本机可经网络、VPN 和代理访问该地址。',
  },
  CLUSTER_DNS: { title: '无法解析 API Server 的域名。', hint: '请检查 kubeconfig 中的服务器地址、DNS 以及 VPN。' },
  CLUSTER_TIMEOUT: {
    title: 'API Server 未在规定时间内响应。',
    hint: '集群可能过载，或防火墙丢弃了报文。请重试；若持续出现，请检查网络、VPN 和代理。',
  },
  CLUSTER_ERROR: { title: 'API Server 返回错误。', hint: '请查看详情；若持续出现，请检查 API Server 日志。' },
  TLS_UNTRUSTED: {
    title: 'API Server 的证书不受信任。',
    hint: '该证书并非由 kubeconfig 中的 CA 签发。请从集群重新获取 kubeconfig。',
  },
  TLS_NAME_MISMATCH: {
    title: '证书与服务器名称不符。',
    hint: '请使用证书中包含的地址，或在 kubeconfig 中设置 tls-server-name。',
  },
  CERT_EXPIRED: {
    title: '证书已过期。',
    hint: '请更新证书（kubeadm：“kubeadm certs renew”），并重新获取 kubeconfig。',
  },
  CERT_NOT_YET_VALID: { title: '证书尚未生效。', hint: '请检查本机与集群的时钟。' },
  CREDENTIALS_REJECTED: {
    title: '集群拒绝了凭据。',
    hint: 'Token 或证书无效、过期或已吊销。请获取新的 kubeconfig 或重新登录。',
  },
  FORBIDDEN: { title: '当前账户没有此操作的权限。', hint: '请向集群管理员申请详情中列出的权限（RBAC）。' },
  EXEC_NOT_APPROVED: {
    title: '该 kubeconfig 的登录命令尚未批准。',
    hint: '请完整阅读该命令，仅在了解并信任它时批准。',
  },
  EXEC_MISSING: { title: '登录命令未安装。', hint: '请安装详情中的程序，或在 kubeconfig 中写明其完整路径。' },
  EXEC_TIMEOUT: {
    title: '登录命令未能在规定时间内结束。',
    hint: '请在终端中运行一次，它可能在等待登录。如果它确实需要更长时间，请在“设置”中调高时限。',
  },
  EXEC_FAILED: { title: '登录命令执行失败。', hint: '请在终端中运行一次以查看原因，通常需要重新登录。' },
  TOO_MANY_REQUESTS: { title: 'API Server 要求减少请求。', hint: '请稍候再试。' },
  GONE: { title: '列表位置已过期。', hint: '系统会自动重新读取列表。' },
  DATA_DIR_LOCKED: {
    title: '另一个 Fleetdeck 正在使用该数据目录。',
    hint: '请使用已运行的实例，或先结束它，或用其他目录启动（--data）。',
  },
  DATA_DIR_UNWRITABLE: { title: '数据目录不可写。', hint: '请检查目录的属主和权限，或另选目录（--data）。' },
  FILE_UNWRITABLE: { title: '无法写入文件 {{path}}。', hint: '请检查其所在目录是否存在、是否有写权限，或另选文件。' },
  STORE_DAMAGED: { title: '数据库已损坏。', hint: '数据库未被改动。请从备份恢复，或将其移走后以空库启动。' },
  STORE_NEWER: {
    title: '数据库由更新的版本写入。',
    hint: '数据库未被改动。请启动更新版本的 Fleetdeck，或使用其他数据目录。',
  },
  SECRETS_LOCKED: { title: '无法解密已保存的机密信息。', hint: '请提供加密时使用的口令或密钥文件，或解锁钥匙串。' },
  DISK_FULL: { title: '磁盘已满。', hint: '请释放空间后重试。没有写入任何不完整的数据。' },
  PORT_TAKEN: { title: '端口 {{port}} 已被占用。', hint: '请结束占用它的程序，或选择其他端口。' },
  POLICY_SELECTS_NOTHING: {
    title: '该策略没有选中任何资源模板。',
    hint: 'resourceSelectors 必须指向该模板：apiVersion、kind、name 与 namespace。',
  },
  POLICY_UNKNOWN_CLUSTER: {
    title: '策略中的集群不是联邦成员：{{name}}',
    hint: '请更正名称，或将该集群加入联邦；在此之前它不会收到任何资源。',
  },
  POLICY_ZERO_WEIGHTS: { title: '所有权重均为零。', hint: '请至少为一个集群设置大于零的权重，否则副本将平均分配。' },
  NO_CLUSTER_FITS: {
    title: '没有符合策略的成员集群。',
    hint: '“已过滤集群”列出了每个集群被哪条规则排除。请放宽该规则或修复集群。',
  },
  MANAGED_ELSEWHERE: {
    title: '该集群由另一个联邦管理：{{manager}}，自 {{since}} 起。',
    hint: '不会向该集群写入任何内容。请先让它退出另一个联邦，或在此处明确接管；接管后另一方会自动停手。',
  },
  NO_KARMADA: {
    title: '这不是 Karmada 控制面。',
    hint: '请使用 Karmada API Server 的 kubeconfig（karmada-apiserver.config），而不是其所在宿主集群的 kubeconfig。',
  },
  FEDERATION_MOVE_WAITS: { title: '迁移没有进展。', hint: '仍在等待：{{what}}' },
  FEDERATION_MOVING: {
    title: '联邦正在迁移。',
    hint: '请等待迁移结束，或继续、撤回迁移，然后重试。',
  },
  UNAUTHORISED: { title: '您的角色不允许此操作。', hint: '请由本 Fleetdeck 的管理员操作，或为您授予相应角色。' },
  ENGINE_UNAVAILABLE: { title: '引擎没有响应。', hint: '引擎会自动重启，您输入的内容不会丢失。请稍后重试。' },
  UNSUPPORTED: { title: '此处不支持该操作。', hint: '详情说明了所需的版本或资源类型。' },
  INTERNAL: { title: '发生了意外错误。', hint: '请重试。若再次出现，请连同详情一起反馈。' },
};

export const titles: Translation<typeof enTitles> = {
  clusterRegistered: '该集群已经注册。',
  clusterReplaced: '该地址上应答的是另一个集群。',
  notApiServer: '该地址上应答的不是 Kubernetes API Server。',
  proxyUntrusted: '途中有证书不受信任。',
  kindNotServed: '不提供该类型。',
  answerBroken: '收到的应答已损坏。',
  metricsMissing: '该集群没有指标 API。',
  metricsForbidden: '无权读取节点用量。',
  rightsMissing: '缺少部分权限。',
  versionTooOld: '该 Kubernetes 版本过低。',
  versionForFederation: '该 Kubernetes 版本过低，不能加入联邦。',
  authProviderGone: '这种登录方式已不存在。',
  tooManyClusters: '没有空间再注册集群。',
  kubeconfigTooLarge: '该文件过大，不是 kubeconfig。',
  credentialFile: 'kubeconfig 引用的文件无法读取。',
};

export const hints: Translation<typeof enHints> = {
  kubeconfigTooLarge: 'kubeconfig 不会有这么大。请选择 kubectl 所读的文件，而不是压缩包或日志。',
  kubeconfigFolder: '这是一个目录。请给出其中某个文件的路径。',
  nothingToInspect: '其中没有集群，请先添加。',
  inspectionUnderWay: '请先取消巡检，或等待其结束。',
  stillCreating: '该集群仍在注册中，请稍候。',
  deletionProtection: '删除保护已开启，请先关闭。',
  clusterInFleet: '该集群属于某个舰队，请先将其移出舰队。',
  clusterInOtherFleet: '一个集群只能加入一个舰队，请先将其移出当前舰队。',
  fleetNotEmpty: '舰队中仍有集群，请先移出。',
  fleetHasFederation: '该舰队已加入联邦，请先退出联邦。',
  fleetInOtherFederation: '该舰队属于另一个联邦，请先从中退出。',
  federationHasMembers: '联邦仍有成员，请先让舰队退出联邦。',
  externalMembers: '该联邦由外部 Karmada 控制面运行。请在那里加入或移除成员集群，例如使用 karmadactl join 和 unjoin。',
  externalFailover: '该联邦由外部 Karmada 控制面运行：故障迁移在那里设置。',
  moveMemberMissing: '集群 {{name}} 不是目标控制面的成员。请先在那里以相同名称加入（karmadactl join）。',
  moveMemberUnregistered: '集群 {{name}} 未在此处注册。请先以相同名称注册。',
  embeddedOnly: '请先把联邦迁移到本工作站，或在其控制面所在处操作。',
  externalExec: '此处不能使用会运行登录命令的 kubeconfig。请使用带 token 或客户端证书的 kubeconfig。',
  federationHasFleet: '该联邦已有舰队，请先让其退出。',
  clusterRegistered: '该集群已用详情中的名称注册。请直接使用它，或先将其注销。',
  oidcToken:
    '请重新登录，或在该 context 中运行任意 kubectl 命令：kubectl 会更新文件中的令牌，Fleetdeck 会重新读取该文件，但不会写入。若保存的是文本而非文件，请替换 kubeconfig，或改用 kubelogin 等 exec 插件。',
  authProviderGone:
    'Kubernetes 1.26 起已移除 auth-provider。请重新获取使用 exec 插件（如 gke-gcloud-auth-plugin、kubelogin）的 kubeconfig。',
  clientCertificateExpired: 'kubeconfig 中的客户端证书已过期。请从集群重新获取 kubeconfig，或重新登录。',
  serverCertificateExpired: 'API Server 的证书已过期。请在控制平面上续签（kubeadm：“kubeadm certs renew all”）。',
  proxyCredentials:
    '途中的代理要求用户名和密码，或不接受当前的用户名和密码。请在 kubeconfig 的 proxy-url 或 HTTPS_PROXY 中更正。',
  proxyUntrusted:
    '连接经由 https 代理：代理或 API Server 的证书并非由 kubeconfig 中的 CA 签发。请把两者的 CA 都写入 certificate-authority-data。',
  proxyInTheWay:
    '该集群经由代理访问，代理地址见详情。请确认代理正在运行并允许本机访问该地址，或用 NO_PROXY 将该地址排除。',
  execInteractive: '登录命令需要在终端中交互。请先在终端登录，或将 interactiveMode 设为 IfAvailable。',
  execApiVersion:
    '其使用的协议版本已停用。请更新该程序，并用它以 client.authentication.k8s.io/v1 重新生成 kubeconfig。',
  execInstall: 'kubeconfig 给出的安装方法：{{installHint}}',
  metricsMissing: '没有指标 API 就无法显示 Pod 和节点的用量。请在集群中安装 metrics-server；其他功能不受影响。',
  metricsForbidden: '其他功能不受影响。请向集群管理员申请详情中列出的权限（RBAC）。',
  rightsMissing: '下方标出的功能会被集群拒绝，其他功能不受影响。请向集群管理员申请详情中列出的权限（RBAC）。',
  aggregatedApiAway:
    '该 API 组由聚合的服务器提供，目前没有应答，集群其余部分可能正常。请检查该组的 APIService 及其指向的 Service 和 Pod。',
  tooManyClusters: '此安装的集群数量已达上限，请先注销不需要的集群。',
  leftBehind: '集群中会留下 Fleetdeck 的对象：{{left}}。请手动移除，或选择保留它们并注销。',
  notApiServer:
    '可能是网关、代理或网络的登录页面代为应答。请检查 kubeconfig 中的 server 地址，用浏览器打开它看看是谁在应答，并登录所需的网络或 VPN。',
  kindNotServed: '相应的 CustomResourceDefinition 或聚合 API 已被删除或尚未安装；安装后列表会自动出现。',
  answerBroken:
    '应答被截断，或与其声明的格式不符。途中的代理或网关常会改动应答：请检查 kubeconfig 中的 server 地址和 proxy-url。若中间没有其他设备，请检查 API Server 日志。',
  clusterReplaced: '该地址上应答的已不是注册时的集群。请注销此集群，再注册新集群。',
  versionTooOld: '请将集群升级到 Kubernetes 1.19 或更高版本；加入联邦需要 1.21。',
  versionForFederation: '可以注册；加入联邦前请将集群升级到 Kubernetes 1.21 或更高版本。',
  credentialFile: '请检查文件是否存在，以及当前账户是否有读取权限。',
  promotionTemplate: '请先删除或重命名联邦中的模板，或让其策略以冲突处理“Overwrite”接管副本。',
  promotionManagedHere: '该副本已由本联邦管理。',
  promotionManagedElsewhere: '该副本由其他联邦或其他 Karmada 管理，请先在那里移出。',
  promotionNotPlaced: '策略 {{name}} 已选中它并将其分发到别处。若要纳管此处的副本，请先修改该策略。',
  releaseSharedPolicy:
    '策略 {{name}} 会删除其副本，并且还分发其他资源。请先在策略中开启“对象删除后保留各集群中的副本”。',
  shiftGroups: '该策略在有序集群组中选择，请先改为指定成员。',
  drillNeedsFailover: '该联邦已关闭自动接管，请先在设置中开启。',
  drillNeedsPartner: '演练需要另一个就绪且接收新负载的成员。',
  runUnderWay: '该联邦有另一项操作正在进行，请先结束或撤回。',
  runNotNow: '其状态已变化，请重新查看。',
  runPolicyChanged: '此后有人修改了策略的副本分配。请再次按权重迁移到期望的分布。',
  runNotEnded: '请先停止或撤回。',
};
