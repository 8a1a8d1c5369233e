import { expect, test } from 'vitest';
import { conflict, forbidden, invalid, namespaceTerminating, notFound, refuse } from './status.ts';

const deployments = { group: 'apps', resource: 'deployments', kind: 'Deployment' };
const pods = { group: '', resource: 'pods', kind: 'Pod' };

test('a missing object is named by its resource and group', () => {
  expect(notFound(deployments, 'web').body).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'deployments.apps "web" not found',
    reason: 'NotFound',
    details: { name: 'web', group: 'apps', kind: 'deployments' },
    code: 404,
  });
});

test('one cause stands alone, several stand in brackets, repeated texts appear once', () => {
  const cause = { type: 'FieldValueRequired' as const, field: 'spec.x', message: 'Required value' };
  const other = { type: 'FieldValueInvalid' as const, field: 'spec.y', message: 'Invalid value: 1: no' };
  expect(invalid(deployments, 'web', [cause]).message).toBe('Deployment.apps "web" is invalid: spec.x: Required value');
  const several = invalid(pods, 'p', [cause, other, cause]);
  expect(several.message).toBe('Pod "p" is invalid: [spec.x: Required value, spec.y: Invalid value: 1: no]');
  expect(several.body?.details?.causes).toHaveLength(3);
});

test('conflicts carry the text that clients retry on', () => {
  expect(conflict(pods, 'p').message).toBe(
    'Operation cannot be fulfilled on pods "p": the object has been modified; please apply your changes to the latest version and try again',
  );
});

test('a refusal of a collection names no object', () => {
  expect(forbidden(pods, '', 'no').message).toBe('pods is forbidden: no');
  expect(forbidden(pods, '', 'no').body?.details).toEqual({ kind: 'pods' });
});

test('writing into a namespace that goes says so in the cause', () => {
  const { body } = namespaceTerminating(pods, 'p', 'n');
  expect(body?.details?.causes?.[0]).toEqual({
    reason: 'NamespaceTerminating',
    message: 'namespace n is being terminated',
    field: 'metadata.namespace',
  });
});

test('a failure without reason has none in its body', () => {
  expect(refuse(500, '', 'broken').body).not.toHaveProperty('reason');
});
