/** The rules about image references. What is pinned by digest is what it is, whatever its tag says. */
import type { PodRule } from '../types.ts';
import { allContainers, type ImageReference, imageReference } from '../workloads.ts';

const REFERENCES = ['https://kubernetes.io/docs/concepts/containers/images/'];
const isMutable = ({ tag }: ImageReference): boolean => tag === '' || tag === 'latest';

export const imagePullPolicyNotAlways: PodRule = {
  id: 'ImagePullPolicyNotAlways',
  sets: ['manual'],
  type: 'image',
  severity: 'warning',
  scope: 'pod',
  references: REFERENCES,
  texts: {
    zh: {
      title: '镜像拉取策略不是 Always',
      impact: '节点可能继续使用本地的旧镜像，同一标签在不同节点上运行不同的内容，也不再检查拉取权限。',
      remedy: '使用可变标签时将 imagePullPolicy 设为 Always，或改用摘要固定镜像。',
    },
    en: {
      title: 'Image pull policy is not Always',
      impact:
        'Nodes go on with an old local image, one tag is different content on different nodes, and pull rights are not checked.',
      remedy: 'Set imagePullPolicy to Always for tags that move, or pin the image by digest.',
    },
  },
  check: (pod) =>
    allContainers(pod).flatMap(({ container, name, path }) => {
      const image = imageReference(container.image);
      if (image === null || image.digest !== '') return [];
      const policy = container.imagePullPolicy ?? (isMutable(image) ? 'Always' : 'IfNotPresent');
      if (policy === 'Always') return [];
      const given = container.imagePullPolicy === undefined ? ' by default' : '';
      return [{ container: name, field: `${path}.imagePullPolicy`, evidence: `imagePullPolicy is ${policy}${given}` }];
    }),
};

export const imageTagIsLatest: PodRule = {
  id: 'ImageTagIsLatest',
  sets: ['manual'],
  type: 'image',
  severity: 'warning',
  scope: 'pod',
  references: REFERENCES,
  texts: {
    zh: {
      title: '镜像标签是 latest',
      impact: '无法得知运行的是哪个版本，发布不可重现，也无法回滚到之前的版本。',
      remedy: '使用不会改变的版本标签或摘要。',
    },
    en: {
      title: 'Image tag is latest',
      impact: 'Nobody knows which version runs, a rollout cannot be repeated, and there is nothing to roll back to.',
      remedy: 'Use a version tag that never moves, or a digest.',
    },
  },
  check: (pod) =>
    allContainers(pod).flatMap(({ container, name, path }) => {
      const image = imageReference(container.image);
      if (image?.tag !== 'latest' || image.digest !== '') return [];
      return [{ container: name, field: `${path}.image`, evidence: container.image }];
    }),
};

export const imageTagMiss: PodRule = {
  id: 'ImageTagMiss',
  sets: ['manual'],
  type: 'image',
  severity: 'danger',
  scope: 'pod',
  references: REFERENCES,
  texts: {
    zh: {
      title: '镜像没有标签',
      impact: '没有标签即为 latest：版本不可知，发布不可重现，也无法回滚。',
      remedy: '为镜像写明版本标签或摘要。',
    },
    en: {
      title: 'Image has no tag',
      impact: 'No tag means latest: the version is unknown, a rollout cannot be repeated, and there is no way back.',
      remedy: 'Name a version tag or a digest.',
    },
  },
  check: (pod) =>
    allContainers(pod).flatMap(({ container, name, path }) => {
      const image = imageReference(container.image);
      if (image === null || image.tag !== '' || image.digest !== '') return [];
      return [{ container: name, field: `${path}.image`, evidence: container.image }];
    }),
};
