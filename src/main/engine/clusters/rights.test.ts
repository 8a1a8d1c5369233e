import { expect, test } from 'vitest';
import { grants, type Rule } from './rights.ts';

const rule = (verbs: string[], apiGroups: string[], resources: string[], resourceNames: string[] = []): Rule => ({
  verbs,
  apiGroups,
  resources,
  resourceNames,
});
const scale = { verb: 'patch', group: 'apps', resource: 'deployments', subresource: 'scale' };

test.each([
  ['everything', rule(['*'], ['*'], ['*']), true],
  ['the very right', rule(['patch'], ['apps'], ['deployments/scale']), true],
  ['that subresource of everything', rule(['patch'], ['apps'], ['*/scale']), true],
  ['the resource without its subresource', rule(['patch'], ['apps'], ['deployments']), false],
  ['another verb', rule(['get'], ['apps'], ['deployments/scale']), false],
  ['another group', rule(['patch'], [''], ['deployments/scale']), false],
  ['some names only', rule(['*'], ['*'], ['*'], ['web']), false],
])('%s', (_what, given, granted) => {
  expect(grants(given, scale)).toBe(granted);
});
