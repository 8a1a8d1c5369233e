/** Usage against requests and limits, over the pods of a workload. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { deployment, describeRules, object, withContainer } from '../../testing.ts';
import { EFFICIENCY_RULES } from './index.ts';

const METRICS = 'metrics.k8s.io/v1beta1';
const workload = (resources: Json): KubeObject => withContainer({ resources });
/** A Deployment with one pod for each usage. */
const using = (resources: Json, ...usages: Json[]): KubeObject[] => [
  workload(resources),
  object('apps/v1/ReplicaSet', 'web-rs', { metadata: { ownerReferences: [owner('Deployment', 'web')] } }),
  ...usages.flatMap((usage, index) => [
    object('v1/Pod', `web-${index}`, { metadata: { ownerReferences: [owner('ReplicaSet', 'web-rs')] } }),
    object(`${METRICS}/PodMetrics`, `web-${index}`, { containers: [{ name: 'app', usage }] }),
  ]),
];
const owner = (kind: string, name: string): Json => ({ kind, name, uid: name, controller: true });
const node = (usage: Json): KubeObject[] => [
  object('v1/Node', 'n1', { metadata: { namespace: undefined }, status: { allocatable: { cpu: '4', memory: '8Gi' } } }),
  object(`${METRICS}/NodeMetrics`, 'n1', { metadata: { namespace: undefined }, usage }),
];

describeRules(EFFICIENCY_RULES, {
  MemoryNearLimit: [
    [
      'one of two pods',
      using({ limits: { memory: '1Gi' } }, { memory: '10Mi' }, { memory: '1000Mi' }),
      ['warning app'],
    ],
    ['far from it', using({ limits: { memory: '1Gi' } }, { memory: '500Mi' }), []],
    ['without a limit', using({}, { memory: '500Gi' }), []],
    ['not measured', [workload({ limits: { memory: '1Gi' } })], []],
  ],
  CpuAtLimit: [
    ['throttled', using({ limits: { cpu: '1' } }, { cpu: '990m' }), ['warning app']],
    ['idle', using({ limits: { cpu: '1' } }, { cpu: '100m' }), []],
  ],
  UsageAboveRequest: [
    ['three times', using({ requests: { cpu: '100m' } }, { cpu: '300m' }), ['notice app']],
    ['in the mean', using({ requests: { cpu: '100m' } }, { cpu: '300m' }, { cpu: '10m' }), []],
    ['as asked', using({ requests: { cpu: '100m', memory: '1Gi' } }, { cpu: '100m', memory: '1Gi' }), []],
  ],
  UsageBelowRequest: [
    [
      'nearly nothing',
      using({ requests: { cpu: '2', memory: '4Gi' } }, { cpu: '10m', memory: '100Mi' }),
      ['notice app', 'notice app'],
    ],
    ['a limit is a request', using({ limits: { cpu: '2' } }, { cpu: '10m' }), ['notice app']],
    ['of little', using({ requests: { cpu: '100m' } }, { cpu: '1m' }), []],
    ['as asked', using({ requests: { cpu: '2' } }, { cpu: '1' }), []],
  ],
  NodeOverloaded: [
    ['memory', node({ cpu: '1', memory: '7Gi' }), ['warning']],
    ['with room', node({ cpu: '1', memory: '2Gi' }), []],
    ['not measured', [deployment({}), ...node({}).slice(0, 1)], []],
  ],
});
