import { imageReference } from '../../workloads.ts';
import { inEveryContainer } from '../containers.ts';
import { imageRule } from '../families.ts';

export const imageTagMiss = imageRule(
  'ImageTagMiss',
  {
    severity: 'danger',
    zh: ['镜像没有标签', '没有标签即为 latest：版本不可知，发布不可重现，也无法回滚。', '为镜像写明版本标签或摘要。'],
    en: [
      'Image has no tag',
      'No tag means latest: the version is unknown, a rollout cannot be repeated, and there is no way back.',
      'Name a version tag or a digest.',
    ],
  },
  inEveryContainer(({ image }) => {
    const reference = imageReference(image);
    return reference?.tag === '' && reference.digest === '' ? { field: 'image', evidence: image } : null;
  }),
);
