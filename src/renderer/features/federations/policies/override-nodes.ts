/** The form of override policies: rules, each with the clusters it concerns and every kind of overrider. Pure. */
import { affinityNodes, type FormNode } from './nodes.ts';

const change: FormNode = {
  type: 'choice',
  at: ['operator'],
  label: 'policies.fields.operator',
  options: ['add', 'replace', 'remove'],
};
const listChange: FormNode = { ...change, options: ['add', 'remove'] } as FormNode;

const patches = (format: 'json' | 'yaml'): FormNode => ({
  type: 'list',
  at: [format],
  label: `policies.fields.${format}`,
  add: 'policies.add.changes',
  initial: { subPath: '/', operator: 'replace', value: '' },
  wide: true,
  nodes: [
    { type: 'text', at: ['subPath'], label: 'policies.fields.subPath', mono: true },
    change,
    { type: 'value', at: ['value'], label: 'policies.fields.value' },
  ],
});

const ofContainer = (kind: 'command' | 'args'): FormNode => ({
  type: 'list',
  at: ['overriders', `${kind}Overrider`],
  label: `policies.fields.${kind}`,
  add: `policies.add.${kind}`,
  initial: { containerName: '', operator: 'add', value: [] },
  wide: true,
  nodes: [
    { type: 'text', at: ['containerName'], label: 'policies.fields.containerName', mono: true },
    listChange,
    { type: 'words', at: ['value'], label: 'policies.fields.values' },
  ],
});

const ofMap = (kind: 'labels' | 'annotations'): FormNode => ({
  type: 'list',
  at: ['overriders', `${kind}Overrider`],
  label: kind === 'labels' ? 'policies.fields.labelChange' : 'policies.fields.annotationChange',
  add: `policies.add.${kind}`,
  initial: { operator: 'add', value: {} },
  wide: true,
  nodes: [change, { type: 'pairs', at: ['value'], label: 'policies.fields.values', wide: true }],
});

/** In the order in which the engine applies them. */
const overriders: readonly FormNode[] = [
  {
    type: 'list',
    at: ['overriders', 'imageOverrider'],
    label: 'policies.fields.image',
    add: 'policies.add.image',
    initial: { component: 'Tag', operator: 'replace', value: '' },
    wide: true,
    nodes: [
      {
        type: 'choice',
        at: ['component'],
        label: 'policies.fields.component',
        options: ['Registry', 'Repository', 'Tag'],
      },
      change,
      { type: 'text', at: ['value'], label: 'policies.fields.value', mono: true },
      { type: 'text', at: ['predicate', 'path'], label: 'policies.fields.predicate', mono: true },
    ],
  },
  ofContainer('command'),
  ofContainer('args'),
  ofMap('labels'),
  ofMap('annotations'),
  {
    type: 'list',
    at: ['overriders', 'fieldOverrider'],
    label: 'policies.fields.field',
    add: 'policies.add.field',
    initial: { fieldPath: '/data/', yaml: [{ subPath: '/', operator: 'replace', value: '' }] },
    wide: true,
    nodes: [
      { type: 'text', at: ['fieldPath'], label: 'policies.fields.fieldPath', mono: true, wide: true },
      patches('json'),
      patches('yaml'),
    ],
  },
  {
    type: 'list',
    at: ['overriders', 'plaintext'],
    label: 'policies.fields.plaintext',
    add: 'policies.add.plaintext',
    initial: { path: '/', operator: 'replace', value: '' },
    wide: true,
    nodes: [
      { type: 'text', at: ['path'], label: 'policies.fields.path', mono: true },
      change,
      { type: 'value', at: ['value'], label: 'policies.fields.value' },
    ],
  },
];

export const rulesNode: FormNode = {
  type: 'list',
  at: ['overrideRules'],
  label: 'policies.fields.targetCluster',
  add: 'policies.add.rules',
  initial: { targetCluster: { clusterNames: [] }, overriders: {} },
  nodes: [...affinityNodes.map((node) => ({ ...node, at: ['targetCluster', ...node.at] })), ...overriders],
};
