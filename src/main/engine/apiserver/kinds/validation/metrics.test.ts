import { expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { judge } from '../test-support.ts';
import { type GroupRule, validateBehavior, validateMetrics, validateTarget } from './metrics.ts';

const target = { type: 'Utilization', averageUtilization: 80 };
const resource = (more: Json): Json => [
  { type: 'Resource', resource: { name: 'cpu', target: { ...target, ...more } } },
];
const external = (given: Json): Json => [
  { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'Value', ...given } } },
];

judge(
  (metrics) => validateMetrics(metrics, 'm'),
  [
    [
      'a metric is of a known type',
      [{ type: 'Weather' }],
      [
        'm[0].type: Unsupported value: "Weather": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
        'm[0].type: Unsupported value: "Weather": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
      ],
      resource({}),
    ],
    [
      'a metric says what it measures',
      [{ type: 'Pods' }],
      ['m[0].pods: Required value: must populate information for the given metric source'],
      [{ type: 'Pods', pods: { metric: { name: 'a' }, target: { type: 'AverageValue', averageValue: '1' } } }],
    ],
    [
      'a metric measures one thing',
      [{ ...resource({})[0], external: external({ value: '1' })[0].external }],
      ['m[0].external: Forbidden: must populate the given metric source only'],
      external({ value: '1' }),
    ],
    [
      'a utilisation is at least one percent',
      resource({ averageUtilization: 0 }),
      ['m[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0'],
      resource({ averageUtilization: 1 }),
    ],
    [
      'a resource has one target',
      resource({ averageValue: '1' }),
      ['m[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization'],
      resource({ averageUtilization: undefined, type: 'AverageValue', averageValue: '1' }),
    ],
    [
      'a value is positive',
      external({ value: '0' }),
      ['m[0].external.target.value: Invalid value: "0": must be positive'],
      external({ averageValue: '30' }),
    ],
    [
      'a metric from outside has a target',
      external({}),
      [
        'm[0].external.target.averageValue: Required value: must set either a target value for metric or a per-pod target',
      ],
      external({ value: '30' }),
    ],
    [
      'a metric of an object has an object',
      [{ type: 'Object', object: { metric: { name: 'a' }, target: { type: 'Value', value: '1' } } }],
      ['m[0].object.describedObject.kind: Required value', 'm[0].object.describedObject.name: Required value'],
      [
        {
          type: 'Object',
          object: {
            describedObject: { kind: 'Service', name: 's' },
            metric: { name: 'a' },
            target: { type: 'Value', value: '1' },
          },
        },
      ],
    ],
  ],
);

const policy = { type: 'Pods', value: 4, periodSeconds: 15 };
const up = (more: Json): Json => ({ scaleUp: { policies: [policy], ...more } });

judge(
  (behavior) => validateBehavior(behavior, 'b'),
  [
    [
      'rules have a policy',
      up({ policies: [] }),
      ['b.scaleUp.policies: Required value: must specify at least one Policy'],
      up({}),
    ],
    [
      'nobody waits for more than an hour',
      up({ stabilizationWindowSeconds: 3601 }),
      ['b.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600'],
      up({ stabilizationWindowSeconds: 3600 }),
    ],
    [
      'a period is half an hour at most',
      up({ policies: [{ ...policy, periodSeconds: 1801 }] }),
      ['b.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800'],
      up({ policies: [{ ...policy, type: 'Percent', periodSeconds: 1800 }] }),
    ],
    [
      'a selection is a known one',
      up({ selectPolicy: 'Best' }),
      ['b.scaleUp.selectPolicy: Unsupported value: "Best": supported values: "Disabled", "Max", "Min"'],
      up({ selectPolicy: 'Disabled' }),
    ],
  ],
);

const web = { kind: 'Deployment', name: 'web' };
const texts = (target: Json, rule: GroupRule) =>
  validateTarget(target, 't', rule).map(({ field, message }) => `${field}: ${message}`);

test.each<[string, Json, GroupRule, string[]]>([
  [
    'what is scaled is of a group with a name',
    { ...web, apiVersion: 'v1' },
    'named',
    ['t.apiVersion: Invalid value: "v1": apiVersion must specify API group'],
  ],
  ['a replication controller is of the core group', { kind: 'ReplicationController', name: 'rc' }, 'core-too', []],
  [
    'a version has one slash at most',
    { ...web, apiVersion: 'a/b/c' },
    'core-too',
    ['t.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
  ],
  ['what was written before is let be', { ...web, apiVersion: 'a/b/c' }, 'any', []],
])('%s', (_name, target, rule, errors) => {
  expect(texts(target, rule)).toEqual(errors);
});
