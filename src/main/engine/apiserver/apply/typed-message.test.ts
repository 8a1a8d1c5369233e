import { expect, test } from 'vitest';
import { message } from '../openapi/fields.ts';
import { messageProblems } from './typed-message.ts';

const problems = (id: string, value: unknown): string[] => messageProblems(value, message(id)!);

test.each([
  ['a field nobody declared', { bogus: 1 }, ['.bogus: field not declared in schema']],
  ['a truth', { immutable: 'x' }, ['.immutable: expected boolean, got &{x}']],
  [
    'a text',
    { data: { a: { b: 1 } } },
    ['.data.a: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"b":1}}'],
  ],
  ['a map', { data: [1] }, ['.data: expected map, got &{[1]}']],
  ['null', { data: null, immutable: null }, []],
])('a config map: %s', (_what, value, expected) => {
  expect(problems('core.ConfigMap', value)).toEqual(expected);
});

test('items are told apart by their keys, and those without any end the list', () => {
  const of = (containers: unknown) => problems('core.PodSpec', { containers });
  expect(of([{ name: 'a', stdin: 1 }, { name: 'a' }])).toEqual([
    '.containers[name="a"].stdin: expected boolean, got &{1}',
    '.containers: duplicate entries for key [name="a"]',
  ]);
  // A name that is always written is empty when it is left out.
  expect(of([{ image: 'x' }, { image: 'y' }])).toEqual(['.containers: duplicate entries for key [name=""]']);
  const accounts = problems('core.ServiceAccount', { secrets: [{ kind: 'x' }, { name: 1 }] });
  expect(accounts).toEqual([
    '.secrets: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)',
  ]);
  expect(of([null])).toEqual(['.containers: element 0: associative list with keys may not have a null element']);
  expect(of([{ name: 'a', ports: [{ containerPort: 80 }, { containerPort: 80 }] }])).toEqual([
    '.containers[name="a"].ports: duplicate entries for key [containerPort=80,protocol="TCP"]',
  ]);
});

test('what is owned as a whole is looked into all the same', () => {
  expect(problems('core.NodeSpec', { taints: [{ key: 'a', timeAdded: {} }, [1]] })).toEqual([
    '.taints[0].timeAdded: expected any scalar, got &{map[]}',
    '.taints[1]: expected map, got &{[1]}',
  ]);
});

test('what has no fields may hold anything', () => {
  const subresources = (value: unknown) => problems('apiextensions.CustomResourceSubresources', value);
  expect(subresources({ status: { a: 1 } })).toEqual([]);
  expect(subresources({ status: 1, scale: { a: 1 } })).toEqual([
    '.status: expected map, got &{1}',
    '.scale.a: field not declared in schema',
  ]);
});
