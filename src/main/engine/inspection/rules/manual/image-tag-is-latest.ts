import { imageReference } from '../../workloads.ts';
import { inEveryContainer } from '../containers.ts';
import { imageRule } from '../families.ts';

export const imageTagIsLatest = imageRule(
  'ImageTagIsLatest',
  {
    zh: [
      '镜像标签是 latest',
      '无法得知运行的是哪个版本，发布不可重现，也无法回滚到之前的版本。',
      '使用不会改变的版本标签或摘要。',
    ],
    en: [
      'Image tag is latest',
      'Nobody knows which version runs, a rollout cannot be repeated, and there is nothing to roll back to.',
      'Use a version tag that never moves, or a digest.',
    ],
  },
  inEveryContainer(({ image }) => {
    const reference = imageReference(image);
    return reference?.tag === 'latest' && reference.digest === '' ? { field: 'image', evidence: image } : null;
  }),
);
