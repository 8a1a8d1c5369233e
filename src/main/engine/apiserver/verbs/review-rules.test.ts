import { expect, test } from 'vitest';
import { evaluationProblem, reviewProblems } from './review-rules.ts';

const said = (...given: Parameters<typeof reviewProblems>) =>
  reviewProblems(...given).map(({ field, message }) => `${field}: ${message}`);
const OWN = { ofOthers: false, namespace: null };

test('a review is about a resource or a path, and says about whom', () => {
  const pods = { resource: 'pods' };
  expect(said({}, { resourceAttributes: pods }, OWN)).toEqual([]);
  expect(said({}, {}, { ofOthers: true, namespace: null })).toEqual([
    'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    'spec.user: Invalid value: "": at least one of user or group must be specified',
  ]);
  expect(said({}, { resourceAttributes: pods, nonResourceAttributes: { path: '/x' } }, OWN)).toEqual([
    'spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":""}: cannot be specified in combination with resourceAttributes',
  ]);
});

test('nothing but the namespace may be in its metadata, and there alone where it is of one', () => {
  const spec = { user: 'u', resourceAttributes: { namespace: 'n' } };
  expect(said({ labels: {}, managedFields: [{}] }, spec, OWN)).toEqual([]);
  expect(said({ name: 'x' }, spec, OWN)).toEqual(['metadata: Invalid value: {"name":"x"}: must be empty']);
  const local = { ofOthers: true, namespace: 'n' };
  expect(said({ namespace: 'n' }, spec, local)).toEqual([]);
  expect(said({ namespace: 'n', name: 'x' }, { ...spec, resourceAttributes: {} }, local)).toEqual([
    'metadata: Invalid value: {"namespace":"n","name":"x"}: must be empty except for namespace',
    'spec.resourceAttributes.namespace: Invalid value: "": must match metadata.namespace',
  ]);
  expect(said({}, { user: 'u', nonResourceAttributes: { path: '/', verb: 'get' } }, local)).toEqual([
    'spec.nonResourceAttributes: Invalid value: {"Path":"/","Verb":"get"}: disallowed on this kind of request',
  ]);
});

test('selectors are a text or requirements', () => {
  const at = 'spec.resourceAttributes';
  const of = (more: object) => said({}, { resourceAttributes: { resource: 'pods', ...more } }, OWN);
  expect(of({ fieldSelector: {} })).toEqual([
    `${at}.fieldSelector.requirements: Required value: when ${at}.fieldSelector is specified, requirements or rawSelector is required`,
  ]);
  expect(of({ labelSelector: { rawSelector: 'a', requirements: [{ key: 'a', operator: 'Later' }] } })).toEqual([
    `${at}.labelSelector.rawSelector: Invalid value: "a": may not specified at the same time as requirements`,
  ]);
  expect(of({ fieldSelector: { requirements: [{ operator: 'In' }] } })).toEqual([
    `${at}.fieldSelector.requirements[0].key: Required value: must be specified`,
    `${at}.fieldSelector.requirements[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
  ]);
});

test('what cannot be read of selectors is left out, and said', () => {
  const read = (fieldSelector: unknown, labelSelector: unknown) => evaluationProblem({ fieldSelector, labelSelector });
  const text = (rawSelector: string) => ({ rawSelector });
  const at = 'spec.resourceAttributes';
  expect(read(text('spec.nodeName=a,metadata.name!=b\\,c'), text('a in (b),!c'))).toBe('');
  expect(read(text('nonsense'), text('a=b,!!c'))).toBe(
    `${at}.fieldSelector ignored due to parse error; ${at}.labelSelector ignored due to parse error`,
  );
  const rules = [
    { key: 'a', operator: 'In', values: ['b'] },
    { key: 'a', operator: 'Exists' },
  ];
  expect(read({ requirements: rules }, { requirements: rules })).toBe(
    `${at}.fieldSelector partially ignored due to parse error`,
  );
});
