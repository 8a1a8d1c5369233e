import { judge } from '../../test-support.ts';
import { validateReadinessGates, validateSchedulingGates, validateSpread, validateTolerations } from './scheduling.ts';

judge(
  (toleration) => validateTolerations([toleration], 'tolerations'),
  [
    [
      'without a key only Exists makes sense',
      { value: 'a' },
      [
        'tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ],
      { operator: 'Exists' },
    ],
    [
      'Exists compares with nothing',
      { key: 'a', operator: 'Exists', value: 'b' },
      ['tolerations[0].operator: Invalid value: "b": value must be empty when `operator` is \'Exists\''],
      { key: 'a', value: 'b' },
    ],
    [
      'an operator is a known one',
      { key: 'a', operator: 'In' },
      ['tolerations[0].operator: Unsupported value: "In": supported values: "Equal", "Exists"'],
      { key: 'a', operator: 'Equal' },
    ],
    [
      'an effect is a known one',
      { key: 'a', effect: 'Never' },
      [
        'tolerations[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      ],
      { key: 'a', effect: 'PreferNoSchedule' },
    ],
    [
      'seconds belong to NoExecute',
      { key: 'a', effect: 'NoSchedule', tolerationSeconds: 5 },
      [
        'tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
      ],
      { key: 'a', effect: 'NoExecute', tolerationSeconds: 5 },
    ],
  ],
);

const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };
judge(
  (constraints) => validateSpread(constraints, 'spread'),
  [
    [
      'a skew is positive',
      [{ ...spread, maxSkew: 0 }],
      ['spread[0].maxSkew: Invalid value: 0: must be greater than zero'],
      [spread],
    ],
    [
      'a topology is spread over once in each way',
      [spread, spread],
      ['spread[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"'],
      [spread, { ...spread, whenUnsatisfiable: 'ScheduleAnyway' }],
    ],
    [
      'least domains are for constraints that hold pods back',
      [{ ...spread, whenUnsatisfiable: 'ScheduleAnyway', minDomains: 2 }],
      [
        'spread[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
      ],
      [{ ...spread, minDomains: 2 }],
    ],
    [
      'a policy honours or ignores',
      [{ ...spread, nodeTaintsPolicy: 'Maybe' }],
      ['spread[0].nodeTaintsPolicy: Unsupported value: "Maybe": supported values: "Honor", "Ignore"'],
      [{ ...spread, nodeAffinityPolicy: 'Honor', nodeTaintsPolicy: 'Ignore' }],
    ],
    [
      'label keys narrow a selector',
      [{ ...spread, matchLabelKeys: ['a'] }],
      ['spread[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set'],
      [{ ...spread, matchLabelKeys: ['a'], labelSelector: {} }],
    ],
  ],
);

judge(
  (gates) => validateSchedulingGates(gates, 'gates'),
  [
    [
      'a gate is there once',
      [{ name: 'a.io/b' }, { name: 'a.io/b' }],
      ['gates[1]: Duplicate value: "a.io/b"'],
      [{ name: 'a.io/b' }, { name: 'a.io/c' }],
    ],
  ],
);

judge(
  (gates) => validateReadinessGates(gates, 'gates'),
  [
    [
      'a condition has a qualified name',
      [{ conditionType: 'a/b/c' }],
      [
        "gates[0].conditionType: Invalid value: \"a/b/c\": a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
      ],
      [{ conditionType: 'example.org/ready' }],
    ],
  ],
);
