import { said } from '#shared/inspection-evidence.ts';
import { REMOVED_KINDS, removalOf } from '#shared/kubernetes/removed-apis.ts';
import { manifestRule } from '../families.ts';
import { minorOf } from '../nodes.ts';

export const removedApiInManifest = manifestRule(REMOVED_KINDS)(
  'RemovedApiInManifest',
  {
    severity: 'danger',
    zh: ['清单使用了已移除的 API 版本', '集群会拒绝该清单。', '将 apiVersion 改为证据中的替代版本，并按其字段调整。'],
    en: [
      'Manifest in a removed API version',
      'The cluster refuses it.',
      'Change apiVersion to the one that takes its place, and the fields with it.',
    ],
  },
  ({ apiVersion, kind }, world) => {
    const removed = removalOf(apiVersion, kind);
    if (removed === undefined) return [];
    const served = minorOf(world.version);
    const gone = served === null || removed.in <= served;
    return [
      {
        field: 'apiVersion',
        evidence: said('removedIn', { api: apiVersion, version: `1.${removed.in}`, use: removed.use }),
        severity: gone ? ('danger' as const) : ('warning' as const),
      },
    ];
  },
);
