import { judge } from '../../test-support.ts';
import { validateEnv, validateEnvFrom } from './env.ts';

const field = (fieldPath: string): unknown => ({ name: 'A', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } });
const resource = (ref: object): unknown => ({ name: 'A', valueFrom: { resourceFieldRef: ref } });
const key = { name: 'config', key: 'a' };

judge(
  (variable) => validateEnv([variable], 'env'),
  [
    ['a variable has a name', { value: 'x' }, ['env[0].name: Required value'], { name: 'A' }],
    [
      'a variable has no equals sign in its name',
      { name: 'A=B' },
      [
        'env[0].name: Invalid value: "A=B": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
      ],
      { name: '1 a.b-c' },
    ],
    [
      'a value comes from one place',
      { name: 'A', value: 'x', valueFrom: { configMapKeyRef: key } },
      ['env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty'],
      { name: 'A', valueFrom: { configMapKeyRef: key } },
    ],
    [
      'a source is one source',
      { name: 'A', valueFrom: { configMapKeyRef: key, secretKeyRef: key } },
      ['env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time'],
      { name: 'A', valueFrom: { secretKeyRef: key } },
    ],
    [
      'a source is any source',
      { name: 'A', valueFrom: {} },
      [
        'env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      ],
      { name: 'A' },
    ],
    [
      'a key of a map is named',
      { name: 'A', valueFrom: { secretKeyRef: { name: 'a' } } },
      ['env[0].valueFrom.secretKeyRef.key: Required value'],
      { name: 'A', valueFrom: { secretKeyRef: { name: 'a', key: 'b.c' } } },
    ],
    [
      'a field exists',
      field('spec.image'),
      [
        'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.image": error converting fieldPath: field label not supported: spec.image',
      ],
      field('spec.nodeName'),
    ],
    [
      'a field has one value',
      field('metadata.labels'),
      [
        'env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
      ],
      field("metadata.labels['app.kubernetes.io/name']"),
    ],
    [
      'a resource is one that containers have',
      resource({ resource: 'limits.pods' }),
      [
        'env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.pods": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"',
      ],
      resource({ resource: 'requests.hugepages-2Mi' }),
    ],
    [
      'a resource is divided by a unit of its own',
      resource({ resource: 'limits.cpu', divisor: '1Mi' }),
      [
        'env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource',
      ],
      resource({ resource: 'limits.memory', divisor: '1Mi' }),
    ],
  ],
);

judge(
  (source) => validateEnvFrom([source], 'envFrom'),
  [
    [
      'variables come from somewhere',
      { prefix: 'A_' },
      ['envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`'],
      { prefix: 'A_', secretRef: { name: 'a' } },
    ],
    [
      'variables come from one place',
      { configMapRef: { name: 'a' }, secretRef: { name: 'a' } },
      ['envFrom: Invalid value: "": may not have more than one field specified at a time'],
      { configMapRef: { name: 'a' } },
    ],
    [
      'the place has a name',
      { configMapRef: {} },
      ['envFrom[0].configMapRef.name: Required value'],
      { secretRef: { name: 'b' } },
    ],
  ],
);
