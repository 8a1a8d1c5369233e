import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { flowSchemas, priorityLevels } from '../../bootstrap/flow-control.ts';
import { lines } from '../test-support.ts';
import { validateFlowSchema, validatePriorityLevel } from './flow-control.ts';

const user = { kind: 'User', user: { name: 'a' } };
const paths = { verbs: ['get'], nonResourceURLs: ['/healthz'] };
const named = (name: string, spec: Json): KubeObject => ({ apiVersion: 'x', kind: 'X', metadata: { name }, spec });

const schema = (spec: Json, name = 'a'): string[] =>
  lines(
    validateFlowSchema(
      named(name, { matchingPrecedence: 5, priorityLevelConfiguration: { name: 'p' }, ...spec }),
      null,
    ),
  );
const rule = (parts: Json): string[] => schema({ rules: [{ subjects: [user], nonResourceRules: [paths], ...parts }] });

test('what every server starts with is valid', () => {
  for (const object of flowSchemas('2024-01-01T00:00:00Z')) expect(lines(validateFlowSchema(object, null))).toEqual([]);
  for (const object of priorityLevels()) expect(lines(validatePriorityLevel(object, null))).toEqual([]);
});

describe('flow schemas', () => {
  test('have a precedence from 1 to 10,000, of which the first is kept', () => {
    expect(schema({ matchingPrecedence: -1 })).toEqual([
      'spec.matchingPrecedence: Invalid value: -1: must be a positive value',
    ]);
    expect(schema({ matchingPrecedence: 10_001 })).toEqual([
      'spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000',
    ]);
    expect(schema({ matchingPrecedence: 1 })).toEqual([
      "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
    ]);
  });

  test('tell flows apart in known ways', () => {
    expect(schema({ distinguisherMethod: { type: 'ByMood' } })).toEqual([
      'spec.distinguisherMethod.type: Unsupported value: {"Type":"ByMood"}: supported values: "ByNamespace", "ByUser"',
    ]);
    expect(schema({ distinguisherMethod: { type: 'ByUser' } })).toEqual([]);
  });

  test('say who asks, in one way', () => {
    expect(rule({ subjects: [] })).toEqual([
      'spec.rules[0].subjects: Required value: subjects must contain at least one value',
    ]);
    expect(rule({ subjects: [{ kind: 'Group', user: { name: 'a' } }] })).toEqual([
      "spec.rules[0].subjects[0].group: Required value: group is required when subject kind is 'Group'",
      "spec.rules[0].subjects[0].user: Forbidden: user is forbidden when subject kind is not 'User'",
    ]);
    expect(rule({ subjects: [{ kind: 'ServiceAccount', serviceAccount: { name: '*' } }] })).toEqual([
      'spec.rules[0].subjects[0].serviceAccount.namespace: Required value: must specify namespace for service account',
    ]);
  });

  test('say what is asked for', () => {
    expect(schema({ rules: [{ subjects: [user] }] })).toEqual([
      'spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty',
    ]);
    expect(
      rule({ resourceRules: [{ verbs: ['*', 'get'], apiGroups: ['*'], resources: ['*'], clusterScope: true }] }),
    ).toEqual([
      'spec.rules[0].resourceRules[0].verbs: Invalid value: ["*","get"]: if \'*\' is present, must not specify other verbs',
    ]);
    expect(rule({ nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['a', '/a*b', '/a//b', '/a/*'] }] })).toEqual([
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "a": must start with slash',
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[1]: Invalid value: "/a*b": wildcard can only do suffix matching',
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[2]: Invalid value: "/a//b": must not contain double slash',
    ]);
  });

  test('that are mandatory stay as they are', () => {
    expect(schema({}, 'catch-all').at(-1)).toMatch(
      /^spec: Invalid value: .*: spec of 'catch-all' must equal the fixed value$/,
    );
  });
});

describe('priority levels', () => {
  const level = (spec: Json, name = 'a'): string[] => lines(validatePriorityLevel(named(name, spec), null));
  const queued = (queuing: Json): string[] =>
    level({ type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing } } });

  test('are limited, but for the one that is not', () => {
    expect(level({ type: 'Exempt' })).toEqual([
      "spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'",
    ]);
    expect(level({ type: 'Limited' })).toEqual([
      'spec.limited: Required value: must not be empty when type is Limited',
    ]);
    expect(level({ type: 'Limited', exempt: {}, limited: { limitResponse: { type: 'Reject' } } })).toEqual([
      'spec.exempt: Forbidden: must be nil if the type is Limited',
    ]);
  });

  test('deal no more queues than the bits of a hash can tell', () => {
    expect(queued({ queues: 64, handSize: 8, queueLengthLimit: 50 })).toEqual([]);
    expect(queued({ queues: 64, handSize: 11, queueLengthLimit: 50 })).toEqual([
      'spec.limited.limitResponse.queuing.handSize: Invalid value: 11: required entropy bits of deckSize 64 and handSize 11 should not be greater than 60',
    ]);
    expect(queued({ queues: 2, handSize: 3, queueLengthLimit: -1 })).toEqual([
      'spec.limited.limitResponse.queuing.queueLengthLimit: Invalid value: -1: must be positive',
      'spec.limited.limitResponse.queuing.handSize: Invalid value: 3: should not be greater than queues (2)',
    ]);
  });

  test("what the exempt one shares is an administrator's to say", () => {
    expect(level({ type: 'Exempt', exempt: { nominalConcurrencyShares: 7, lendablePercent: 5 } }, 'exempt')).toEqual(
      [],
    );
    expect(level({ type: 'Exempt', exempt: { nominalConcurrencyShares: -7 } }, 'exempt')).toEqual([
      'spec.exempt.nominalConcurrencyShares: Invalid value: -7: must be a non-negative integer',
    ]);
  });
});
