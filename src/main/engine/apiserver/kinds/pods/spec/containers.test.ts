import type { Json } from '#shared/kubernetes/types.ts';
import { judge } from '../../test-support.ts';
import { validateContainers } from './containers.ts';

const made = (name: string, more: Json = {}): Json => ({
  name,
  image: 'i',
  imagePullPolicy: 'Always',
  terminationMessagePolicy: 'File',
  ...more,
});
const spec = (more: Json): Json => ({
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  containers: [made('c')],
  ...more,
});
const regular = (more: Json): Json => spec({ containers: [made('c', more)] });
const init = (more: Json): Json => spec({ initContainers: [made('i', more)] });
const looking = (more: Json): Json => spec({ ephemeralContainers: [made('e', more)] });
const probe = { exec: { command: ['true'] }, successThreshold: 1 };
const around = (given: Json) => ({
  spec: given,
  volumes: new Map([['v', { emptyDir: {} }]]),
  claims: new Set<string>(),
});

judge(
  (given) => validateContainers({ ...around(given), inPod: true }, 'spec'),
  [
    ['there is a container', { containers: [] }, ['spec.containers: Required value'], spec({})],
    ['a container has an image', regular({ image: '' }), ['spec.containers[0].image: Required value'], regular({})],
    [
      'an image has no space around it',
      regular({ image: 'i ' }),
      ['spec.containers[0].image: Invalid value: "i ": must not have leading or trailing whitespace'],
      regular({ image: 'i:1' }),
    ],
    [
      'names are unique among containers of all kinds',
      spec({ initContainers: [made('c')] }),
      ['spec.initContainers[0].name: Duplicate value: "c"'],
      spec({ initContainers: [made('i')] }),
    ],
    [
      'the last words are read from a known place',
      regular({ terminationMessagePolicy: 'Log' }),
      [
        'spec.containers[0].terminationMessagePolicy: Unsupported value: "Log": supported values: "File", "FallbackToLogsOnError"',
      ],
      regular({ terminationMessagePolicy: 'FallbackToLogsOnError' }),
    ],
    [
      'what ends before the others is not probed',
      init({ readinessProbe: probe }),
      [
        'spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
      ],
      init({ readinessProbe: probe, restartPolicy: 'Always' }),
    ],
    [
      'a sidecar is probed like others',
      init({ livenessProbe: { ...probe, successThreshold: 3 }, restartPolicy: 'Always' }),
      ['spec.initContainers[0].livenessProbe.successThreshold: Invalid value: 3: must be 1'],
      init({ livenessProbe: probe, lifecycle: { preStop: probe }, restartPolicy: 'Always' }),
    ],
    [
      'a container restarts in a known way',
      init({ restartPolicy: 'Sometimes' }),
      [
        'spec.initContainers[0].restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
      ],
      init({ restartPolicy: 'Always' }),
    ],
    [
      'who looks inside serves nobody',
      looking({ ports: [{ containerPort: 80, protocol: 'TCP' }] }),
      ['spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container'],
      looking({ resources: {}, stdin: true, tty: true }),
    ],
    [
      'who looks inside sees whole volumes',
      looking({ volumeMounts: [{ name: 'v', mountPath: '/v', subPath: 'a' }] }),
      ['spec.ephemeralContainers[0].volumeMounts[0].subPath: Forbidden: cannot be set for an Ephemeral Container'],
      looking({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
    ],
    [
      'who looks at a container finds it',
      looking({ targetContainerName: 'd' }),
      ['spec.ephemeralContainers[0].targetContainerName: Not found: "d"'],
      looking({ targetContainerName: 'c' }),
    ],
    [
      'processors and memory are resized',
      regular({ resizePolicy: [{ resourceName: 'disk', restartPolicy: 'NotRequired' }] }),
      ['spec.containers[0].resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"'],
      regular({ resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }),
    ],
  ],
);

judge(
  (given) => validateContainers({ ...around(given), inPod: false }, 'spec'),
  [
    [
      'the space around an image of a template is found when a pod is made of it',
      regular({ image: '' }),
      ['spec.containers[0].image: Required value'],
      regular({ image: 'i ' }),
    ],
  ],
);
