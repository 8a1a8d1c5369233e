/** 联邦由谁运行：本工作站或别处的 Karmada 控制面；两者间的迁移；其他管理者。 */
import type { control as enControl } from '../en/control.ts';
import type { Translation } from '../types.ts';

export const control: Translation<typeof enControl> = {
  where: '控制面在哪里运行',
  kinds: {
    embedded: '在本工作站上',
    external: '已有的 Karmada 控制面',
  },
  kindHelp: {
    embedded:
      '在 Fleetdeck 内运行，无需安装任何东西。本工作站关机时，集群中已运行的照常运行，但不会重新调度、修复或接管。',
    external:
      '由他人运维的 Karmada 昼夜工作，Fleetdeck 是它的控制台。适合工作站关机时也要继续工作、多人共同运维，或规模超出单机承载的联邦。',
  },
  kubeconfig: 'Karmada API Server 的 kubeconfig',
  kubeconfigHelp: '加密保存。例如 karmada-apiserver.config，使用 token 或客户端证书。',
  context: '上下文',
  look: '查看',
  found: 'Karmada {{version}}，{{count}} 个成员',
  foundUnknown: 'Karmada，{{count}} 个成员',
  foundMembers: '成员：{{names}}',
  facts: {
    server: '地址',
    kubernetes: 'API 版本',
    karmada: 'Karmada',
    karmadaAtLeast: '{{version}} 或更新',
    unknown: '无法得知',
    memberProxy: '到成员的通路',
    yes: '经由它（clusters/NAME/proxy）',
    no: '不通：请求未被转发',
    noMember: '无法得知，没有就绪的成员',
    missing: '其中未提供',
  },
  limitsTitle: '此控制台在这里做不到的',
  limits: {
    decisionsNotRecorded: '其调度器不保留记录：“为什么”显示的是现在会如何决定。',
    failoverNotSettable: '故障迁移由其自身的启动参数和策略设置。',
    repairsNotTold: '它在成员中纠正了什么无从得知。',
    featureGatesUnknown: '看不到其特性开关：依赖开关的字段可能不起作用。',
    membersNotSettable: '成员在那里加入和移除，例如使用 karmadactl join 和 unjoin。',
  },
  noKubeconfig: '请使用创建此联邦时的 kubeconfig。Fleetdeck 加密保存它，不会写入文件。',
  move: {
    title: '迁移',
    toExternal: '迁移到 Karmada 控制面',
    toEmbedded: '迁移到本工作站',
    explainExternal:
      '这里定义的一切连同当前放置结果写入目标；随后移交成员，检查每个工作负载照旧运行，最后才切换。成员中不会删除或重建任何东西。成员须已在目标中以相同名称加入。',
    explainEmbedded:
      '那里定义的一切连同当前放置结果写入此处。原控制面先被暂停并保持原样，不会在成员中删除任何东西。成员须已在此处以相同名称注册。',
    plan: '查看将会发生什么',
    planTitle: '将会发生什么',
    start: '立即迁移',
    members: '目标中的成员',
    memberStates: { ready: '就绪', notReady: '未就绪', missing: '缺少' },
    summary: '写入 {{create}} 个，已存在 {{same}} 个，替换 {{replace}} 个，被拒绝 {{refused}} 个',
    objects: '逐个对象',
    actions: { create: '写入', same: '已存在', replace: '替换', refused: '被拒绝' },
    blocked: '还不能开始',
    warnings: '请先查看',
    more: '另有 {{count}} 个',
    running: '迁移中',
    frozen: '该联邦正在迁移到另一个控制面，期间不能更改任何内容。',
    frozenStopped: '该联邦的迁移已中断。在继续或撤回之前，不会调度、修复或更改任何内容。',
    checking: '该联邦已迁移到此处，是否一切照旧运行仍在检查中。',
    acceptHelp: '选择继续即接受现在的放置结果。',
    stopped: '已中断',
    stoppedHelp: '没有丢失任何东西。可以从中断处继续，也可以撤回：联邦将在原处继续运行。',
    steps: {
      freeze: '停下原控制面',
      apply: '写入全部',
      handOver: '移交成员',
      verify: '检查',
      switch: '切换',
    },
    progress: '{{done}} / {{total}}',
    resume: '继续',
    takeBack: '撤回',
    takeBackTitle: '撤回迁移？',
    takeBackText: '原控制面重新接管成员；已写入目标的内容在那里被暂停，不会删除任何东西。',
  },
  manager: {
    takeOver: '接管',
    takeOverTitle: '接管集群 {{name}}？',
    takeOverText:
      '它由 {{manager}} 管理，自 {{since}} 起。接管后由此联邦管理：它分发的内容会写入该集群，包括覆盖另一方所写的。另一方会停手。',
    karmadaText: 'Karmada 控制面不会自动停手：请先让该集群退出（karmadactl unjoin），否则双方会互相撤销对方的改动。',
    lastSeen: '最近一次活动：{{time}}',
    joinAnyway: '接管由其他联邦管理的集群',
  },
};
