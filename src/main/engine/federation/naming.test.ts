import { describe, expect, test } from 'vitest';
import { bindingName, dependedByHash, fnv1a32, generatedPolicyName, workName } from './naming.ts';

describe('derived names', () => {
  test('hash to the values other Karmada tools compute', () => {
    expect(workName('Deployment', 'nginx', 'default')).toBe('nginx-687f7fb96f');
    expect(workName('Namespace', 'default', undefined)).toBe('default-5b5ccb595b');
    expect(dependedByHash('test', 'test-binding')).toBe('5dbb6dc9c8');
    expect(generatedPolicyName('default', 'nginx', 'apps/v1, Kind=Deployment')).toBe('nginx-6d7f8d5f5b');
    expect(generatedPolicyName('ns-foo', 'foo', 'rand')).toBe('foo-b4978784');
  });

  test('a colon becomes a dot and everything is lower case', () => {
    expect(bindingName('ClusterRole', 'System:Node')).toBe('system.node-clusterrole');
  });

  test('UIDs hash to the parity that decides ties', () => {
    expect(fnv1a32('4858ca61-3ff8-4095-8267-f3d059d8074c') % 2).toBe(0);
    expect(fnv1a32('d43fdeeb-d750-4e2b-bee3-64eb94534f4c') % 2).toBe(1);
  });
});
