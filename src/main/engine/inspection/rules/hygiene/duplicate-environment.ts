import { inEveryContainer } from '../containers.ts';
import { tidyPodRule } from '../families.ts';

export const duplicateEnvironment = tidyPodRule(
  'DuplicateEnvironment',
  {
    zh: ['环境变量重复定义', '只有最后一个值生效，前面的值会误导阅读者。', '每个名称只保留一处定义。'],
    en: [
      'Environment variable defined twice',
      'Only the last value counts; the others mislead.',
      'Keep one definition for each name.',
    ],
  },
  inEveryContainer(({ env }) => {
    const names = ((env ?? []) as { name?: string }[]).map(({ name = '' }) => name);
    const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
    return twice.length === 0 ? null : { field: 'env', evidence: twice.join(', ') };
  }),
);
