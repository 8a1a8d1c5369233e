import { describe, expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { KindDefinition } from '../types.ts';
import { parseFieldSelector } from './fields.ts';
import { parseLabelSelector } from './labels.ts';
import { labelSelectorText, matchesLabelSelector } from './structured.ts';

describe('label selectors', () => {
  const labels = { app: 'web', tier: 'front', count: '5' };
  test.each([
    ['app=web', true],
    ['app==web', true],
    ['app!=web', false],
    ['other!=web', true],
    ['app in (web, db)', true],
    ['app notin (web)', false],
    ['other notin (web)', true],
    ['tier', true],
    ['!tier', false],
    ['!other', true],
    ['app=web,tier=front', true],
    ['app=web,tier=back', false],
    ['count>4', true],
    ['count<4', false],
    ['app=', false],
    ['other in ()', false],
  ])('%s', (text, expected) => {
    expect(parseLabelSelector(text)?.(labels)).toBe(expected);
  });

  test('an empty selector selects everything', () => {
    expect(parseLabelSelector('')).toBeNull();
    expect(parseLabelSelector('  ')).toBeNull();
  });

  test.each([
    'app in web',
    'app=a b',
    '=x',
    'app in (a',
    ',',
    'a,,b',
    '-bad=1',
    'app=-bad',
    'app>x',
  ])('%s is refused with 400', (text) => {
    expect(() => parseLabelSelector(text)).toThrowError(expect.objectContaining({ status: 400 }));
  });
});

describe('structured selectors', () => {
  test('an absent selector matches nothing, an empty one everything', () => {
    expect(matchesLabelSelector(undefined, { a: 'b' })).toBe(false);
    expect(matchesLabelSelector({}, undefined)).toBe(true);
  });
  test('expressions', () => {
    const selector = {
      matchLabels: { a: '1' },
      matchExpressions: [
        { key: 'b', operator: 'In', values: ['x', 'y'] },
        { key: 'c', operator: 'DoesNotExist' },
      ],
    };
    expect(matchesLabelSelector(selector, { a: '1', b: 'y' })).toBe(true);
    expect(matchesLabelSelector(selector, { a: '1', b: 'y', c: '' })).toBe(false);
    expect(labelSelectorText(selector)).toBe('!c,a=1,b in (x,y)');
  });
});

describe('field selectors', () => {
  const pods = {
    namespaced: true,
    selectableFields: { 'spec.nodeName': (pod: KubeObject) => pod.spec?.nodeName ?? '' },
  } as unknown as KindDefinition;
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'n' },
    spec: { nodeName: 'a' },
  };

  test('equality and inequality over metadata and declared fields', () => {
    expect(parseFieldSelector('metadata.name=p,spec.nodeName!=b', pods)?.matches(pod)).toBe(true);
    expect(parseFieldSelector('metadata.namespace=other', pods)?.matches(pod)).toBe(false);
    expect(parseFieldSelector('metadata.name==p', pods)?.name).toBe('p');
    expect(parseFieldSelector('', pods)).toBeNull();
  });
  test('unknown fields and bad syntax are refused', () => {
    expect(() => parseFieldSelector('spec.image=x', pods)).toThrowError('field label not supported: spec.image');
    expect(() => parseFieldSelector('xyz', pods)).toThrowError("invalid selector: 'xyz'; can't understand 'xyz'");
    const claims = { namespaced: true } as unknown as KindDefinition;
    expect(() => parseFieldSelector('a\\=b', claims)).toThrowError('"a\\\\" is not a known field selector: only');
  });
  test('what lives in no namespace is not selected by one where its kind has fields of its own', () => {
    const nodes = { ...pods, namespaced: false };
    expect(() => parseFieldSelector('metadata.namespace=n', nodes)).toThrowError(
      'field label not supported: metadata.namespace',
    );
    const classes = { namespaced: false } as unknown as KindDefinition;
    expect(parseFieldSelector('metadata.namespace=n', classes)?.matches(pod)).toBe(true);
  });
});
