import { expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { judge } from '../test-support.ts';
import { defaultPod, defaultPodSpec } from './defaults.ts';
import { validatePod, validatePodTemplate } from './validate.ts';

const whole = (more: Json): Json => ({
  containers: [{ name: 'c', image: 'i' }],
  serviceAccountName: 'default',
  ...more,
});

function pod(spec: Json): Json {
  const made = whole(spec);
  defaultPodSpec(made);
  defaultPod(made);
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n' }, spec: made };
}

function template(spec: Json): Json {
  const made = whole(spec);
  defaultPodSpec(made);
  return { spec: made };
}

const TOKEN = { serviceAccountToken: { path: 't', expirationSeconds: 600 } };
const withToken = { volumes: [{ name: 'v', projected: { sources: [TOKEN] } }] };
const looking = [{ name: 'e', image: 'i' }];

judge(
  (spec) => validatePod(pod(spec), null),
  [
    [
      'a pod restarts in a known way',
      { restartPolicy: 'Sometimes' },
      ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"'],
      { restartPolicy: 'Never' },
    ],
    [
      'a deadline is ahead',
      { activeDeadlineSeconds: 0 },
      ['spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive'],
      { activeDeadlineSeconds: 1, terminationGracePeriodSeconds: -1 },
    ],
    [
      'a pod takes the place of others or not',
      { preemptionPolicy: 'Always' },
      ['spec.preemptionPolicy: Unsupported value: "Always": supported values: "PreemptLowerPriority", "Never"'],
      { preemptionPolicy: 'Never' },
    ],
    [
      'overhead is of known resources',
      { overhead: { cups: '1' } },
      [
        'spec.overhead.limits[cups]: Invalid value: "cups": must be a standard resource type or fully qualified',
        'spec.overhead.limits[cups]: Invalid value: "cups": must be a standard resource for containers',
      ],
      { overhead: { cpu: '250m' } },
    ],
    [
      'a pod runs on a known system',
      { os: { name: 'plan9' } },
      ['spec.os: Unsupported value: "plan9": supported values: "linux", "windows"'],
      { os: { name: 'linux' } },
    ],
    [
      'a claim is made or found',
      { resourceClaims: [{ name: 'gpu' }] },
      [
        'spec.resourceClaims[0]: Invalid value: {"Name":"gpu","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
      ],
      { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }] },
    ],
    [
      'a token is of an account',
      { ...withToken, serviceAccountName: '' },
      [
        'spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set',
      ],
      withToken,
    ],
    [
      'a pod is looked into when it is there',
      { ephemeralContainers: looking },
      ['spec.ephemeralContainers: Forbidden: cannot be set on create'],
      {},
    ],
    [
      'what is held back is on no node',
      { nodeName: 'node-1', schedulingGates: [{ name: 'a.io/b' }] },
      ['spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared'],
      { schedulingGates: [{ name: 'a.io/b' }] },
    ],
    [
      'a broken volume cannot be mounted',
      {
        volumes: [{ name: 'v', secret: {} }],
        containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
      },
      ['spec.volumes[0].secret.secretName: Required value', 'spec.containers[0].volumeMounts[0].name: Not found: "v"'],
      {
        volumes: [{ name: 'v' }],
        containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
      },
    ],
  ],
);

judge(
  (spec) => validatePodTemplate(template(spec), 'spec.template'),
  [
    [
      'a template is not looked into',
      { ephemeralContainers: looking },
      ['spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template'],
      withToken,
    ],
  ],
);

test('a negative grace period of a pod is one second, a template keeps it', () => {
  expect(pod({ terminationGracePeriodSeconds: -7 }).spec.terminationGracePeriodSeconds).toBe(1);
  expect(pod({ terminationGracePeriodSeconds: 0 }).spec.terminationGracePeriodSeconds).toBe(0);
  expect(template({ terminationGracePeriodSeconds: -7 }).spec.terminationGracePeriodSeconds).toBe(-7);
});
