import { volumesOf } from '../../workloads.ts';
import { baselineRule } from '../families.ts';

export const hostPathVolume = baselineRule(
  'HostPathVolume',
  {
    zh: [
      '挂载了主机目录',
      '容器可以读写节点上的文件，由此取得节点权限，或读取其他 Pod 的数据。',
      '改用 PVC、emptyDir、configMap 或 projected 卷；日志、存储等系统组件请豁免。',
    ],
    en: [
      'Directory of the host mounted',
      'The container reads and writes files of its node, and from there owns it or reads what belongs to other pods.',
      'Use a claim, emptyDir, configMap or projected volume; exempt system components for logs and storage.',
    ],
  },
  ({ spec, path }) =>
    volumesOf(spec).flatMap(({ name, hostPath }, index) =>
      hostPath === undefined
        ? []
        : [{ field: `${path}.volumes[${index}].hostPath`, evidence: `${name}: ${hostPath?.path ?? ''}` }],
    ),
);
