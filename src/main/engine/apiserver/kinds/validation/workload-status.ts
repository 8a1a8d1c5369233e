/** What controllers may say of their workloads: counts that are none below zero, and none beyond the whole. Source: apiserver, Validate*Status. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../types.ts';
import { invalidValue } from './field.ts';

interface StatusRule {
  /** Numbers that are counts, in the order in which they are looked at. */
  counts: readonly string[];
  /** Those that are part of `replicas`. */
  parts: readonly string[];
  /** What the ready ones are called where fewer of them are than available ones; empty: that is not looked at. */
  ready: string;
}

const REPLICA_SET: StatusRule = {
  counts: [
    'replicas',
    'fullyLabeledReplicas',
    'readyReplicas',
    'availableReplicas',
    'observedGeneration',
    'terminatingReplicas',
  ],
  parts: ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
  ready: 'readyReplicas',
};

const RULES: Readonly<Record<string, StatusRule>> = {
  Deployment: {
    counts: [
      'observedGeneration',
      'replicas',
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
      'terminatingReplicas',
      'collisionCount',
    ],
    parts: ['updatedReplicas', 'readyReplicas', 'availableReplicas'],
    ready: 'readyReplicas',
  },
  ReplicaSet: REPLICA_SET,
  ReplicationController: REPLICA_SET,
  StatefulSet: {
    counts: [
      'replicas',
      'readyReplicas',
      'currentReplicas',
      'updatedReplicas',
      'availableReplicas',
      'observedGeneration',
      'collisionCount',
    ],
    parts: ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
    ready: 'status.readyReplicas',
  },
  DaemonSet: {
    counts: [
      'currentNumberScheduled',
      'numberMisscheduled',
      'desiredNumberScheduled',
      'numberReady',
      'observedGeneration',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberUnavailable',
      'collisionCount',
    ],
    parts: [],
    ready: '',
  },
};

type Validate = (object: KubeObject, old: KubeObject | null) => FieldError[];

/** For a kind whose spec is judged by `validate`: a write of its status is judged by its status alone. */
export function withStatus(
  validate: Validate,
): (object: KubeObject, old: KubeObject | null, subresource?: string) => FieldError[] {
  return (object, old, subresource) => (subresource === 'status' ? validateStatus(object, old) : validate(object, old));
}

function validateStatus(object: KubeObject, old: KubeObject | null): FieldError[] {
  const { counts, parts, ready } = RULES[object.kind ?? '']!;
  const status: Json = object.status ?? {};
  const at = (name: string): number => status[name] ?? 0;
  const wrong = (name: string, text: string) => invalidValue(`status.${name}`, at(name), text);
  const errors = counts.filter((name) => at(name) < 0).map((name) => wrong(name, 'must be greater than or equal to 0'));
  for (const part of parts)
    if (at(part) > at('replicas')) errors.push(wrong(part, 'cannot be greater than status.replicas'));
  if (ready !== '' && at('availableReplicas') > at('readyReplicas'))
    errors.push(wrong('availableReplicas', `cannot be greater than ${ready}`));
  const counted = counts.includes('collisionCount') && object.kind !== 'StatefulSet';
  const before = old?.status?.collisionCount;
  if (counted && before !== undefined && at('collisionCount') < before)
    errors.push(wrong('collisionCount', 'cannot be decremented'));
  return errors;
}
