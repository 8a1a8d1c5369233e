/** 窗口框架：导航、顶栏、命令面板、连接状态、设置页。 */
import type { settings as enSettings, shell as enShell } from '../en/shell.ts';
import type { Translation } from '../types.ts';

export const shell: Translation<typeof enShell> = {
  nav: {
    label: '主导航',
    overview: '总览',
    clusters: '集群',
    fleets: '舰队',
    federations: '联邦',
    resources: '资源',
    demo: '演示',
    audit: '审计日志',
    settings: '设置',
    collapse: '收起导航',
    expand: '展开导航',
    skip: '跳到内容',
  },
  demo: '演示：模拟集群',
  target: {
    label: '当前操作对象',
    none: '未选择集群',
    several_other: '{{count}} 个集群',
    choose: '选择集群',
    clusters: '集群',
    federations: '联邦',
    onlyRunning: '仅可进入运行中的集群。',
    only: '仅此',
    allRunning: '全部运行中的集群',
    show: '查看资源',
  },
  language: '语言',
  theme: { label: '外观', dark: '深色', light: '浅色', system: '跟随系统' },
  connection: {
    open: '已连接',
    connecting: '连接中',
    lost: '引擎重启中',
    lostBanner: '引擎正在重启。当前显示的是 {{time}} 的数据，您输入的内容不会丢失。',
    signedOut: '应用已不再识别此页面。请重新打开应用启动时输出的地址（或重新启动应用）。',
    firstFailed: '引擎尚未响应，正在重试。',
  },
  palette: {
    open: '命令与搜索',
    placeholder: '跳转到页面、集群或资源类型，或执行操作',
    empty: '没有与 “{{query}}” 匹配的项。',
    groups: { pages: '页面', actions: '操作', clusters: '集群', federations: '联邦', kinds: '资源类型' },
    help: '方向键选择，回车执行，Esc 关闭',
    registerCluster: '注册集群',
    createFleet: '创建舰队',
    createFederation: '创建联邦',
    distribute: '在 {{name}} 中创建工作负载',
    verifyAudit: '校验审计日志',
    switchTheme: '切换深色 / 浅色',
    switchLanguage: 'Switch to English',
    showResources: '查看 {{name}} 的资源',
  },
  secrets: {
    keyFileBanner:
      'kubeconfig 由本机上的密钥文件加密，能读取该文件的人即可读取 kubeconfig。设置 FLEETDECK_PASSPHRASE 后启动，或使用桌面应用，可获得更好的保护。',
    keyFileBannerDesktop:
      '当前桌面会话没有可用的钥匙串（如 GNOME Keyring 或 KWallet），kubeconfig 由本机上的密钥文件加密，能读取该文件的人即可读取 kubeconfig。解锁钥匙串，或设置 FLEETDECK_PASSPHRASE 后启动，可获得更好的保护。',
    keyFileBannerTitle: '机密信息仅由密钥文件保护。',
    understood: '知道了',
  },
  notFound: '页面不存在。',
  notFoundHint: '该链接可能来自其他版本。请从左侧选择页面。',
  crashed: '此页面发生了意外错误。',
};

export const settings: Translation<typeof enSettings> = {
  title: '设置',
  appearance: '语言与外观',
  secrets: '机密信息保护',
  about: '关于',
  backend: {
    keychain: 'kubeconfig 使用保存在系统钥匙串中的密钥加密。',
    keyFile: 'kubeconfig 使用仅您的账户可读的密钥文件加密（AES-256-GCM）。',
    passphrase: 'kubeconfig 使用由口令派生的密钥加密（AES-256-GCM）。',
  },
  keyFile: '密钥文件',
  keyFileAdvice:
    '能读取此文件的人即可解密已保存的 kubeconfig，请勿放入他人可读的备份。启动时设置 FLEETDECK_PASSPHRASE 或使用桌面应用，则无需此文件。',
  keyFileAdviceDesktop:
    '能读取此文件的人即可解密已保存的 kubeconfig，请勿放入他人可读的备份。当前桌面会话没有可用的钥匙串（如 GNOME Keyring 或 KWallet）；有钥匙串，或启动时设置 FLEETDECK_PASSPHRASE，则无需此文件。',
  version: '版本',
  host: '运行方式',
  hosts: { electron: '桌面应用', loopback: '本机浏览器', cli: '命令行' },
  platform: '平台',
  node: 'Node.js',
  dataDir: '数据目录',
  started: '引擎启动时间',
  operator: '操作者',
  policy: { admin: '管理员', user: '普通用户', viewer: '只读用户' },
  shortcuts: '键盘',
  keys: {
    palette: '命令与搜索',
    filter: '跳到表格筛选',
    move: '在表格中移动',
    open: '打开所选行',
    close: '关闭抽屉或对话框',
    pages: '跳到第 1 至 7 页',
  },
};
