import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { changeYaml, valueAt } from './yaml-edit.ts';

const text = `# who may see this
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata:
  name: web # the shop
spec:
  somethingNew:
    fromTheFuture: [1, 2]
  placement:
    clusterAffinity:
      clusterNames:
        - north
`;

describe('a change by path', () => {
  test('touches nothing else: comments, order and unknown fields stay', () => {
    const changed = changeYaml(text, ['spec', 'priority'], 5);
    expect(changed).toContain('# who may see this');
    expect(changed).toContain('name: web # the shop');
    expect(changed).toContain('fromTheFuture: [ 1, 2 ]');
    expect(valueAt(parse(changed), ['spec', 'priority'])).toBe(5);
    expect(parse(changeYaml(changed, ['spec', 'priority'], undefined))).toEqual(parse(text));
  });

  test('makes the maps and lists on its way', () => {
    const changed = parse(changeYaml(text, ['spec', 'resourceSelectors', 0, 'kind'], 'Deployment'));
    expect(changed.spec.resourceSelectors).toEqual([{ kind: 'Deployment' }]);
  });

  test('takes away what is empty then, but never the spec', () => {
    const changed = parse(changeYaml(text, ['spec', 'placement', 'clusterAffinity', 'clusterNames'], undefined));
    expect(changed.spec).toEqual({ somethingNew: { fromTheFuture: [1, 2] } });
    expect(parse(changeYaml('spec:\n  a: 1\n', ['spec', 'a'], undefined))).toEqual({ spec: {} });
  });

  test('keeps a line of a list that has become empty', () => {
    const list = 'spec:\n  rules:\n    - a: 1\n    - b: 2\n';
    expect(parse(changeYaml(list, ['spec', 'rules', 0, 'a'], undefined)).spec.rules).toEqual([{}, { b: 2 }]);
  });

  test('leaves a text alone that is no YAML', () => {
    expect(changeYaml('a: [1', ['b'], 2)).toBe('a: [1');
  });
});
