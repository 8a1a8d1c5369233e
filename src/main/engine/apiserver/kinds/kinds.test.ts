import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { ApiError } from '../../kube/index.ts';
import { serviceRange } from '../bootstrap/index.ts';
import type { AdmissionRequest, FieldError, KindDefinition } from '../types.ts';
import { convert, createKindRegistry, serviceAllocator } from './index.ts';

const registry = createKindRegistry();

function kindOf(apiVersion: string, kind: string): KindDefinition {
  const found = registry.findKind(apiVersion, kind);
  if (found === undefined) throw new Error(`no kind ${apiVersion} ${kind}`);
  return found;
}

/** As on create: defaults, then what the server prepares. */
function created(object: Json): KubeObject {
  const made = structuredClone(object) as KubeObject;
  made.metadata = { namespace: 'default', uid: 'u-1', ...made.metadata };
  const kind = kindOf(made.apiVersion, made.kind);
  if (!kind.namespaced) delete made.metadata.namespace;
  kind.defaults?.(made);
  kind.prepare?.(made, null);
  return made;
}

function problems(object: KubeObject, old: KubeObject | null = null): string[] {
  const errors: FieldError[] = kindOf(object.apiVersion, object.kind).validate?.(object, old) ?? [];
  return errors.map((error) => `${error.field}: ${error.message}`);
}

function changed(object: KubeObject, change: (copy: KubeObject) => void): string[] {
  const copy = structuredClone(object);
  change(copy);
  kindOf(copy.apiVersion, copy.kind).defaults?.(copy);
  return problems(copy, object);
}

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: { selector: { matchLabels: { app: 'a' } }, template },
};

describe('the registry', () => {
  test('finds kinds by resource and by kind, in every group', () => {
    expect(registry.find('apps', 'v1', 'deployments')?.kind).toBe('Deployment');
    expect(registry.findKind('v1', 'Pod')?.resource).toBe('pods');
    expect(registry.find('', 'v1', 'deployments')).toBeUndefined();
    for (const kind of registry.all()) expect(kind.schema).toBeTypeOf('string');
  });

  test('a definition cannot take the place of a built-in kind', () => {
    const own = createKindRegistry();
    const before = own.revision;
    const names = { plural: 'deployments', kind: 'Deployment' };
    const versions = [{ name: 'v1', served: true, storage: true }];
    own.setCustom({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'deployments.apps' },
      spec: { group: 'apps', names, scope: 'Namespaced', versions },
    });
    expect(own.find('apps', 'v1', 'deployments')?.custom).toBeUndefined();
    expect(own.revision).toBeGreaterThan(before);
    own.removeCustom('deployments.apps');
    expect(own.all()).toHaveLength(registry.all().length);
  });
});

describe('defaults', () => {
  test('the smallest deployment gets everything the real server fills in', () => {
    expect(created(deployment)).toMatchObject({
      spec: {
        replicas: 1,
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
        template: {
          spec: {
            restartPolicy: 'Always',
            containers: [{ resources: {}, imagePullPolicy: 'Always', terminationMessagePolicy: 'File' }],
          },
        },
      },
      status: {},
    });
  });

  test.each(
    registry.all().filter((kind) => kind.verbs.includes('create')),
  )('of $kind in $group/$version change nothing the second time', (kind) => {
    const object = {
      kind: kind.kind,
      apiVersion: kind.group === '' ? 'v1' : `${kind.group}/${kind.version}`,
      metadata: { name: 'x' },
    } as KubeObject;
    kind.defaults?.(object);
    const once = structuredClone(object);
    kind.defaults?.(object);
    expect(object).toEqual(once);
  });

  test('unknown fields go, quantities become canonical, empty values disappear', () => {
    const pod = created({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', labels: {} },
      spec: {
        bogus: 1,
        hostNetwork: false,
        containers: [{ name: 'c', image: 'a:1', resources: { limits: { cpu: '0.1', memory: '0.5Gi' } } }],
      },
    });
    expect(pod.spec).not.toHaveProperty('bogus');
    expect(pod.spec).not.toHaveProperty('hostNetwork');
    expect(pod.metadata).not.toHaveProperty('labels');
    expect(pod.spec.containers[0].resources).toEqual({
      limits: { cpu: '100m', memory: '512Mi' },
      requests: { cpu: '100m', memory: '512Mi' },
    });
    expect(pod.status.qosClass).toBe('Guaranteed');
  });

  test('jobs select their pods by labels of their own', () => {
    const job = created({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'j' },
      spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } } },
    });
    expect(job.spec.selector).toEqual({ matchLabels: { 'batch.kubernetes.io/controller-uid': 'u-1' } });
    expect(job.spec.template.metadata.labels['batch.kubernetes.io/job-name']).toBe('j');
    expect(problems(job)).toEqual([]);
  });

  test.each([
    [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: 1 } }, 'cannot unmarshal number'],
    [
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: '!' } },
      'illegal base64 data at input byte 0',
    ],
    [{ ...deployment, spec: { ...deployment.spec, replicas: 'many' } }, 'DeploymentSpec.spec.replicas of type int32'],
  ])('what cannot be decoded is refused as a bad request', (object, text) => {
    try {
      created(object);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ApiError);
      expect((error as ApiError).status).toBe(400);
      expect((error as ApiError).message).toContain(text);
    }
  });
});

describe('validation', () => {
  test('good objects pass', () => {
    expect(problems(created(deployment))).toEqual([]);
  });

  test('several faults of a pod are told at once', () => {
    const pod = created({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'P_4' },
      spec: {
        restartPolicy: 'Sometimes',
        containers: [
          { name: 'c', image: '', ports: [{ containerPort: 70000 }], volumeMounts: [{ name: 'no', mountPath: '/x' }] },
          { name: 'c', image: 'b', resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } },
        ],
      },
    });
    const found = problems(pod).join('\n');
    expect(found).toContain('metadata.name: Invalid value: "P_4": a lowercase RFC 1123 subdomain');
    expect(found).toContain(
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
    );
    expect(found).toContain('spec.containers[0].image: Required value');
    expect(found).toContain('spec.containers[0].ports[0].containerPort: Invalid value: 70000');
    expect(found).toContain('spec.containers[0].volumeMounts[0].name: Not found: "no"');
    expect(found).toContain('spec.containers[1].name: Duplicate value: "c"');
    expect(found).toContain(
      'spec.containers[1].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    );
  });

  test('selectors must match the template and stay as they are', () => {
    const wrong = created({ ...deployment, spec: { ...deployment.spec, selector: { matchLabels: { app: 'b' } } } });
    expect(problems(wrong)).toEqual([
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    ]);
    const errors = changed(created(deployment), (copy) => {
      copy.spec.selector.matchLabels = { app: 'z' };
      copy.spec.template.metadata.labels = { app: 'z' };
    });
    expect(errors).toEqual(['spec.selector: Invalid value: {"matchLabels":{"app":"z"}}: field is immutable']);
  });

  test('labels, annotations, finalizers and owners of every kind are checked', () => {
    const map = created({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'c',
        labels: { 'bad key!': 'v' },
        annotations: { 'a b': 'v' },
        finalizers: ['plain'],
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: '', uid: 'u' }],
      },
    });
    const found = problems(map).map((text) => text.slice(0, text.indexOf(':')));
    expect(found).toEqual([
      'metadata.labels',
      'metadata.annotations',
      'metadata.ownerReferences.name',
      'metadata.finalizers[0]',
    ]);
  });

  test('volumes of a stateful set may come from its claim templates', () => {
    const mounts = [{ name: 'data', mountPath: '/data' }];
    const set = created({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 's' },
      spec: {
        serviceName: 's',
        selector: { matchLabels: { app: 'a' } },
        template: { ...template, spec: { containers: [{ name: 'c', image: 'x', volumeMounts: mounts }] } },
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
      },
    });
    expect(problems(set)).toEqual([]);
  });

  test('an immutable secret stays', () => {
    const secret = created({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      immutable: true,
      stringData: { a: '1' },
    });
    expect(secret.data).toEqual({ a: 'MQ==' });
    const errors = changed(secret, (copy) => {
      copy.data.a = 'Mg==';
    });
    expect(errors).toEqual(['data: Forbidden: field is immutable when `immutable` is set']);
  });

  test.each([
    ['every day', 'expected exactly 5 fields, found 2: [every day]'],
    ['70 * * * *', 'end of range (70) above maximum (59): 70'],
    ['@often', 'unrecognized descriptor: @often'],
  ])('the schedule %s is refused', (schedule, text) => {
    const cron = created({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'c' },
      spec: {
        schedule,
        jobTemplate: {
          spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } } },
        },
      },
    });
    expect(problems(cron)).toEqual([`spec.schedule: Invalid value: "${schedule}": ${text}`]);
  });
});

describe('kinds with two shapes', () => {
  test('an autoscaler may scale a replication controller, which is of the core group', () => {
    const kind = kindOf('autoscaling/v2', 'HorizontalPodAutoscaler');
    const scaling = (name: string): KubeObject => ({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h', namespace: 'n' },
      spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: 'v1', kind: name, name: 'web' } },
    });
    const fields = (object: KubeObject, old: KubeObject | null) =>
      (kind.validate?.(object, old) ?? []).map(({ field }) => field);
    expect(fields(scaling('ReplicationController'), null)).toEqual([]);
    expect(fields(scaling('Pod'), null)).toEqual(['spec.scaleTargetRef.apiVersion']);
    expect(fields(scaling('Pod'), scaling('Pod'))).toEqual([]);
  });

  test('an autoscaler keeps its target through v1 and back', () => {
    const scaler = created({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h' },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, maxReplicas: 5 },
    });
    const older = convert(scaler, 'autoscaling/v1');
    expect(older.spec).toMatchObject({ minReplicas: 1, maxReplicas: 5, targetCPUUtilizationPercentage: 80 });
    expect(convert(older, 'autoscaling/v2').spec).toEqual(scaler.spec);
  });

  test('what v1 has no field for travels in annotations that v2 does not show', () => {
    const metrics = [
      { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '10Mi' } } },
      {
        type: 'Object',
        object: {
          metric: { name: 'rps', selector: { matchLabels: { a: 'b' } } },
          describedObject: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'i' },
          target: { type: 'AverageValue', averageValue: '3' },
        },
      },
      { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'Value', value: '30' } } },
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
    ];
    const scaler = created({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h', annotations: { owner: 'me' } },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
        maxReplicas: 5,
        metrics,
        behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
      },
    });
    scaler.status = {
      currentReplicas: 2,
      desiredReplicas: 2,
      currentMetrics: [
        { type: '' },
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 40, averageValue: '40m' } } },
      ],
      conditions: [
        { type: 'AbleToScale', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'Ready' },
      ],
    };
    const older = convert(scaler, 'autoscaling/v1');
    expect(older.spec).not.toHaveProperty('behavior');
    expect(older.status).toEqual({ currentReplicas: 2, desiredReplicas: 2, currentCPUUtilizationPercentage: 40 });
    const kept = Object.fromEntries(
      Object.entries(older.metadata.annotations ?? {})
        .filter(([name]) => name.startsWith('autoscaling.alpha.kubernetes.io/'))
        .map(([name, text]) => [name.split('/')[1], JSON.parse(text)]),
    );
    expect(kept.metrics).toEqual([
      { type: 'Resource', resource: { name: 'memory', targetAverageValue: '10Mi' } },
      {
        type: 'Object',
        object: {
          target: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'i' },
          metricName: 'rps',
          targetValue: '0',
          selector: { matchLabels: { a: 'b' } },
          averageValue: '3',
        },
      },
      { type: 'External', external: { metricName: 'queue', targetValue: '30' } },
    ]);
    expect(kept['current-metrics']).toEqual([
      { type: '' },
      { type: 'Resource', resource: { name: 'cpu', currentAverageUtilization: 40, currentAverageValue: '40m' } },
    ]);
    expect(kept.behavior.ScaleDown).toEqual({
      StabilizationWindowSeconds: 0,
      SelectPolicy: 'Max',
      Policies: [{ Type: 'Percent', Value: 100, PeriodSeconds: 15 }],
      Tolerance: null,
    });
    expect(convert(older, 'autoscaling/v2')).toEqual(scaler);
  });
});

describe('addresses of services', () => {
  const whole: KubeObject = serviceRange('2026-01-01T00:00:00Z');
  let ranges: KubeObject[] = [whole];
  const plugin = serviceAllocator({
    services: () => stored,
    ranges: () => ranges,
    reserved: (address) => address === '10.96.0.77',
  });
  /** Through the plugin and into the store; `meanwhile` is what happens between the two. */
  const request = (
    spec: Json,
    old: KubeObject | null = null,
    meanwhile: () => void = () => {},
    dryRun = false,
  ): KubeObject => {
    const service = created({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's', uid: `u${Math.random()}` },
      spec: structuredClone(spec),
    });
    const admission: AdmissionRequest = {
      operation: old === null ? 'CREATE' : 'UPDATE',
      kind: kindOf('v1', 'Service'),
      subresource: '',
      namespace: 'default',
      name: 's',
      object: service,
      old,
      user: { username: 'u', groups: [] },
      dryRun,
      notes: { warnings: [], annotations: {} },
    };
    plugin.mutate?.(admission);
    meanwhile();
    plugin.commit?.(admission);
    stored.push(service);
    return service;
  };
  let stored: KubeObject[] = [];

  test('each service gets one of its own; headless and external ones none', () => {
    stored = [];
    const [a, b] = [request({ ports: [{ port: 80 }] }), request({ ports: [{ port: 80 }] })];
    expect(a.spec.clusterIP).toMatch(/^10\.96\./);
    expect(b.spec.clusterIP).not.toBe(a.spec.clusterIP);
    expect(request({ clusterIP: 'None', ports: [{ port: 80 }] }).spec.clusterIPs).toEqual(['None']);
    expect(request({ type: 'ExternalName', externalName: 'x.example' }).spec).not.toHaveProperty('clusterIP');
  });

  test('a chosen address that is taken is refused', () => {
    stored = [];
    request({ clusterIP: '10.96.255.1', ports: [{ port: 80 }] });
    expect(() => request({ clusterIP: '10.96.255.1', ports: [{ port: 80 }] })).toThrow(
      'provided IP is already allocated',
    );
  });

  test('addresses come from every range that is ready and is to stay', () => {
    stored = [];
    const named = (cidr: string, ready: boolean, deletionTimestamp?: string): KubeObject => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { name: 'more', ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
      spec: { cidrs: [cidr] },
      status: { conditions: ready ? [{ type: 'Ready', status: 'True' }] : [] },
    });
    const chosen = { clusterIP: '203.0.113.10', ports: [{ port: 80 }] };
    const outside = 'failed to allocate IP 203.0.113.10: the provided network does not match the current range';
    expect(() => request(chosen)).toThrow(outside);
    ranges = [whole, named('203.0.113.0/24', false)];
    expect(() => request(chosen)).toThrow(outside);
    ranges = [whole, named('203.0.113.0/24', true, '2026-01-01T00:00:00Z')];
    expect(() => request(chosen)).toThrow(outside);
    ranges = [whole, named('203.0.113.0/24', true)];
    expect(request(chosen).spec.clusterIP).toBe('203.0.113.10');
    for (const clusterIP of ['203.0.113.0', '203.0.113.255', '10.96.0.0', '10.96.255.255'])
      expect(() => request({ ...chosen, clusterIP })).toThrow('does not match the current range');
    // One range of six addresses: they are given out one by one, and then there is none.
    ranges = [named('198.51.100.8/29', true)];
    const given = Array.from({ length: 6 }, () => request({ ports: [{ port: 80 }] }).spec.clusterIP);
    expect(given.sort()).toEqual([10, 11, 12, 13, 14, 9].map((last) => `198.51.100.${last}`));
    expect(() => request({ ports: [{ port: 80 }] })).toThrow('range is full');
    ranges = [whole];
  });

  test('an address that somebody else has is not given to a service', () => {
    stored = [];
    expect(() => request({ clusterIP: '10.96.0.77', ports: [{ port: 80 }] })).toThrow(
      'failed to allocate IP 10.96.0.77: provided IP is already allocated',
    );
  });

  test('a dry run is given no address, and sees one range alone', () => {
    stored = [];
    const dry = (spec: Json) => request({ ports: [{ port: 80 }], ...spec }, null, undefined, true).spec;
    expect(dry({})).toMatchObject({ clusterIP: '10.96.0.0', clusterIPs: ['10.96.0.0'] });
    expect(dry({ clusterIP: '10.96.0.77' }).clusterIP).toBe('10.96.0.77');
    expect(() => dry({ clusterIP: '203.0.113.10' })).toThrow(
      'the provided IP (203.0.113.10) is not in the valid range. The range of valid IPs is 10.96.0.0/16',
    );
  });

  test('an address is free again at once when its service is gone, and when its write was refused', () => {
    stored = [];
    const spec = { clusterIP: '10.96.255.1', type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] };
    request(spec);
    stored = [];
    expect(() =>
      request(spec, null, () => {
        throw new Error('refused by a webhook');
      }),
    ).toThrow('refused by a webhook');
    expect(request(spec).spec.clusterIP).toBe('10.96.255.1');
  });

  test('of two that want the same address while both wait, the first to be written gets it', () => {
    stored = [];
    const address = { clusterIP: '10.96.255.1', ports: [{ port: 80 }] };
    expect(() => request(address, null, () => request(address))).toThrow('provided IP is already allocated');
    const port = { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] };
    expect(() => request(port, null, () => request(port))).toThrow('provided port is already allocated');
  });

  test('node ports lie in the range and differ', () => {
    stored = [];
    const { ports } = request({
      type: 'NodePort',
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 81 },
      ],
    }).spec;
    for (const port of ports) expect(port.nodePort).toBeGreaterThanOrEqual(30000);
    expect(ports[0].nodePort).not.toBe(ports[1].nodePort);
  });

  test('an update that leaves the address out keeps it', () => {
    stored = [];
    const old = request({ ports: [{ port: 80 }] });
    expect(request({ ports: [{ port: 81 }] }, old).spec.clusterIP).toBe(old.spec.clusterIP);
  });
});
