/** What somebody annotates with kubectl: how it is read, followed to a pod template, and refused. */
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { BEHAVIOUR_ANNOTATION, behaviourNamed } from '../kubelet/behaviour.ts';
import { behaviourErrors } from './admission.ts';
import { FAULTS } from './catalogue/index.ts';
import { clusterFaultsOn } from './on-cluster.ts';
import { templateMoves } from './templates.ts';

const annotated = (value: string) => (value === '' ? {} : { annotations: { [BEHAVIOUR_ANNOTATION]: value } });
const deployment = (own: string, template: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'shop', namespace: 'default', ...annotated(own) },
  spec: { template: { metadata: annotated(template), spec: { containers: [{ name: 'web' }] } } },
});
const named = (kind: string, name: string, value: string): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...annotated(value) },
});
const messages = (kind: string, object: KubeObject, old: KubeObject | null = null) =>
  behaviourErrors(kind, object, old).map(({ field, message }) => `${field}: ${message}`);

test('every fault of an object can be annotated by its own name', () => {
  for (const { id, scope, effect, probe } of FAULTS) {
    if (effect.kind !== 'annotation') continue;
    expect(effect.valuesOf(behaviourNamed(id)), id).toBeDefined();
    const kind = scope === 'node' ? 'Node' : 'Pod';
    const containers = [{ name: 'web', ...(probe === undefined ? {} : { [probe]: {} }) }];
    expect(messages(kind, { ...named(kind, 'x', id), spec: { containers } }), id).toEqual([]);
  }
});

describe('an image fault annotated on a workload', () => {
  test('goes to the template, with what else is there', () => {
    expect(templateMoves(deployment('slow,image-missing', ''), deployment('slow', ''))).toEqual({
      toTemplate: ['image-missing'],
      offTemplate: [],
      offObject: [],
    });
  });
  test('is found at a start whose process ended before', () => {
    expect(templateMoves(deployment('image-missing', ''), undefined).toTemplate).toEqual(['image-missing']);
  });
  test('leaves the template with its annotation', () => {
    expect(templateMoves(deployment('', 'image-missing'), deployment('image-missing', 'image-missing'))).toEqual({
      toTemplate: [],
      offTemplate: ['image-missing'],
      offObject: [],
    });
  });
  test('ends where the release is rolled back, and is not put there again', () => {
    expect(templateMoves(deployment('image-missing', ''), deployment('image-missing', 'image-missing'))).toEqual({
      toTemplate: [],
      offTemplate: [],
      offObject: ['image-missing'],
    });
  });
  test('of a template alone stays where it is', () => {
    const moves = templateMoves(deployment('', 'image-missing'), deployment('', ''));
    expect(moves).toEqual({ toTemplate: [], offTemplate: [], offObject: [] });
  });
});

describe('faults of the cluster', () => {
  test('are read with their values', () => {
    const found = clusterFaultsOn(
      named('Namespace', 'kube-system', 'api-slow:delay=300, api-errors:rate=10:status=503'),
    );
    expect([...found]).toEqual([
      ['api-slow', { delay: 300 }],
      ['api-errors', { rate: 10, status: '503' }],
    ]);
  });
  test('that make no sense do not keep the others from being followed', () => {
    expect([...clusterFaultsOn(named('Namespace', 'kube-system', 'api-slow:delay=1,crash,clock-skew')).keys()]).toEqual(
      ['clock-skew'],
    );
  });
});

describe('what nothing follows is refused', () => {
  test.each([
    ['Pod', named('Pod', 'x', 'crahs'), 'Pods follow crash, flaky,'],
    ['Node', named('Node', 'x', 'crash'), 'Nodes follow down,'],
    ['Node', named('Node', 'x', 'down:web'), 'down takes no value'],
    ['Deployment', deployment('liveness-failing', ''), 'no container has a livenessProbe'],
    ['Deployment', deployment('', 'crash:db'), 'there is no container db; there are web'],
    [
      'PersistentVolumeClaim',
      named('PersistentVolumeClaim', 'x', 'oom'),
      'PersistentVolumeClaims follow provisioning-fails',
    ],
    ['Namespace', named('Namespace', 'default', 'api-slow'), 'annotated on the namespace kube-system'],
    ['Namespace', named('Namespace', 'default', 'crahs'), 'Namespaces follow crash, flaky,'],
    ['Namespace', named('Namespace', 'kube-system', 'crash-loop'), 'kube-system stands for the whole cluster'],
    ['Namespace', named('Namespace', 'kube-system', 'oops'), 'the cluster follows api-unreachable,'],
    [
      'PersistentVolumeClaim',
      { ...named('PersistentVolumeClaim', 'x', 'volume-pending'), status: { phase: 'Bound' } },
      'the claim has its volume already',
    ],
    ['Namespace', named('Namespace', 'kube-system', 'api-slow:delay=1'), 'delay is between 50 and 60000'],
    ['Namespace', named('Namespace', 'kube-system', 'api-slow:fast'), 'given as name=value'],
  ])('on a %s', (kind, object, words) => {
    expect(messages(kind, object)).toEqual([expect.stringContaining(words)]);
  });
  test('on a namespace where no pod has the probe, unless there are none yet', () => {
    const pods = (probe: object) => () => [
      { ...named('Pod', 'x', ''), spec: { containers: [{ name: 'web', ...probe }] } },
    ];
    const errors = (podsIn: () => KubeObject[]) =>
      behaviourErrors('Namespace', named('Namespace', 'shop', 'liveness-failing'), null, podsIn).map(
        ({ message }) => message,
      );
    expect(errors(pods({}))).toEqual([expect.stringContaining('no container of namespace/shop has a livenessProbe')]);
    expect(errors(pods({ livenessProbe: {} }))).toEqual([]);
    expect(errors(() => [])).toEqual([]);
  });
  test('with the place it stands at', () => {
    expect(messages('Deployment', deployment('crash', 'oops'))).toEqual([
      expect.stringMatching(
        /^spec\.template\.metadata\.annotations\[demo\.fleetdeck\/behaviour\]: Invalid value: "oops": /,
      ),
    ]);
  });
  test('but not what was there before', () => {
    expect(messages('Pod', named('Pod', 'x', 'crahs'), named('Pod', 'x', 'crahs'))).toEqual([]);
  });
});
