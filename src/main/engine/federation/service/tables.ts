/** What `get clusters` shows: an API of its own in Karmada, whose columns a definition cannot say. Pure. */
import { since, type TableColumn } from '../../apiserver/index.ts';
import type { ClusterObject } from '../api.ts';

const text = (
  name: string,
  description: string,
  value: (cluster: ClusterObject) => string | undefined,
  priority = 0,
): TableColumn => ({
  name,
  type: 'string',
  description,
  ...(priority === 0 ? {} : { priority }),
  cell: (object) => value(object as ClusterObject) ?? '',
});

const orNone = (value: string | undefined): string => (value === undefined || value === '' ? '<none>' : value);

const clusters: TableColumn[] = [
  text('Version', 'Version of Kubernetes in the member.', ({ status }) => status?.kubernetesVersion),
  text('Mode', 'Whether the control plane pushes, or the member pulls.', ({ spec }) => spec.syncMode),
  text(
    'Ready',
    'Whether the member accepts workloads.',
    ({ status }) => status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'Unknown',
  ),
  {
    name: 'Age',
    type: 'string',
    description: 'Time since it became a member.',
    cell: ({ metadata }, now) => since(metadata.creationTimestamp, now),
  },
  text('Zones', 'Zones the member runs in.', ({ spec }) => orNone(spec.zones?.join(',')), 1),
  text('Region', 'Region the member runs in.', ({ spec }) => orNone(spec.region), 1),
  text('Provider', 'Provider of the member.', ({ spec }) => orNone(spec.provider), 1),
  text('API-Endpoint', 'Address of the API of the member.', ({ spec }) => spec.apiEndpoint, 1),
  text('Proxy-URL', 'Proxy on the way to the member.', ({ spec }) => orNone(spec.proxyURL), 1),
];

export const FEDERATION_TABLES: Readonly<Record<string, TableColumn[]>> = { 'cluster.karmada.io/clusters': clusters };
