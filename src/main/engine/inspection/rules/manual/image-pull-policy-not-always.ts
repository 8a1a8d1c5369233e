import { said } from '#shared/inspection-evidence.ts';
import { imageReference } from '../../workloads.ts';
import { inEveryContainer } from '../containers.ts';
import { imageRule } from '../families.ts';

/** What is pinned by digest is what it is, wherever it comes from. */
export const imagePullPolicyNotAlways = imageRule(
  'ImagePullPolicyNotAlways',
  {
    zh: [
      '镜像拉取策略不是 Always',
      '节点可能继续使用本地的旧镜像，同一标签在不同节点上运行不同的内容，也不再检查拉取权限。',
      '使用可变标签时将 imagePullPolicy 设为 Always，或改用摘要固定镜像。',
    ],
    en: [
      'Image pull policy is not Always',
      'Nodes go on with an old local image, one tag is different content on different nodes, and pull rights are not checked.',
      'Set imagePullPolicy to Always for tags that move, or pin the image by digest.',
    ],
  },
  inEveryContainer(({ image, imagePullPolicy }) => {
    const reference = imageReference(image);
    if (reference === null || reference.digest !== '') return null;
    const byDefault = reference.tag === '' || reference.tag === 'latest' ? 'Always' : 'IfNotPresent';
    const policy = imagePullPolicy ?? byDefault;
    if (policy === 'Always') return null;
    const evidence = said(imagePullPolicy === undefined ? 'policyByDefault' : 'policyIs', { policy });
    return { field: 'imagePullPolicy', evidence, fix: { value: 'Always' } };
  }),
);
