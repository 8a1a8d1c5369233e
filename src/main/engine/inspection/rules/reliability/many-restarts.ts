import { said } from '#shared/inspection-evidence.ts';
import { podStateRule } from '../families.ts';

interface ContainerStatus {
  name?: string;
  restartCount?: number;
  lastState?: { terminated?: { reason?: string } };
}

export const manyRestarts = podStateRule(
  'ManyRestarts',
  {
    threshold: { default: 5, min: 1, max: 1000, unit: 'count' },
    zh: [
      '容器频繁重启',
      '应用崩溃、内存不足或存活探针过严；每次重启都会中断请求。',
      '查看上一次容器的日志与退出原因，对该 Pod 执行诊断。',
    ],
    en: [
      'Containers restart often',
      'The program crashes, runs out of memory, or its liveness probe is too strict; each restart breaks requests.',
      'Look at the log and the exit reason of the previous container, and run the diagnosis of the pod.',
    ],
  },
  ({ status }, _world, limit) =>
    ((status?.containerStatuses ?? []) as ContainerStatus[])
      .filter(({ restartCount = 0 }) => restartCount > limit)
      .map(({ name, restartCount, lastState }) => {
        const reason = lastState?.terminated?.reason;
        return {
          container: name ?? '',
          field: 'status.containerStatuses',
          evidence: reason
            ? said('restartsLast', { restarts: restartCount ?? 0, reason })
            : said('restarts', { restarts: restartCount ?? 0 }),
        };
      }),
);
