import type { PodRule } from '../types.ts';
import { allContainers } from '../workloads.ts';

export const notReadOnlyRootFilesystem: PodRule = {
  id: 'NotReadOnlyRootFilesystem',
  sets: ['manual'],
  type: 'security',
  severity: 'warning',
  scope: 'pod',
  references: ['https://kubernetes.io/docs/tasks/configure-pod-container/security-context/'],
  texts: {
    zh: {
      title: '根文件系统不是只读',
      impact: '入侵者可以在容器里放置程序；写入根文件系统的数据在重启后悄悄丢失。',
      remedy: '将 securityContext.readOnlyRootFilesystem 设为 true，需要写入的路径使用 emptyDir。',
    },
    en: {
      title: 'Root file system is writable',
      impact: 'An intruder drops programs into the container, and what is written there is silently lost at a restart.',
      remedy: 'Set securityContext.readOnlyRootFilesystem to true, with an emptyDir for paths that are written.',
    },
  },
  check: (pod) =>
    allContainers(pod)
      .filter(({ container }) => container.securityContext?.readOnlyRootFilesystem !== true)
      .map(({ container, name, path }) => ({
        container: name,
        field: `${path}.securityContext.readOnlyRootFilesystem`,
        evidence:
          container.securityContext?.readOnlyRootFilesystem === false
            ? 'readOnlyRootFilesystem: false'
            : 'readOnlyRootFilesystem is not set',
      })),
};
