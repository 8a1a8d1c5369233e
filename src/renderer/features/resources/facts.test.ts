import { describe, expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { containersOf, factsOf } from './facts.ts';

const object = (kind: string, rest: object): KubeObject =>
  ({ apiVersion: 'v1', kind, metadata: { name: 'x' }, ...rest }) as unknown as KubeObject;
const values = (of: KubeObject) =>
  Object.fromEntries(factsOf(of).map(({ label, value }) => [label.replace('resources.facts.', ''), value]));

describe('what is shown first of an object', () => {
  test('a pod says where it runs, and its containers what they do', () => {
    const pod = object('Pod', {
      spec: {
        nodeName: 'node-1',
        containers: [{ name: 'web', image: 'nginx', resources: { requests: { cpu: '100m', memory: '64Mi' } } }],
        initContainers: [{ name: 'prepare', image: 'busybox' }],
      },
      status: {
        phase: 'Running',
        podIP: '10.0.0.1',
        containerStatuses: [
          { name: 'web', restartCount: 7, state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } } },
        ],
        initContainerStatuses: [{ name: 'prepare', restartCount: 0, state: { terminated: { exitCode: 0 } } }],
      },
    });
    expect(values(pod)).toEqual({ phase: 'Running', node: 'node-1', podIP: '10.0.0.1' });
    expect(factsOf(pod)[0]?.level).toBe('warning');
    expect(containersOf(pod)).toMatchObject([
      { name: 'prepare', init: true, state: { word: 'ExitCode:0', level: 'none' } },
      {
        name: 'web',
        init: false,
        state: { word: 'CrashLoopBackOff', level: 'error', restarts: 7, message: 'back-off' },
        requests: 'cpu 100m, memory 64Mi',
      },
    ]);
  });

  test('a definition of a kind says what it is called, its versions, and what is printed of it', () => {
    const spec = {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Widget', shortNames: ['wd'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          additionalPrinterColumns: [{ name: 'Size', jsonPath: '.spec.size' }],
        },
        { name: 'v1beta1', served: false, storage: false },
      ],
    };
    const definition = { ...object('CustomResourceDefinition', { spec }), apiVersion: 'apiextensions.k8s.io/v1' };
    expect(values({ ...definition, status: { storedVersions: ['v1beta1', 'v1'] } })).toEqual({
      group: 'example.com',
      kind: 'Widget',
      scope: 'Namespaced',
      shortNames: 'wd',
      versions: 'v1 (storage), v1beta1 (stored, not served)',
      columns: 'Size .spec.size',
    });
  });

  test('a service says what it answers on', () => {
    const service = object('Service', {
      spec: {
        type: 'LoadBalancer',
        clusterIP: '10.1.0.1',
        selector: { app: 'web' },
        ports: [{ name: 'http', port: 80, targetPort: 8080, nodePort: 30080, protocol: 'TCP' }],
      },
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.7' }] } },
    });
    expect(values(service)).toEqual({
      type: 'LoadBalancer',
      clusterIP: '10.1.0.1',
      external: '203.0.113.7',
      ports: 'http 80:30080/TCP → 8080',
      selector: 'app=web',
    });
  });

  test('a template has containers without a state', () => {
    const deployment = object('Deployment', {
      apiVersion: 'apps/v1',
      spec: { replicas: 3, template: { spec: { containers: [{ name: 'web', image: 'nginx' }] } } },
      status: { updatedReplicas: 2 },
    });
    expect(values(deployment)).toEqual({ updated: '2/3', available: '0/3' });
    expect(containersOf(deployment)).toMatchObject([{ name: 'web', state: null }]);
  });

  test('a kind of the same name from elsewhere is not taken for the one of Kubernetes', () => {
    expect(factsOf(object('Service', { apiVersion: 'serving.knative.dev/v1', spec: { type: 'x' } }))).toEqual([]);
  });

  test.each([
    'Pod',
    'Node',
    'Service',
    'Deployment',
    'StatefulSet',
    'DaemonSet',
    'PersistentVolumeClaim',
  ])('nonsense in a %s breaks nothing', (kind) => {
    for (const nonsense of [undefined, null, 'text', 7, [], { containers: 'x', ports: [null, 3], taints: {} }]) {
      const odd = object(kind, { spec: nonsense, status: nonsense });
      expect(() => [factsOf(odd), containersOf(odd)]).not.toThrow();
    }
  });
});
