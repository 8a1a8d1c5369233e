import { said } from '#shared/inspection-evidence.ts';
import { namespaceRule } from '../families.ts';
import { conditionText, type NodeCondition } from '../nodes.ts';

export const namespaceStuck = namespaceRule(
  'NamespaceStuck',
  {
    threshold: { default: 1, min: 1, max: 168, unit: 'hours' },
    zh: [
      '命名空间停留在终止状态',
      '其中的对象无法删除，也无法重新创建同名命名空间。',
      '对该命名空间执行诊断：多为失效的 APIService 或未处理的 finalizer。',
    ],
    en: [
      'Namespace is stuck terminating',
      'Its objects do not go, and no namespace of the name can be made.',
      'Run the diagnosis of the namespace: most often an APIService is gone, or nobody sees to a finalizer.',
    ],
  },
  ({ status, metadata }, world, hours) => {
    const since = metadata.deletionTimestamp;
    if (since === undefined || world.now - Date.parse(since) < hours * 3_600_000) return [];
    const reasons = ((status?.conditions ?? []) as NodeCondition[]).filter(({ status: is }) => is === 'True');
    const evidence = reasons
      .map(conditionText)
      .reduce((first, second) => said('both', { first, second }), said('since', { time: since }));
    return [{ field: 'status.phase', evidence }];
  },
);
