import { volumesOf } from '../../workloads.ts';
import { podSecurityRule } from '../families.ts';

const SOCKETS = ['/docker.sock', '/containerd.sock', '/crio.sock', '/cri-dockerd.sock'];

export const runtimeSocketMounted = podSecurityRule(
  'RuntimeSocketMounted',
  {
    severity: 'danger',
    zh: [
      '挂载了容器运行时的套接字',
      '能访问该套接字就能在节点上启动任意容器，等同于节点上的 root。',
      '去掉该挂载；需要构建镜像时使用无需特权的构建工具。',
    ],
    en: [
      'Socket of the container runtime mounted',
      'Who reaches the socket starts any container on the node: root there.',
      'Remove the mount; build images with tools that need no privileges.',
    ],
  },
  ({ spec, path }) =>
    volumesOf(spec).flatMap(({ name, hostPath }, index) =>
      SOCKETS.some((socket) => hostPath?.path?.endsWith(socket))
        ? [{ field: `${path}.volumes[${index}].hostPath`, evidence: `${name}: ${hostPath.path}` }]
        : [],
    ),
);
