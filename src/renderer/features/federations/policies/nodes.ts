/**
 * Forms over an object as data: each node says which part of the object it shows and how. What no node shows is not
 * touched. Pure.
 */
import type { TextKey } from '#shared/i18n/index.ts';

interface Labelled {
  /** Name of the field in its object; several where it lies deeper. */
  at: readonly string[];
  label: TextKey;
  help?: TextKey;
  /** Takes the whole width. */
  wide?: boolean;
}

export type FormNode =
  | (Labelled & { type: 'text'; mono?: boolean; suggest?: readonly string[] })
  | (Labelled & { type: 'number'; min: number; max: number })
  | (Labelled & { type: 'switch' })
  /** `texts`: keys of words by value; left out: the values themselves. `unset`: what it is where nothing is said. `empty`: the words of nothing. */
  | (Labelled & {
      type: 'choice';
      options: readonly string[];
      texts?: Readonly<Record<string, TextKey>>;
      unset?: string;
      empty?: TextKey;
    })
  /** A list of words; `of`: what is proposed. */
  | (Labelled & { type: 'words'; of?: 'members' | readonly string[] })
  | (Labelled & { type: 'pairs' })
  /** Any value, written as YAML. */
  | (Labelled & { type: 'value' })
  | (Labelled & { type: 'group'; nodes: readonly FormNode[] })
  /** Only shown when it is set; a button sets `initial`. */
  | (Labelled & { type: 'optional'; nodes: readonly FormNode[]; initial: unknown })
  | (Labelled & { type: 'list'; add: TextKey; initial: unknown; nodes: readonly FormNode[] });

const field = <K extends string>(key: K): `policies.fields.${K}` => `policies.fields.${key}`;
const option = <K extends string>(key: K): `policies.options.${K}` => `policies.options.${key}`;

const expressions: FormNode = {
  type: 'list',
  at: ['matchExpressions'],
  label: field('expressions'),
  add: 'policies.add.expressions',
  initial: { key: '', operator: 'In', values: [] },
  wide: true,
  nodes: [
    { type: 'text', at: ['key'], label: field('key'), mono: true },
    { type: 'choice', at: ['operator'], label: field('operator'), options: ['In', 'NotIn', 'Exists', 'DoesNotExist'] },
    { type: 'words', at: ['values'], label: field('values') },
  ],
};

const labelSelector = (label: 'labels' | 'clusterLabels'): FormNode => ({
  type: 'group',
  at: ['labelSelector'],
  label: field(label),
  wide: true,
  nodes: [{ type: 'pairs', at: ['matchLabels'], label: field(label), wide: true }, expressions],
});

/** Karmada's ClusterAffinity. */
export const affinityNodes: readonly FormNode[] = [
  {
    type: 'words',
    at: ['clusterNames'],
    label: field('clusterNames'),
    of: 'members',
    help: 'policies.fields.clusterNamesHelp',
  },
  { type: 'words', at: ['exclude'], label: field('exclude'), of: 'members' },
  labelSelector('clusterLabels'),
  {
    type: 'list',
    at: ['fieldSelector', 'matchExpressions'],
    label: field('properties'),
    add: 'policies.add.expressions',
    initial: { key: 'region', operator: 'In', values: [] },
    wide: true,
    nodes: [
      {
        type: 'choice',
        at: ['key'],
        label: field('key'),
        options: ['provider', 'region', 'zone'],
      },
      { type: 'choice', at: ['operator'], label: field('operator'), options: ['In', 'NotIn'] },
      { type: 'words', at: ['values'], label: field('values') },
    ],
  },
];

export function selectorNodes(clusterWide: boolean): readonly FormNode[] {
  return [
    {
      type: 'text',
      at: ['apiVersion'],
      label: field('apiVersion'),
      mono: true,
      suggest: ['apps/v1', 'v1', 'batch/v1', 'networking.k8s.io/v1'],
    },
    {
      type: 'text',
      at: ['kind'],
      label: field('kind'),
      mono: true,
      suggest: [
        'Deployment',
        'StatefulSet',
        'DaemonSet',
        'Job',
        'CronJob',
        'Service',
        'ConfigMap',
        'Secret',
        'Ingress',
      ],
    },
    ...(clusterWide ? [{ type: 'text' as const, at: ['namespace'], label: field('namespace'), mono: true }] : []),
    { type: 'text', at: ['name'], label: field('objectName'), mono: true, help: 'policies.fields.objectNameHelp' },
    labelSelector('labels'),
  ];
}

export function selectorList(clusterWide: boolean): FormNode {
  return {
    type: 'list',
    at: ['resourceSelectors'],
    label: 'policies.fields.objectName',
    add: 'policies.add.selectors',
    initial: { apiVersion: 'apps/v1', kind: 'Deployment' },
    nodes: selectorNodes(clusterWide),
  };
}

const overflow: FormNode = {
  type: 'list',
  at: ['overflowAffinities'],
  label: field('overflow'),
  add: 'policies.add.overflow',
  initial: { affinityName: 'overflow', clusterNames: [] },
  wide: true,
  nodes: [{ type: 'text', at: ['affinityName'], label: field('affinityName') }, ...affinityNodes],
};

export const groupsNode: FormNode = {
  type: 'list',
  at: ['clusterAffinities'],
  label: field('affinityName'),
  add: 'policies.add.groups',
  initial: { affinityName: 'group', clusterNames: [] },
  nodes: [{ type: 'text', at: ['affinityName'], label: field('affinityName') }, ...affinityNodes, overflow],
};

export const weightsNode: FormNode = {
  type: 'list',
  at: ['weightPreference', 'staticWeightList'],
  label: field('weights'),
  add: 'policies.add.weights',
  initial: { targetCluster: { clusterNames: [] }, weight: 1 },
  nodes: [
    { type: 'number', at: ['weight'], label: field('weight'), min: 1, max: 1000 },
    ...affinityNodes.map((node) => ({ ...node, at: ['targetCluster', ...node.at] })),
  ],
};

export const tolerationsNode: FormNode = {
  type: 'list',
  at: ['clusterTolerations'],
  label: field('key'),
  add: 'policies.add.tolerations',
  initial: { key: 'cluster.karmada.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
  nodes: [
    {
      type: 'text',
      at: ['key'],
      label: field('key'),
      mono: true,
      suggest: ['cluster.karmada.io/not-ready', 'cluster.karmada.io/unreachable', 'cluster.karmada.io/unschedulable'],
    },
    { type: 'choice', at: ['operator'], label: field('operator'), options: ['Exists', 'Equal'] },
    { type: 'text', at: ['value'], label: field('value'), mono: true },
    {
      type: 'choice',
      at: ['effect'],
      label: field('effect'),
      options: ['NoSchedule', 'NoExecute'],
      empty: 'policies.all',
    },
    { type: 'number', at: ['tolerationSeconds'], label: field('tolerationSeconds'), min: 0, max: 86_400_000 },
  ],
};

export const spreadNode: FormNode = {
  type: 'list',
  at: ['spreadConstraints'],
  label: field('spreadByField'),
  add: 'policies.add.spread',
  initial: { spreadByField: 'cluster', minGroups: 1, maxGroups: 2 },
  nodes: [
    {
      type: 'choice',
      at: ['spreadByField'],
      label: field('spreadByField'),
      options: ['cluster', 'region', 'zone', 'provider'],
      texts: {
        cluster: option('cluster'),
        region: option('region'),
        zone: option('zone'),
        provider: option('provider'),
      },
    },
    { type: 'number', at: ['minGroups'], label: field('minGroups'), min: 0, max: 1000 },
    { type: 'number', at: ['maxGroups'], label: field('maxGroups'), min: 0, max: 1000 },
  ],
};

const purge = { Directly: option('Directly'), Gracefully: option('Gracefully'), Never: option('Never') };
const state: FormNode = {
  type: 'list',
  at: ['statePreservation', 'rules'],
  label: field('stateRules'),
  add: 'policies.add.stateRules',
  initial: { aliasLabelName: '', jsonPath: '' },
  wide: true,
  nodes: [
    { type: 'text', at: ['aliasLabelName'], label: field('aliasLabelName'), mono: true },
    { type: 'text', at: ['jsonPath'], label: field('jsonPath'), mono: true },
  ],
};

export const failoverNodes: readonly FormNode[] = [
  {
    type: 'optional',
    at: ['application'],
    label: field('application'),
    initial: { decisionConditions: { tolerationSeconds: 300 }, purgeMode: 'Gracefully' },
    nodes: [
      {
        type: 'number',
        at: ['decisionConditions', 'tolerationSeconds'],
        label: field('tolerationSeconds'),
        min: 0,
        max: 86_400,
      },
      {
        type: 'choice',
        at: ['purgeMode'],
        label: field('purgeMode'),
        options: ['Directly', 'Gracefully', 'Never'],
        texts: purge,
      },
      { type: 'number', at: ['gracePeriodSeconds'], label: field('gracePeriodSeconds'), min: 0, max: 86_400 },
      state,
    ],
  },
  {
    type: 'optional',
    at: ['cluster'],
    label: field('cluster'),
    initial: { purgeMode: 'Gracefully' },
    nodes: [
      {
        type: 'choice',
        at: ['purgeMode'],
        label: field('purgeMode'),
        options: ['Directly', 'Gracefully'],
        texts: purge,
      },
      state,
    ],
  },
];

export const suspensionNodes: readonly FormNode[] = [
  { type: 'switch', at: ['suspension', 'dispatching'], label: field('dispatching') },
  {
    type: 'words',
    at: ['suspension', 'dispatchingOnClusters', 'clusterNames'],
    label: field('dispatchingOn'),
    of: 'members',
  },
];

export const furtherNodes: readonly FormNode[] = [
  { type: 'switch', at: ['propagateDeps'], label: field('propagateDeps') },
  { type: 'switch', at: ['preserveResourcesOnDeletion'], label: field('preserve') },
  {
    type: 'choice',
    at: ['conflictResolution'],
    label: field('conflictResolution'),
    options: ['Abort', 'Overwrite'],
    texts: { Abort: option('Abort'), Overwrite: option('Overwrite') },
    unset: 'Abort',
  },
  { type: 'number', at: ['priority'], label: field('priority'), min: -1_000_000, max: 1_000_000 },
  {
    type: 'choice',
    at: ['preemption'],
    label: field('preemption'),
    options: ['Never', 'Always'],
    texts: { Never: option('neverPreempts'), Always: option('alwaysPreempts') },
    unset: 'Never',
  },
  {
    type: 'choice',
    at: ['activationPreference'],
    label: field('activation'),
    options: ['Lazy'],
    texts: { Lazy: option('Lazy') },
    empty: option('atOnce'),
  },
  { type: 'words', at: ['dependentOverrides'], label: field('dependentOverrides') },
];
