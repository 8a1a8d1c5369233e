import { describe, expect, test } from 'vitest';
import type { KindDefinition } from '../../types.ts';
import { webhooksOf } from './config.ts';
import { ruleMatches, selectorsMatch } from './match.ts';

describe('rules', () => {
  const [webhook] = webhooksOf({
    apiVersion: 'v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'c' },
    webhooks: [
      {
        name: 'w',
        rules: [
          {
            operations: ['CREATE'],
            apiGroups: ['*'],
            apiVersions: ['v1'],
            resources: ['pods', '*/status'],
            scope: 'Namespaced',
          },
        ],
      },
    ],
  });
  const pods = { group: '', version: 'v1', resource: 'pods', namespaced: true };
  test.each([
    [pods, 'CREATE', '', true],
    [pods, 'CREATE', 'status', true],
    [pods, 'CREATE', 'eviction', false],
    [pods, 'CREATE', 'resize', false],
    [pods, 'UPDATE', '', false],
    [{ ...pods, resource: 'secrets' }, 'CREATE', '', false],
    [{ ...pods, resource: 'nodes', namespaced: false }, 'CREATE', 'status', false],
    [{ ...pods, version: 'v1beta1' }, 'CREATE', '', false],
  ] as const)('%j %s %s: %s', (kind, operation, subresource, expected) => {
    expect(ruleMatches(webhook!.rules[0]!, kind, { operation, subresource })).toBe(expected);
  });
});

describe('selectors of objects', () => {
  const asked = (operation: 'CREATE' | 'CONNECT') => ({
    kind: { group: '', resource: 'pods', namespaced: false } as KindDefinition,
    operation,
    namespace: '',
    object: { apiVersion: 'v1', kind: 'PodExecOptions', metadata: {} },
    old: null,
  });
  const without = { matchExpressions: [{ key: 'skip', operator: 'DoesNotExist' }] };
  test.each([
    ['CREATE', without, true],
    ['CREATE', {}, true],
    ['CONNECT', without, false],
    ['CONNECT', { matchLabels: {}, matchExpressions: [] }, true],
    ['CONNECT', undefined, true],
  ] as const)('%s %j: %s', (operation, objectSelector, expected) => {
    const hook = { namespaceSelector: {}, objectSelector };
    expect(selectorsMatch(hook, asked(operation), () => undefined)).toBe(expected);
  });
});
