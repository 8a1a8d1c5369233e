import type { Json } from '#shared/kubernetes/types.ts';
import { judge } from '../../test-support.ts';
import { validateAffinity } from './affinity.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const onNode = (term: Json): Json => ({ nodeAffinity: { [REQUIRED]: { nodeSelectorTerms: [term] } } });
const expression = (...matchExpressions: Json[]): Json => onNode({ matchExpressions });
const field = (...matchFields: Json[]): Json => onNode({ matchFields });
const withPods = (term: Json): Json => ({ podAffinity: { [REQUIRED]: [{ topologyKey: 'zone', ...term }] } });
const NODE = `affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms`;
const POD = `affinity.podAffinity.${REQUIRED}[0]`;

judge(
  (affinity) => validateAffinity(affinity, 'affinity'),
  [
    [
      'a required node affinity has terms',
      { nodeAffinity: { [REQUIRED]: {} } },
      [`${NODE}: Required value: must have at least one node selector term`],
      onNode({}),
    ],
    [
      'In needs values',
      expression({ key: 'zone', operator: 'In' }),
      [`${NODE}[0].matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`],
      expression({ key: 'zone', operator: 'In', values: ['a'] }),
    ],
    [
      'Exists has no values',
      expression({ key: 'zone', operator: 'Exists', values: ['a'] }),
      [
        `${NODE}[0].matchExpressions[0].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
      ],
      expression({ key: 'zone', operator: 'DoesNotExist' }),
    ],
    [
      'Gt compares with one value',
      expression({ key: 'cores', operator: 'Gt', values: ['1', '2'] }),
      [
        `${NODE}[0].matchExpressions[0].values: Required value: must be specified single value when \`operator\` is 'Lt' or 'Gt'`,
      ],
      expression({ key: 'cores', operator: 'Lt', values: ['4'] }),
    ],
    [
      'an operator is a known one',
      expression({ key: 'zone', operator: 'Like' }),
      [`${NODE}[0].matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator`],
      expression({ key: 'zone', operator: 'NotIn', values: ['a'] }),
    ],
    [
      'a node is selected by its name alone among its fields',
      field({ key: 'spec.podCIDR', operator: 'In', values: ['a'] }),
      [`${NODE}[0].matchFields[0].key: Invalid value: "spec.podCIDR": not a valid field selector key`],
      field({ key: 'metadata.name', operator: 'In', values: ['node-1'] }),
    ],
    [
      'a field has one value',
      field({ key: 'metadata.name', operator: 'In', values: ['a', 'b'] }),
      [
        `${NODE}[0].matchFields[0].values: Required value: must be only one value when \`operator\` is 'In' or 'NotIn' for node field selector`,
      ],
      field({ key: 'metadata.name', operator: 'NotIn', values: ['a'] }),
    ],
    [
      'a preference weighs from 1 to 100',
      { nodeAffinity: { [PREFERRED]: [{ weight: 101, preference: {} }] } },
      [`affinity.nodeAffinity.${PREFERRED}[0].weight: Invalid value: 101: must be in the range 1-100`],
      { nodeAffinity: { [PREFERRED]: [{ weight: 100, preference: {} }] } },
    ],
    [
      'a preference for pods weighs something',
      { podAntiAffinity: { [PREFERRED]: [{ podAffinityTerm: { topologyKey: 'zone' } }] } },
      [`affinity.podAntiAffinity.${PREFERRED}[0].weight: Invalid value: 0: must be in the range 1-100`],
      { podAntiAffinity: { [PREFERRED]: [{ weight: 1, podAffinityTerm: { topologyKey: 'zone' } }] } },
    ],
    [
      'pods are near in some topology',
      withPods({ topologyKey: 'a b' }),
      [
        `${POD}.topologyKey: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
      ],
      withPods({ topologyKey: 'topology.kubernetes.io/zone' }),
    ],
    [
      'a selector of pods is well formed',
      withPods({ labelSelector: { matchExpressions: [{ key: 'app', operator: 'In' }] } }),
      [
        `${POD}.labelSelector.matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
      ],
      withPods({ labelSelector: { matchLabels: { app: 'web' } } }),
    ],
    [
      'label keys narrow a selector',
      withPods({ matchLabelKeys: ['pod-template-hash'] }),
      [`${POD}.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set`],
      withPods({ matchLabelKeys: ['pod-template-hash'], labelSelector: {} }),
    ],
  ],
);
