import { said } from '#shared/inspection-evidence.ts';
import { cronJobRule } from '../families.ts';

export const cronJobWithoutDeadline = cronJobRule(
  'CronJobWithoutDeadline',
  {
    zh: [
      'CronJob 没有启动期限',
      '控制器停顿后错过超过 100 次就不再调度；积压的任务会在恢复后集中执行。',
      '设置 startingDeadlineSeconds，例如 200。',
    ],
    en: [
      'CronJob without a starting deadline',
      'After more than 100 missed starts the controller gives up; late jobs start all at once when it is back.',
      'Set startingDeadlineSeconds, 200 for example.',
    ],
  },
  ({ spec }) =>
    spec?.startingDeadlineSeconds === undefined || spec.startingDeadlineSeconds === null
      ? [
          {
            field: 'spec.startingDeadlineSeconds',
            evidence: said('notSet', { what: 'startingDeadlineSeconds' }),
            fix: { value: 200 },
          },
        ]
      : [],
);
