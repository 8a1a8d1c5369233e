/** Causes of pods that have no node: sentences and remedies. */
import type { Cause } from '../types.ts';

const resources = (id: string, what: string, rank: number): Cause => ({
  id,
  rank,
  zh: {
    says: `没有节点剩余足够的 ${what}：Pod 申请 {request}，剩余最多的节点 {node} 还有 {free}{never}`,
    remedy: '降低 requests、删除或迁移其他工作负载，或增加节点；申请量大于最大节点的可分配量时，必须换更大的节点规格。',
  },
  en: {
    says: `No node has enough ${what} left: the pod requests {request}, the emptiest node {node} has {free}{never}`,
    remedy:
      'Lower the request, remove or move other workloads, or add nodes. A request above what the largest node can allocate needs a larger kind of node.',
  },
});

export const SCHEDULING_CAUSES: readonly Cause[] = [
  resources('P-CPU', 'CPU', 77),
  resources('P-MEM', 'memory', 77),
  resources('P-EPH', 'ephemeral-storage', 77),
  resources('P-EXT', '{resource}', 78),
  {
    id: 'P-MAXPODS',
    rank: 76,
    zh: {
      says: '节点上的 Pod 数已达上限（{counts}）',
      remedy: '增加节点，或提高 kubelet 的 maxPods（同时确认 Pod 网段够用）。',
    },
    en: {
      says: 'Nodes hold as many pods as they may ({counts})',
      remedy: 'Add nodes, or raise kubelet’s maxPods (the pod address range must be large enough).',
    },
  },
  {
    id: 'P-TAINT',
    rank: 74,
    zh: {
      says: '节点带有 Pod 不容忍的污点 {taint}（{by}）',
      remedy: '由控制器设置的污点：先修复节点；专用节点：为 Pod 添加 toleration，或移除污点。',
    },
    en: {
      says: 'Nodes have the taint {taint}, which the pod does not tolerate ({by})',
      remedy:
        'A taint set by a controller: repair the node. A dedicated node: give the pod a toleration, or remove the taint.',
    },
  },
  {
    id: 'P-CORDON',
    rank: 75,
    zh: { says: '节点 {nodes} 被禁止调度（cordon）{by}', remedy: '维护结束后解除：kubectl uncordon。' },
    en: { says: 'Nodes {nodes} are cordoned{by}', remedy: 'When the maintenance is over, kubectl uncordon.' },
  },
  {
    id: 'P-AFF',
    rank: 76,
    zh: {
      says: '没有节点满足 Pod 的节点选择条件 {wanted}；最接近的节点 {node}：{closest}',
      remedy: '改正 nodeSelector/nodeAffinity，或给节点打上相应标签。',
    },
    en: {
      says: 'No node matches what the pod asks of one: {wanted}. The closest is {node}: {closest}',
      remedy: 'Correct nodeSelector or nodeAffinity, or label a node.',
    },
  },
  {
    id: 'P-PAFF',
    rank: 76,
    zh: {
      says: '没有节点满足 Pod 亲和规则 {wanted}',
      remedy: '确认目标 Pod 在运行且标签正确；或把规则改为 preferred。',
    },
    en: {
      says: 'No node satisfies the pod affinity {wanted}',
      remedy: 'Make sure that the pods it wants to be near run and have these labels, or make the rule preferred.',
    },
  },
  {
    id: 'P-PANTI',
    rank: 76,
    zh: {
      says: '反亲和规则 {wanted} 使每个 {topology} 最多放一个 Pod，已无空闲',
      remedy: '增加节点，或把规则改为 preferred。',
    },
    en: {
      says: 'Anti-affinity {wanted} admits one pod per {topology}, and none is free',
      remedy: 'Add nodes, or make the rule preferred.',
    },
  },
  {
    id: 'P-SPREAD',
    rank: 76,
    zh: {
      says: '拓扑分布约束 {wanted} 无法满足：{counts}',
      remedy: '为节点补上拓扑标签、增加可用域，或把 whenUnsatisfiable 改为 ScheduleAnyway。',
    },
    en: {
      says: 'The topology spread constraint {wanted} cannot be met: {counts}',
      remedy: 'Label the nodes, add capacity in the missing domain, or set whenUnsatisfiable to ScheduleAnyway.',
    },
  },
  {
    id: 'P-PORT',
    rank: 76,
    zh: {
      says: 'hostPort {port} 在所有可用节点上已被占用（{owner}）',
      remedy: '去掉 hostPort，改用 Service；或换一个端口。',
    },
    en: {
      says: 'Host port {port} is taken on every node that would do ({owner})',
      remedy: 'Remove hostPort and use a Service, or take another port.',
    },
  },
  {
    id: 'P-VOLAFF',
    rank: 78,
    zh: {
      says: '卷 {volume} 只能在 {zone} 使用，而该处没有可用节点',
      remedy: '在该可用区增加或恢复节点；StorageClass 使用 WaitForFirstConsumer；或在其他可用区从备份恢复。',
    },
    en: {
      says: 'Volume {volume} can only be used in {zone}, where no node is free',
      remedy:
        'Add or repair a node there, give the StorageClass WaitForFirstConsumer, or restore the data in another zone.',
    },
  },
  {
    id: 'P-VOLBIND',
    rank: 73,
    zh: { says: 'Pod 使用的 PVC {claim} 未就绪：{reason}', remedy: '先修复 PVC：创建、等待删除完成，或使其绑定。' },
    en: {
      says: 'Claim {claim} of the pod is not ready: {reason}',
      remedy: 'Mend the claim first: create it, wait until the old one is gone, or get it bound.',
    },
  },
  {
    id: 'P-VOLMAX',
    rank: 77,
    zh: {
      says: '节点可挂载的卷数已满，或 ReadWriteOncePod 卷正被其他 Pod 使用：{reason}',
      remedy: '增加节点，或删除占用该卷的 Pod。',
    },
    en: {
      says: 'Nodes cannot take another volume, or the ReadWriteOncePod volume is in use by another pod: {reason}',
      remedy: 'Add nodes, or delete the pod that uses the volume.',
    },
  },
  {
    id: 'P-DRA',
    rank: 77,
    zh: {
      says: '动态资源（ResourceClaim）无法分配：{reason}',
      remedy: '检查 ResourceClaim 与 DeviceClass 是否存在、驱动是否发布了 ResourceSlice、设备是否空闲。',
    },
    en: {
      says: 'Dynamic resources (ResourceClaim) cannot be allocated: {reason}',
      remedy:
        'Check that ResourceClaim and DeviceClass exist, that the driver publishes ResourceSlices, and that devices are free.',
    },
  },
  {
    id: 'P-NONODE',
    rank: 79,
    zh: { says: '集群中没有可用于调度的节点', remedy: '添加节点，或检查节点注册与自动伸缩。' },
    en: {
      says: 'The cluster has no node to schedule pods on',
      remedy: 'Add nodes, or find out why they do not register or scale up.',
    },
  },
  {
    id: 'P-GATE',
    rank: 79,
    zh: {
      says: 'Pod 被调度门控 {gates} 拦住',
      remedy: '由负责该门控的控制器移除 spec.schedulingGates；确认该控制器在运行。',
    },
    en: {
      says: 'Scheduling gates hold the pod back: {gates}',
      remedy: 'The controller that set spec.schedulingGates has to remove them; make sure it runs.',
    },
  },
  {
    id: 'P-NOSCHED',
    rank: 79,
    zh: {
      says: '调度器 {scheduler} 没有处理该 Pod：{reason}',
      remedy: '检查 schedulerName 是否写错、对应的调度器是否在运行并持有租约。',
    },
    en: {
      says: 'Scheduler {scheduler} does not look at the pod: {reason}',
      remedy: 'Check schedulerName, and that this scheduler runs and holds its lease.',
    },
  },
  {
    id: 'P-PREEMPT',
    rank: 72,
    zh: {
      says: 'Pod 被更高优先级的 Pod 抢占，或在等待节点 {node} 上的 Pod 让位：{reason}',
      remedy: '增加容量，或调整 PriorityClass。',
    },
    en: {
      says: 'The pod was pre-empted by one of higher priority, or waits for pods on {node} to leave: {reason}',
      remedy: 'Add capacity, or change the PriorityClass.',
    },
  },
  {
    id: 'P-UNSCHED',
    rank: 70,
    zh: { says: 'Pod 无法调度：{reason}', remedy: '按调度器给出的原因处理。' },
    en: { says: 'The pod cannot be scheduled: {reason}', remedy: 'Act on the reason that the scheduler gives.' },
  },
];
