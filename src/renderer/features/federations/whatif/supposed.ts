/** Supposed changes as a form holds them, and as the engine takes them. Pure. */

import type { SupposedChange } from '#shared/contract/federation-what-if.ts';
import type { FederatedWorkload } from '#shared/contract/federations.ts';
import { parseObject } from '#shared/kubernetes/yaml-text.ts';
import type { KeyValue } from '../../../ui/PairsEditor.tsx';

export const supposedKinds = [
  'lost',
  'left',
  'cordoned',
  'capacity',
  'place',
  'labels',
  'join',
  'policy',
  'deletePolicy',
  'scale',
  'deleteTemplate',
  'rebalance',
] as const;
export type SupposedKind = (typeof supposedKinds)[number];

/** One line of the form; each kind uses the fields it needs. */
export interface Supposed {
  id: number;
  kind: SupposedKind;
  cluster?: string | undefined;
  region?: string | undefined;
  percent?: number | undefined;
  labels?: readonly KeyValue[] | undefined;
  name?: string | undefined;
  policy?: string | undefined;
  /** The policy's text, once it has been read. */
  yaml?: string | undefined;
  workload?: string | undefined;
  replicas?: number | undefined;
}

export const workloadId = ({ kind, namespace, name }: Pick<FederatedWorkload, 'kind' | 'namespace' | 'name'>): string =>
  `${kind}/${namespace}/${name}`;

/** Null while something is missing. `templates`: read ones, by workload id. */
export function changeOf(
  line: Supposed,
  workloads: readonly FederatedWorkload[],
  templates: Readonly<Record<string, unknown>>,
): SupposedChange | null {
  const { kind, cluster } = line;
  switch (kind) {
    case 'lost':
    case 'left':
    case 'cordoned':
      return cluster === undefined ? null : { kind: 'cluster', name: cluster, gone: kind };
    case 'capacity':
      return cluster === undefined || line.percent === undefined
        ? null
        : { kind: 'cluster', name: cluster, capacityPercent: line.percent };
    case 'place':
      return cluster === undefined || !line.region ? null : { kind: 'cluster', name: cluster, region: line.region };
    case 'labels':
      return cluster === undefined || line.labels === undefined
        ? null
        : { kind: 'cluster', name: cluster, labels: recordOf(line.labels) };
    case 'join':
      return !line.name || cluster === undefined
        ? null
        : {
            kind: 'addCluster',
            name: line.name,
            like: cluster,
            labels: recordOf(line.labels ?? []),
            ...(line.region ? { region: line.region } : {}),
          };
    case 'policy': {
      if (line.yaml === undefined) return null;
      const parsed = parseObject(line.yaml);
      return 'object' in parsed ? { kind: 'policy', object: parsed.object } : null;
    }
    case 'deletePolicy':
      return line.policy === undefined ? null : { kind: 'deletePolicy', key: line.policy };
    case 'scale':
      return scaled(line, templates);
    case 'deleteTemplate': {
      const workload = workloads.find((one) => workloadId(one) === line.workload);
      if (workload === undefined) return null;
      const { apiVersion, kind: objectKind, namespace, name } = workload;
      return { kind: 'deleteTemplate', object: { apiVersion, kind: objectKind, namespace, name } };
    }
    case 'rebalance':
      return { kind: 'rebalance' };
  }
}

function scaled(line: Supposed, templates: Readonly<Record<string, unknown>>): SupposedChange | null {
  const template = line.workload === undefined ? undefined : templates[line.workload];
  if (template === undefined || line.replicas === undefined) return null;
  const object = structuredClone(template) as Extract<SupposedChange, { kind: 'template' }>['object'];
  object.spec = { ...object.spec, replicas: line.replicas };
  return { kind: 'template', object };
}

function recordOf(pairs: readonly KeyValue[]): Record<string, string> {
  return Object.fromEntries(pairs.filter(({ key }) => key !== '').map(({ key, value }) => [key, value]));
}
