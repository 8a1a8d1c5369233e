import { expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import type { AccessAttributes } from './authorize.ts';
import { isAbout } from './flow-rules.ts';

const ann = { username: 'ann', groups: ['devs', 'system:authenticated'] };
const robot = { username: 'system:serviceaccount:shop:robot', groups: ['system:serviceaccounts'] };
const on = (verb: string, resource: string, namespace = '', subresource = ''): AccessAttributes => ({
  verb,
  resource: { group: '', version: 'v1', resource, subresource, namespace, name: '' },
});
const spec = (subject: Json, rule: Json): Json => ({ rules: [{ subjects: [subject], ...rule }] });
const resources = (more: Json = {}): Json => ({
  resourceRules: [{ verbs: ['*'], apiGroups: [''], resources: ['pods'], namespaces: ['*'], ...more }],
});
const paths = (...nonResourceURLs: string[]): Json => ({ nonResourceRules: [{ verbs: ['get'], nonResourceURLs }] });
const user = { kind: 'User', user: { name: 'ann' } };

test.each<[string, Json, Json, typeof ann, AccessAttributes, boolean]>([
  ['a user by name', user, resources(), ann, on('get', 'pods', 'n'), true],
  ['another user', user, resources(), robot, on('get', 'pods', 'n'), false],
  ['anybody', { kind: 'User', user: { name: '*' } }, resources(), robot, on('get', 'pods', 'n'), true],
  ['a group', { kind: 'Group', group: { name: 'devs' } }, resources(), ann, on('get', 'pods', 'n'), true],
  [
    'a service account',
    { kind: 'ServiceAccount', serviceAccount: { namespace: 'shop', name: 'robot' } },
    resources(),
    robot,
    on('get', 'pods', 'n'),
    true,
  ],
  [
    'the service accounts of a namespace, not of one that begins like it',
    { kind: 'ServiceAccount', serviceAccount: { namespace: 'sho', name: '*' } },
    resources(),
    robot,
    on('get', 'pods', 'n'),
    false,
  ],
  ['what has no namespace asks for the cluster', user, resources(), ann, on('list', 'pods'), false],
  ['the cluster', user, resources({ clusterScope: true }), ann, on('list', 'pods'), true],
  ['another namespace', user, resources({ namespaces: ['m'] }), ann, on('get', 'pods', 'n'), false],
  ['a subresource is one of its own', user, resources(), ann, on('update', 'pods', 'n', 'status'), false],
  ['a verb', user, resources({ verbs: ['list'] }), ann, on('get', 'pods', 'n'), false],
  ['a path', user, paths('/healthz'), ann, { verb: 'get', path: '/healthz' }, true],
  ['what is below a path', user, paths('/healthz/*'), ann, { verb: 'get', path: '/healthz/ping' }, true],
  ['a path that begins alike', user, paths('/health'), ann, { verb: 'get', path: '/healthz' }, false],
  ['rules of resources say nothing of paths', user, resources(), ann, { verb: 'get', path: '/healthz' }, false],
])('%s', (_name, subject, rule, who, access, expected) => {
  expect(isAbout(spec(subject, rule), who, access)).toBe(expected);
});
