/** Causes at nodes: sentences and remedies. */
import type { Cause } from '../types.ts';

export const NODE_CAUSES: readonly Cause[] = [
  {
    id: 'N-DOWN',
    rank: 98,
    zh: {
      says: '节点 {name} 的 kubelet 已 {seconds} 秒没有上报状态{scope}',
      remedy: '检查机器电源与控制台、systemctl status kubelet、到 API Server 的网络（6443 端口）和 kubelet 证书。',
    },
    en: {
      says: 'Kubelet of node {name} has not reported for {seconds} s{scope}',
      remedy:
        'Look at the machine’s power and console, systemctl status kubelet, the way to the API server (port 6443) and kubelet’s certificate.',
    },
    references: ['https://kubernetes.io/docs/reference/node/node-status/'],
  },
  {
    id: 'N-CERT',
    rank: 99,
    zh: {
      says: '节点 {name} 的 kubelet 证书无法更新：{reason}',
      remedy: '核对后批准 CSR（kubectl certificate approve）；检查自动批准控制器；必要时重新签发引导令牌。',
    },
    en: {
      says: 'Kubelet of node {name} cannot renew its certificate: {reason}',
      remedy:
        'Approve the CSR after checking it (kubectl certificate approve), see that the approving controller runs, issue a new bootstrap token if need be.',
    },
  },
  {
    id: 'N-RUNTIME',
    rank: 97,
    zh: {
      says: '节点 {name} 的容器运行时不可用：{reason}',
      remedy: '重启 containerd/docker；检查磁盘 I/O 与节点上的 Pod 数量。',
    },
    en: {
      says: 'The container runtime of node {name} does not work: {reason}',
      remedy: 'Restart containerd or docker; look at disk I/O and at how many pods the node runs.',
    },
  },
  {
    id: 'N-CNI',
    rank: 96,
    zh: {
      says: '节点 {name} 的容器网络未就绪：{reason}',
      remedy: '修复该节点上的 CNI DaemonSet Pod；没有路由时检查云路由控制器。',
    },
    en: {
      says: 'The container network of node {name} is not ready: {reason}',
      remedy: 'Mend the CNI DaemonSet’s pod on this node; where routes are missing, the cloud’s route controller.',
    },
  },
  {
    id: 'N-NOTREADY',
    rank: 90,
    zh: { says: '节点 {name} 未就绪：{reason}', remedy: '查看 kubelet 日志：journalctl -u kubelet。' },
    en: { says: 'Node {name} is not ready: {reason}', remedy: 'Read kubelet’s log: journalctl -u kubelet.' },
  },
  {
    id: 'N-MEM',
    rank: 94,
    zh: {
      says: '节点 {name} 内存不足（MemoryPressure）{top}',
      remedy: '为用量大的 Pod 设置符合实际的 requests/limits，迁移部分 Pod，或增加内存。',
    },
    en: {
      says: 'Node {name} is short of memory (MemoryPressure){top}',
      remedy: 'Give the largest pods requests and limits that match what they use, move some of them, or add memory.',
    },
  },
  {
    id: 'N-DISK',
    rank: 94,
    zh: {
      says: '节点 {name} 磁盘空间或 inode 不足（DiskPressure）：{reason}',
      remedy: '清理镜像、日志与 emptyDir，或扩容磁盘。',
    },
    en: {
      says: 'Node {name} is short of disk space or inodes (DiskPressure): {reason}',
      remedy: 'Clean up images, logs and emptyDirs, or enlarge the disk.',
    },
  },
  {
    id: 'N-PID',
    rank: 94,
    zh: {
      says: '节点 {name} 进程号不足（PIDPressure）',
      remedy: '找出大量创建进程的 Pod；设置 kubelet 的 podPidsLimit。',
    },
    en: {
      says: 'Node {name} is short of process ids (PIDPressure)',
      remedy: 'Find the pod that makes so many processes; set kubelet’s podPidsLimit.',
    },
  },
  {
    id: 'N-TAINT',
    rank: 80,
    zh: {
      says: '节点 {name} 带有污点 {taint}，新的 Pod 不会调度上来（{by}）',
      remedy:
        '维护结束后解除隔离（uncordon）；uninitialized：安装或修复 cloud-controller-manager；out-of-service：节点恢复后移除。',
    },
    en: {
      says: 'Node {name} has the taint {taint}, so new pods stay away ({by})',
      remedy:
        'Uncordon it after maintenance. uninitialized: install or mend the cloud-controller-manager. out-of-service: remove it when the node is back.',
    },
  },
  {
    id: 'N-RO',
    rank: 95,
    zh: { says: '节点 {name} 的文件系统变为只读：{reason}', remedy: '多为磁盘故障：排空节点后检查或更换磁盘。' },
    en: {
      says: 'A file system of node {name} turned read-only: {reason}',
      remedy: 'Most often a failing disk: drain the node, then check or replace it.',
    },
  },
  {
    id: 'N-KERN',
    rank: 93,
    zh: { says: '节点 {name} 内核或运行时异常（{what}）：{reason}', remedy: '排空并重启节点；升级内核与容器运行时。' },
    en: {
      says: 'Kernel or runtime of node {name} misbehave ({what}): {reason}',
      remedy: 'Drain and reboot the node; upgrade kernel and container runtime.',
    },
  },
  {
    id: 'N-TIME',
    rank: 92,
    zh: { says: '节点 {name} 的时钟不准：{reason}', remedy: '启用并检查 NTP（chronyc tracking）。' },
    en: { says: 'The clock of node {name} is wrong: {reason}', remedy: 'Turn on and check NTP (chronyc tracking).' },
  },
  {
    id: 'N-REBOOT',
    rank: 85,
    zh: { says: '节点 {name} 不稳定：{reason}', remedy: '查看系统日志与硬件健康；内存不足时扩容。' },
    en: {
      says: 'Node {name} is unstable: {reason}',
      remedy: 'Look at the system log and the health of the hardware; add memory where it runs out.',
    },
  },
  {
    id: 'N-VER',
    rank: 70,
    zh: {
      says: '节点 {name} 的 kubelet {kubelet} 与 API Server {server} 版本差超出支持范围',
      remedy: '升级 kubelet（不得高于 API Server，且最多落后 3 个小版本）。',
    },
    en: {
      says: 'Kubelet {kubelet} of node {name} is outside the supported skew of API server {server}',
      remedy: 'Upgrade kubelet: never newer than the API server, at most three minor versions older.',
    },
    references: ['https://kubernetes.io/releases/version-skew-policy/'],
  },
  {
    id: 'N-CAP',
    rank: 60,
    zh: { says: '节点 {name} 已接近装满：{reason}', remedy: '增加节点，或降低过高的 requests。' },
    en: { says: 'Node {name} is nearly full: {reason}', remedy: 'Add nodes, or lower requests that are too high.' },
  },
  {
    id: 'N-GPU',
    rank: 86,
    zh: {
      says: '节点 {name} 的 GPU 不可用：{reason}',
      remedy: '检查 device plugin Pod 与驱动；Xid 错误多为硬件故障。',
    },
    en: {
      says: 'The GPUs of node {name} are not available: {reason}',
      remedy: 'Check the device plugin’s pod and the driver; Xid errors mostly mean failing hardware.',
    },
  },
  {
    id: 'N-DUP',
    rank: 84,
    zh: {
      says: '节点 {name} 与 {other} 重复：{reason}',
      remedy: '克隆的虚拟机要重新生成 machine-id 与主机名后重新注册。',
    },
    en: {
      says: 'Node {name} clashes with {other}: {reason}',
      remedy: 'Give a cloned machine its own machine-id and host name, then register it anew.',
    },
  },
  {
    id: 'N-VK',
    rank: 20,
    zh: {
      says: '节点 {name} 是虚拟节点（virtual-kubelet），不是机器，未检查操作系统层面',
      remedy: '无需处理；问题请在其后端服务中查找。',
    },
    en: {
      says: 'Node {name} is a virtual-kubelet, not a machine; nothing of an operating system was checked',
      remedy: 'Nothing to do; look at the service behind it.',
    },
  },
];
