import type { Hit } from '../../types.ts';
import { nodeRule } from '../families.ts';
import { conditionsOf, conditionText, minorOf, RUNTIME_CONDITIONS } from '../nodes.ts';

const COMPLAINTS = ['container runtime is down', 'PLEG is not healthy', 'failed to get docker version'];
/** The first minor version whose kubelet does not speak to Docker itself any more. */
const WITHOUT_DOCKERSHIM = 24;

export const dockerStatus = nodeRule(
  'DockerStatus',
  {
    references: ['https://kubernetes.io/docs/setup/production-environment/container-runtimes/'],
    zh: [
      '容器运行时异常',
      '节点无法启动、停止或检查容器，Pod 会停在 ContainerCreating 或 Terminating。',
      '在节点上检查并重启容器运行时；仍在使用 Docker 的节点迁移到 containerd。',
    ],
    en: [
      'Container runtime in trouble',
      'The node cannot start, stop or check containers; pods stay in ContainerCreating or Terminating.',
      'Look at the runtime on the node and restart it; move nodes that still use Docker to containerd.',
    ],
  },
  (node, world) => {
    const hits: Hit[] = [];
    for (const condition of conditionsOf(node)) {
      const field = `status.conditions[${condition.type}]`;
      const complains = COMPLAINTS.some((text) => condition.message?.includes(text));
      if (condition.type === 'Ready' && condition.status !== 'True' && complains)
        hits.push({ field, evidence: conditionText(condition) });
      if (RUNTIME_CONDITIONS.includes(condition.type) && condition.status === 'True')
        hits.push({ field, evidence: conditionText(condition) });
    }
    const runtime = String(node.status?.nodeInfo?.containerRuntimeVersion ?? '');
    const minor = minorOf(world.version ?? node.status?.nodeInfo?.kubeletVersion);
    if (runtime.startsWith('docker://') && minor !== null && minor >= WITHOUT_DOCKERSHIM)
      hits.push({ field: 'status.nodeInfo.containerRuntimeVersion', evidence: runtime });
    return hits;
  },
);
