import { type Said, said } from '#shared/inspection-evidence.ts';
import { removalOf } from '#shared/kubernetes/removed-apis.ts';
import { manifestRule } from '../families.ts';
import { minorOf } from '../nodes.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const KINDS = [
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'CronJob', 'Ingress', 'NetworkPolicy'],
  ...['PodDisruptionBudget', 'HorizontalPodAutoscaler', 'Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'],
  ...['PriorityClass', 'Lease', 'StorageClass'],
];

function appliedVersion(text: string | undefined): string | null {
  return /"apiVersion":\s*"([^"]+)"/.exec(text ?? '')?.[1] ?? null;
}

/** Live objects come in the version that is asked for: who wrote them in another is told by what they left behind. */
export const deprecatedApiInUse = manifestRule(KINDS)(
  'DeprecatedApiInUse',
  {
    zh: [
      '对象仍以已弃用的 API 版本维护',
      '升级到移除该版本的 Kubernetes 后，写入它的程序或清单会失败。',
      '将清单或程序改为证据中的替代版本，再重新应用。',
    ],
    en: [
      'Object is kept by a deprecated API',
      'After the upgrade that removes the version, what writes the object fails.',
      'Change manifest or program to the version that takes its place, then apply it again.',
    ],
  },
  ({ kind, metadata }, world) => {
    const served = minorOf(world.version);
    const found = new Map<string, Said>();
    for (const { apiVersion, manager } of (metadata.managedFields ?? []) as { apiVersion?: string; manager?: string }[])
      if (apiVersion !== undefined)
        found.set(apiVersion, manager === undefined ? said('writtenBySomebody') : said('writtenBy', { manager }));
    const applied = appliedVersion(metadata.annotations?.[LAST_APPLIED]);
    if (applied !== null) found.set(applied, said('lastAppliedByKubectl'));
    return [...found].flatMap(([apiVersion, how]) => {
      const removed = removalOf(apiVersion, kind);
      if (removed === undefined) return [];
      const evidence = said('removedInUse', { api: apiVersion, how, version: `1.${removed.in}`, use: removed.use });
      const soon = served !== null && removed.in <= served + 1;
      return [{ field: 'apiVersion', evidence, severity: soon ? ('danger' as const) : ('warning' as const) }];
    });
  },
);
