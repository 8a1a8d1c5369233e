import { said } from '#shared/inspection-evidence.ts';
import { inEveryContainer } from '../containers.ts';
import { hardeningRule } from '../families.ts';

/** No part of the Pod Security Standards. No patch: which paths are written only the program knows. */
export const notReadOnlyRootFilesystem = hardeningRule(
  'NotReadOnlyRootFilesystem',
  {
    sets: ['manual'],
    references: ['https://kubernetes.io/docs/tasks/configure-pod-container/security-context/'],
    zh: [
      '根文件系统不是只读',
      '入侵者可以在容器里放置程序；写入根文件系统的数据在重启后悄悄丢失。',
      '将 securityContext.readOnlyRootFilesystem 设为 true，需要写入的路径使用 emptyDir。',
    ],
    en: [
      'Root file system is writable',
      'An intruder drops programs into the container, and what is written there is silently lost at a restart.',
      'Set securityContext.readOnlyRootFilesystem to true, with an emptyDir for paths that are written.',
    ],
  },
  inEveryContainer(({ securityContext }) => {
    const given = securityContext?.readOnlyRootFilesystem;
    const evidence =
      given === false ? 'readOnlyRootFilesystem: false' : said('notSet', { what: 'readOnlyRootFilesystem' });
    return given === true ? null : { field: 'securityContext.readOnlyRootFilesystem', evidence };
  }),
);
