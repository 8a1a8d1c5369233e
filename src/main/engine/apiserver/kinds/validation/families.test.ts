import { describe, expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { settleFamilies, validateFamilies } from './families.ts';

const texts = (errors: { field: string; message: string }[]) =>
  errors.map(({ field, message }) => `${field}: ${message}`);
const settled = (spec: Json, old?: Json) => {
  const problems = settleFamilies(spec, old);
  return problems.length > 0 ? texts(problems) : [spec.ipFamilyPolicy, spec.ipFamilies];
};

describe('families of a service', () => {
  test.each<[string, Json, Json | undefined, unknown]>([
    ['are IPv4 alone where nothing is said', { selector: { a: 'b' } }, undefined, ['SingleStack', ['IPv4']]],
    [
      'are both where somebody else says where it leads',
      { clusterIP: 'None', clusterIPs: ['None'] },
      undefined,
      ['RequireDualStack', ['IPv4', 'IPv6']],
    ],
    [
      'follow the policy of before',
      { selector: { a: 'b' } },
      { ipFamilyPolicy: 'PreferDualStack' },
      ['PreferDualStack', ['IPv4']],
    ],
    [
      'cannot be two here',
      { selector: { a: 'b' }, ipFamilyPolicy: 'RequireDualStack' },
      undefined,
      [
        'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
      ],
    ],
    [
      'cannot be IPv6 here',
      { selector: { a: 'b' }, ipFamilies: ['IPv6'] },
      undefined,
      ['spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
    ],
    [
      'do not come with an IPv6 address either',
      { selector: { a: 'b' }, clusterIP: 'fd00::1', clusterIPs: ['fd00::1'] },
      undefined,
      ['spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster'],
    ],
    [
      'are not two of a single stack',
      { selector: { a: 'b' }, ipFamilies: ['IPv4', 'IPv6'] },
      undefined,
      [
        "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
      ],
    ],
    [
      'shrink with their policy',
      { clusterIP: 'None', clusterIPs: ['None'], ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4', 'IPv6'] },
      { clusterIP: 'None', clusterIPs: ['None'], ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'] },
      ['SingleStack', ['IPv4']],
    ],
    [
      'do not shrink without it',
      { clusterIP: 'None', clusterIPs: ['None'], ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4'] },
      { clusterIP: 'None', clusterIPs: ['None'], ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'] },
      [
        'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be \'SingleStack\' to release the secondary IP family',
      ],
    ],
  ])('%s', (_name, spec, old, expected) => {
    expect(settled({ type: 'ClusterIP', ...spec }, old && { type: 'ClusterIP', ...old })).toEqual(expected);
  });

  test('addresses fit the families, one of each', () => {
    const pair = { clusterIP: '10.96.0.5', clusterIPs: ['10.96.0.5', '10.96.0.6'], ipFamilies: ['IPv6'] };
    expect(texts(validateFamilies(pair))).toEqual([
      'spec.clusterIPs: Invalid value: ["10.96.0.5","10.96.0.6"]: may specify no more than one IP for each IP family',
      'spec.clusterIPs[0]: Invalid value: "10.96.0.5": expected an IPv6 value as indicated by `ipFamilies[0]`',
    ]);
  });
});
