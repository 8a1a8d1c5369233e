import { expect, test } from 'vitest';
import { fieldDescription, textsOf } from './texts.ts';

test('a field has its own text, and one that refers to a type does not have that of the type', () => {
  expect(textsOf('apps.Deployment').spec).toBe('Specification of the desired behavior of the Deployment.');
  expect(textsOf('apps.DeploymentSpec')['']).toBe(
    'DeploymentSpec is the specification of the desired behavior of the Deployment.',
  );
});

test('tables are not told the values of an enumeration', () => {
  expect(textsOf('core.PersistentVolumeClaimStatus').phase).toContain('Possible enum values:');
  expect(fieldDescription('core.PersistentVolumeClaimStatus', 'phase')).toBe(
    'phase represents the current phase of PersistentVolumeClaim.',
  );
});

test('what nobody explains has no text', () => {
  expect(textsOf('core.Nothing')).toEqual({});
  expect(textsOf('nothing.Nothing')).toEqual({});
  expect(fieldDescription('core.Pod', 'nothing')).toBe('');
});
