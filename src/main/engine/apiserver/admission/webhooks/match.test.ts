import { describe, expect, test } from 'vitest';
import { webhooksOf } from './config.ts';
import { ruleMatches } from './match.ts';

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
