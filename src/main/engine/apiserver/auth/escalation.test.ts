import { describe, expect, test } from 'vitest';
import { escalationText, uncovered } from './escalation.ts';

const rule = (apiGroups: string[], resources: string[], verbs: string[], resourceNames?: string[]) => ({
  apiGroups,
  resources,
  verbs,
  ...(resourceNames === undefined ? {} : { resourceNames }),
});

describe('uncovered', () => {
  test.each([
    ['the same rule', [rule([''], ['pods'], ['get'])], [rule([''], ['pods'], ['get'])], 0],
    [
      'several rules together',
      [rule([''], ['pods'], ['get']), rule([''], ['pods'], ['list'])],
      [rule([''], ['pods'], ['get', 'list'])],
      0,
    ],
    ['wildcards of the owner', [rule(['*'], ['*'], ['*'])], [rule(['apps'], ['deployments/scale'], ['patch'])], 0],
    [
      'a wildcard of the wanted rule is more than every part',
      [rule([''], ['pods'], ['get'])],
      [rule(['*'], ['pods'], ['get'])],
      1,
    ],
    ['subresources of any resource', [rule([''], ['*/scale'], ['get'])], [rule([''], ['pods/scale'], ['get'])], 0],
    ['a name is less than all names', [rule([''], ['pods'], ['get'])], [rule([''], ['pods'], ['get'], ['a'])], 0],
    ['all names are more than one', [rule([''], ['pods'], ['get'], ['a'])], [rule([''], ['pods'], ['get'])], 1],
    [
      'paths below a prefix',
      [{ nonResourceURLs: ['/logs/*'], verbs: ['get'] }],
      [{ nonResourceURLs: ['/logs/a'], verbs: ['get'] }],
      0,
    ],
    [
      'paths elsewhere',
      [{ nonResourceURLs: ['/logs/*'], verbs: ['get'] }],
      [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }],
      1,
    ],
  ])('%s', (_name, owned, wanted, count) => {
    expect(uncovered(owned, wanted)).toHaveLength(count);
  });
});

test('missing rights are listed with their verbs together, in order', () => {
  const missing = uncovered(
    [rule([''], ['pods'], ['get'])],
    [
      rule([''], ['secrets', 'pods'], ['get', 'list']),
      rule(['apps'], ['deployments'], ['delete'], ['web']),
      { nonResourceURLs: ['/metrics'], verbs: ['get'] },
    ],
  );
  expect(escalationText({ username: 'jane', groups: ['devs', 'system:authenticated'] }, missing)).toBe(
    [
      'user "jane" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:',
      '{APIGroups:[""], Resources:["pods"], Verbs:["list"]}',
      '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}',
      '{APIGroups:["apps"], Resources:["deployments"], ResourceNames:["web"], Verbs:["delete"]}',
      '{NonResourceURLs:["/metrics"], Verbs:["get"]}',
    ].join('\n'),
  );
});
