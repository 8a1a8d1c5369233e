/** Webhooks that are asked for real, over TLS. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { ADMISSION, CONFIG_MAPS, patchOf, WebhookRig } from './test-rig.ts';

// Several servers and many TLS connections: a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const rig = new WebhookRig();
const { answers, received, events, ask, post, hook, install, configMap, fresh } = rig;
beforeAll(() => rig.start('webhooks'));
afterAll(() => rig.close());
afterEach(() => rig.reset());

describe('audit events', () => {
  test('tell every mutating call by its place, what it changed, and who was passed over because he failed', async () => {
    answers.set('/add', () => patchOf([{ op: 'add', path: '/data/added', value: 'x' }]));
    answers.set('/seen', () => ({ allowed: true, auditAnnotations: { seen: 'yes', 'a/b': 'no key' } }));
    answers.set('/broken', () => ({ http: 500 }));
    const elsewhere = { rules: [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'] }] };
    const configuration = await install('Mutating', [
      hook('/other', elsewhere),
      hook('/add'),
      hook('/seen'),
      hook('/broken', { failurePolicy: 'Ignore' }),
    ]);
    const { status, headers } = await post(CONFIG_MAPS, configMap());
    expect(status).toBe(201);
    const event = events.find(({ auditID, stage }) => auditID === headers['audit-id'] && stage === 'ResponseComplete')!;
    const told = (webhook: string, extra: Json) =>
      JSON.stringify({ configuration, webhook: `${webhook}.example.com`, ...extra });
    expect(event.annotations).toEqual({
      'authorization.k8s.io/decision': 'allow',
      'authorization.k8s.io/reason': '',
      'mutation.webhook.admission.k8s.io/round_0_index_1': told('add', { mutated: true }),
      'patch.webhook.admission.k8s.io/round_0_index_1': told('add', {
        patch: [{ op: 'add', path: '/data/added', value: 'x' }],
        patchType: 'JSONPatch',
      }),
      'mutation.webhook.admission.k8s.io/round_0_index_2': told('seen', { mutated: false }),
      'seen.example.com/seen': 'yes',
      'mutation.webhook.admission.k8s.io/round_0_index_3': told('broken', { mutated: false }),
      'failed-open.mutation.webhook.admission.k8s.io/round_0_index_3': 'broken.example.com',
    });
  });
});

describe('validating', () => {
  test('a denial carries the code and the reason of the webhook', async () => {
    answers.set('/deny', () => ({ allowed: false, status: { code: 403, reason: 'Forbidden', message: 'not today' } }));
    await install('Validating', [hook('/deny')]);
    const { status, json } = await post(CONFIG_MAPS, configMap());
    expect([status, json.reason, json.message]).toEqual([
      403,
      'Forbidden',
      'admission webhook "deny.example.com" denied the request: not today',
    ]);
    answers.set('/deny', () => ({ allowed: false }));
    const silent = await post(CONFIG_MAPS, configMap());
    expect([silent.status, silent.json.message]).toEqual([
      400,
      'admission webhook "deny.example.com" denied the request without explanation',
    ]);
  });

  test('is asked with everything that is known of the request', async () => {
    answers.set('/ask', () => ({ allowed: true, warnings: ['mind the gap'] }));
    await install('Validating', [hook('/ask')]);
    const object = configMap();
    const created = await post(`${CONFIG_MAPS}?fieldManager=me&fieldValidation=Strict`, object);
    expect(created.headers.warning).toBe('299 - "mind the gap"');
    expect(received[0]).toMatchObject({
      kind: 'AdmissionReview',
      apiVersion: 'admission.k8s.io/v1',
      request: {
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        kind: { group: '', version: 'v1', kind: 'ConfigMap' },
        resource: { group: '', version: 'v1', resource: 'configmaps' },
        name: object.metadata.name,
        namespace: 'default',
        operation: 'CREATE',
        userInfo: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
        object: { apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1' } },
        oldObject: null,
        dryRun: false,
        options: { kind: 'CreateOptions', fieldManager: 'me', fieldValidation: 'Strict' },
      },
    });
    await ask('DELETE', `${CONFIG_MAPS}/${object.metadata.name}`, {
      body: { propagationPolicy: 'Background', gracePeriodSeconds: 0 },
    });
    expect(received[1].request).toMatchObject({ operation: 'DELETE', object: null, oldObject: { data: { a: '1' } } });
    expect(received[1].request.options).toEqual({
      kind: 'DeleteOptions',
      apiVersion: 'meta.k8s.io/v1',
      propagationPolicy: 'Background',
      gracePeriodSeconds: 0,
    });
  });

  test('one that fails stops the request or not, as its policy says', async () => {
    answers.set('/broken', () => ({ http: 500 }));
    await install('Validating', [hook('/broken')]);
    const refused = await post(CONFIG_MAPS, configMap());
    expect([refused.status, refused.json.reason, refused.json.message]).toEqual([
      500,
      'InternalError',
      'Internal error occurred: failed calling webhook "broken.example.com": failed to call webhook: an error on the server ("broken") has prevented the request from succeeding',
    ]);
    await ask('DELETE', `${ADMISSION}/validatingwebhookconfigurations`);
    await install('Validating', [hook('/broken', { failurePolicy: 'Ignore' })]);
    expect((await post(CONFIG_MAPS, configMap())).status).toBe(201);
  });

  test.each([
    [
      'nobody listens',
      () => ({ url: 'https://localhost:1/x' }),
      /Post "https:\/\/localhost:1\/x\?timeout=10s": dial tcp [^ ]*:1: connect: connection refused$/,
    ],
    [
      'a stranger’s certificate',
      () => ({ caBundle: undefined }),
      /tls: failed to verify certificate: x509: certificate signed by unknown authority$/,
    ],
    [
      'a service that is not there',
      () => ({ url: undefined, service: { namespace: 'default', name: 'none', path: '/x' } }),
      /Post "https:\/\/none.default.svc:443\/x\?timeout=10s": service "none" not found$/,
    ],
  ])('%s', async (_name, change, message) => {
    answers.set('/x', () => ({ allowed: true }));
    const ordinary = hook('/x');
    await install('Validating', [{ ...ordinary, clientConfig: { ...ordinary.clientConfig, ...change() } }]);
    const { status, json } = await post(CONFIG_MAPS, configMap());
    expect(status).toBe(500);
    expect(json.message).toMatch(
      /^Internal error occurred: failed calling webhook "x.example.com": failed to call webhook: /,
    );
    expect(json.message).toMatch(message);
  });

  test('one that does not answer is given up after its time', async () => {
    await install('Validating', [hook('/never', { timeoutSeconds: 1 })]);
    const { json } = await post(CONFIG_MAPS, configMap());
    expect(json.message).toMatch(/timeout=1s": context deadline exceeded$/);
  });

  test('a service is reached through its endpoints and has to prove its name', async () => {
    answers.set('/service', () => ({ allowed: false, status: { message: 'seen' } }));
    const spec = { type: 'ExternalName', externalName: 'localhost' };
    await post('/api/v1/namespaces/default/services', { metadata: { name: 'hook' }, spec });
    const ordinary = hook('/service');
    const service = { namespace: 'default', name: 'hook', path: '/service', port: rig.port };
    const { caBundle } = ordinary.clientConfig;
    await install('Validating', [{ ...ordinary, clientConfig: { service, caBundle } }]);
    expect((await post(CONFIG_MAPS, configMap())).json.message).toBe(
      'admission webhook "service.example.com" denied the request: seen',
    );
  });

  test('a rehearsal is only possible with webhooks that have no side effects', async () => {
    answers.set('/effects', () => ({ allowed: true }));
    await install('Validating', [hook('/effects', { sideEffects: 'NoneOnDryRun' })]);
    expect((await post(`${CONFIG_MAPS}?dryRun=All`, configMap())).status).toBe(201);
    expect(received[0].request).toMatchObject({ dryRun: true, options: { dryRun: ['All'] } });
  });

  test('configurations of webhooks are never sent to webhooks', async () => {
    answers.set('/all', () => ({ allowed: false }));
    const rules = [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }];
    await install('Validating', [hook('/all', { rules })]);
    expect((await post(CONFIG_MAPS, configMap())).status).toBe(400);
    expect((await ask('DELETE', `${ADMISSION}/validatingwebhookconfigurations`)).status).toBe(200);
  });

  test('selectors look at the object and at its namespace', async () => {
    answers.set('/selected', () => ({ allowed: false }));
    await post('/api/v1/namespaces', { metadata: { name: 'watched', labels: { watched: 'yes' } } });
    await install('Validating', [
      hook('/selected', {
        namespaceSelector: { matchLabels: { watched: 'yes' } },
        objectSelector: { matchExpressions: [{ key: 'skip', operator: 'DoesNotExist' }] },
      }),
    ]);
    const inWatched = '/api/v1/namespaces/watched/configmaps';
    expect((await post(CONFIG_MAPS, configMap())).status).toBe(201);
    expect((await post(inWatched, configMap())).status).toBe(400);
    expect((await post(inWatched, configMap({ labels: { skip: '' } }))).status).toBe(201);
  });

  test('another version of the kind is shown as the webhook knows it', async () => {
    answers.set('/hpa', () => ({ allowed: true }));
    const rules = [
      {
        operations: ['CREATE'],
        apiGroups: ['autoscaling'],
        apiVersions: ['v1'],
        resources: ['horizontalpodautoscalers'],
      },
    ];
    await install('Validating', [hook('/hpa', { rules })]);
    const spec = {
      maxReplicas: 3,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
    };
    const path = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
    expect((await post(path, { metadata: { name: 'h' }, spec })).status).toBe(201);
    expect(received[0].request).toMatchObject({
      kind: { version: 'v1' },
      requestKind: { version: 'v2' },
      object: { apiVersion: 'autoscaling/v1', spec: { targetCPUUtilizationPercentage: 50 } },
    });
  });
});

describe('mutating', () => {
  test('patches in the order of the webhooks, each seeing what came before', async () => {
    answers.set('/one', () => patchOf([{ op: 'add', path: '/data/one', value: '1' }]));
    answers.set('/two', ({ object }) => patchOf([{ op: 'add', path: '/data/two', value: `after ${object.data.one}` }]));
    await install('Mutating', [hook('/one'), hook('/two')]);
    expect((await post(CONFIG_MAPS, configMap())).json.data).toEqual({ a: '1', one: '1', two: 'after 1' });
  });

  test('one that asks for it is called again when a later one changes something', async () => {
    answers.set('/again', ({ object }) =>
      patchOf([{ op: 'add', path: '/data/keys', value: Object.keys(object.data).join() }]),
    );
    answers.set('/later', () => patchOf([{ op: 'add', path: '/data/later', value: 'x' }]));
    await install('Mutating', [hook('/again', { reinvocationPolicy: 'IfNeeded' }), hook('/later')]);
    expect((await post(CONFIG_MAPS, configMap())).json.data.keys).toBe('a,keys,later');
    expect(received).toHaveLength(3);
  });

  test('a container put into a pod gets what the built-in plugins give', async () => {
    answers.set('/inject', () =>
      patchOf([{ op: 'add', path: '/spec/containers/-', value: { name: 'side', image: 's' } }]),
    );
    const rules = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }];
    await install('Mutating', [hook('/inject', { rules })]);
    const spec = { containers: [{ name: 'c', image: 'i' }] };
    const { json } = await post('/api/v1/namespaces/default/pods', { metadata: { name: 'p' }, spec });
    expect(json.spec.containers[1]).toMatchObject({
      name: 'side',
      imagePullPolicy: 'Always',
      volumeMounts: [{ mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }],
    });
  });

  test('what comes out is validated like anything else', async () => {
    answers.set('/bad', () => patchOf([{ op: 'add', path: '/data/!', value: 'x' }]));
    await install('Mutating', [hook('/bad')]);
    expect((await post(CONFIG_MAPS, configMap())).status).toBe(422);
    // Whatever the policy for failures: the webhook has been asked, and has answered.
    const refusals: [Json, string][] = [
      [
        { op: 'remove', path: '/data/none' },
        "error in remove for path: '/data/none': Unable to remove nonexistent key: none: missing value",
      ],
      [
        { op: 'add', path: '/data', value: 5 },
        'json: cannot unmarshal number into Go struct field ConfigMap.data of type map[string]string',
      ],
    ];
    for (const [operation, message] of refusals) {
      answers.set('/bad', () => patchOf([operation]));
      expect((await post(CONFIG_MAPS, configMap())).json).toMatchObject({
        code: 500,
        reason: 'InternalError',
        message: `Internal error occurred: ${message}`,
        details: { causes: [{ message }] },
      });
    }
    answers.set('/bad', () => patchOf([]));
    expect((await post(CONFIG_MAPS, configMap())).status).toBe(201);
  });

  test('sees an object before the server has given it a name, a uid and a generation', async () => {
    const seen = new Map<string, Json>();
    for (const path of ['/before', '/after'])
      answers.set(path, ({ object, name }) => {
        seen.set(path, { ...object.metadata, asked: name });
        return { allowed: true };
      });
    const rules = [{ operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] }];
    await install('Mutating', [hook('/before', { rules })]);
    await install('Validating', [hook('/after', { rules })]);
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const { json } = await post('/apis/apps/v1/namespaces/default/deployments', {
      metadata: { generateName: 'web-' },
      spec: { selector: { matchLabels: { a: 'b' } }, template },
    });
    const { name, uid, creationTimestamp, generation } = json.metadata;
    expect(seen.get('/after')).toMatchObject({ name, uid, creationTimestamp, generation, asked: name });
    expect(Object.keys(seen.get('/before')!).sort()).toEqual(['asked', 'generateName', 'managedFields', 'namespace']);
  });

  test('what is asked rather than stored is shown, too', async () => {
    answers.set('/ask', () => patchOf([{ op: 'replace', path: '/spec/user', value: 'nobody' }]));
    const rules = [
      { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['localsubjectaccessreviews'] },
    ];
    await install('Mutating', [hook('/ask', { rules })]);
    const asked = {
      spec: {
        user: 'kubernetes-admin',
        groups: ['system:masters'],
        resourceAttributes: { namespace: 'default', verb: 'get', resource: 'pods' },
      },
    };
    const { json } = await post('/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews', asked);
    expect([json.spec.user, received[0].request.kind.kind]).toEqual(['nobody', 'LocalSubjectAccessReview']);
  });
});

describe('conditions', () => {
  const when = (...expressions: string[]): Json => ({
    matchConditions: expressions.map((expression, index) => ({ name: `c${index}`, expression })),
  });

  test('a webhook is asked only about what its conditions let through', async () => {
    answers.set('/when', () => ({ allowed: false }));
    const conditions = when('request.operation != "DELETE"', 'object.metadata.?labels.team.orValue("") == "blue"');
    await install('Validating', [hook('/when', conditions)]);
    expect((await post(CONFIG_MAPS, configMap())).status).toBe(201);
    expect(received).toEqual([]);
    const blue = await post(CONFIG_MAPS, configMap({ labels: { team: 'blue' } }));
    expect(blue.json.message).toBe('admission webhook "when.example.com" denied the request without explanation');
  });

  test('one that fails refuses the request without asking, or lets it pass', async () => {
    const failing = when('object.spec.replicas > 1');
    await install('Validating', [hook('/never', failing)]);
    const object = configMap();
    const { status, json } = await post(CONFIG_MAPS, object);
    expect([status, json.reason, json.message]).toEqual([
      403,
      'Forbidden',
      `configmaps "${object.metadata.name}" is forbidden: expression 'object.spec.replicas > 1' resulted in error: no such key: spec`,
    ]);
    await ask('DELETE', `${ADMISSION}/validatingwebhookconfigurations`);
    await install('Validating', [hook('/never', { ...failing, failurePolicy: 'Ignore' })]);
    expect((await post(CONFIG_MAPS, object)).status).toBe(201);
    expect(received).toEqual([]);
  });

  test('conditions see what webhooks before them have made', async () => {
    answers.set('/mark', () => patchOf([{ op: 'add', path: '/data/mark', value: 'x' }]));
    answers.set('/marked', () => patchOf([{ op: 'add', path: '/data/marked', value: 'y' }]));
    const ifMarked = when('has(object.data.mark)');
    await install('Mutating', [
      hook('/marked', ifMarked),
      hook('/mark'),
      { ...hook('/marked', ifMarked), name: 'b.b.b' },
    ]);
    expect((await post(CONFIG_MAPS, configMap())).json.data).toEqual({ a: '1', mark: 'x', marked: 'y' });
    expect(received).toHaveLength(2);
  });

  test('a configuration whose conditions do not compile is refused', async () => {
    const webhooks = [hook('/x', when('object.data.size()', 'authorizer.group("").check("get").allowed()'))];
    const { status, json } = await post(`${ADMISSION}/validatingwebhookconfigurations`, {
      metadata: { name: 'bad' },
      webhooks,
    });
    expect([status, json.details.causes.map(({ field }: Json) => field)]).toEqual([
      422,
      ['webhooks[0].matchConditions[0].expression', 'webhooks[0].matchConditions[1].expression'],
    ]);
  });
});

describe('subresources', () => {
  const PODS = '/api/v1/namespaces/default/pods';
  const rule = (operation: string, group: string, resource: string): Json => ({
    rules: [{ operations: [operation], apiGroups: [group], apiVersions: ['v1'], resources: [resource] }],
  });
  const newPod = async (): Promise<string> => {
    const name = fresh('pod');
    const spec = { containers: [{ name: 'c', image: 'i' }], terminationGracePeriodSeconds: 0 };
    expect((await post(PODS, { metadata: { name }, spec })).status).toBe(201);
    return name;
  };

  test('an eviction is asked about as such, and its deletion not again', async () => {
    const name = await newPod();
    answers.set('/evict', () => ({ allowed: false, status: { message: 'stay' } }));
    answers.set('/gone', () => ({ allowed: false }));
    await install('Validating', [
      hook('/evict', rule('CREATE', '', 'pods/eviction')),
      hook('/gone', rule('DELETE', '', 'pods')),
    ]);
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' } };
    const refused = await post(`${PODS}/${name}/eviction`, eviction);
    expect([refused.status, refused.json.message]).toEqual([
      400,
      'admission webhook "evict.example.com" denied the request: stay',
    ]);
    expect(received[0].request).toMatchObject({
      kind: { group: 'policy', version: 'v1', kind: 'Eviction' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      subResource: 'eviction',
      requestKind: { group: 'policy', version: 'v1', kind: 'Eviction' },
      requestSubResource: 'eviction',
      name,
      namespace: 'default',
      operation: 'CREATE',
      object: eviction,
      oldObject: null,
      options: { kind: 'CreateOptions' },
    });
    expect((await ask('GET', `${PODS}/${name}`)).json.metadata.deletionTimestamp).toBeUndefined();
    answers.set('/evict', () => ({ allowed: true }));
    expect((await post(`${PODS}/${name}/eviction`, eviction)).status).toBe(201);
    expect((await ask('GET', `${PODS}/${name}`)).status).toBe(404);
    expect(received).toHaveLength(2);
  });

  test('a binding can be refused and led to another node', async () => {
    const name = await newPod();
    answers.set('/bind', ({ object }) => ({ allowed: object.target.name !== 'full' }));
    answers.set('/lead', ({ object }) =>
      object.target.name === 'here'
        ? patchOf([{ op: 'replace', path: '/target/name', value: 'there' }])
        : { allowed: true },
    );
    await install('Validating', [hook('/bind', rule('CREATE', '', '*/*'))]);
    await install('Mutating', [hook('/lead', rule('*', '', 'pods/binding'))]);
    const bind = (node: string) =>
      post(`${PODS}/${name}/binding`, { metadata: { name }, target: { apiVersion: 'v1', kind: 'Node', name: node } });
    expect((await bind('full')).status).toBe(400);
    expect((await bind('here')).status).toBe(201);
    expect((await ask('GET', `${PODS}/${name}`)).json.spec.nodeName).toBe('there');
    expect(received[0].request).toMatchObject({
      kind: { group: '', version: 'v1', kind: 'Binding' },
      subResource: 'binding',
      object: { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace: 'default' } },
    });
  });

  test('a scale is shown as a Scale with the one before, and can be changed', async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments';
    const name = fresh('d');
    const labels = { app: name };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    await post(path, { metadata: { name }, spec: { replicas: 1, selector: { matchLabels: labels }, template } });
    answers.set('/cap', ({ object }) =>
      object.spec.replicas > 5 ? patchOf([{ op: 'replace', path: '/spec/replicas', value: 5 }]) : { allowed: true },
    );
    answers.set('/floor', ({ object }) => ({ allowed: object.spec.replicas > 0 }));
    const growing = {
      // No replicas are no field of a scale.
      matchConditions: [{ name: 'grows', expression: 'object.spec.?replicas.orValue(0) > oldObject.spec.replicas' }],
    };
    await install('Mutating', [hook('/cap', { ...rule('UPDATE', 'apps', 'deployments/scale'), ...growing })]);
    await install('Validating', [hook('/floor', rule('UPDATE', 'apps', '*/scale'))]);
    const scale = (replicas: number) =>
      ask('PATCH', `${path}/${name}/scale`, {
        body: { spec: { replicas } },
        headers: { 'content-type': 'application/merge-patch+json' },
      });
    expect((await scale(9)).json.spec).toEqual({ replicas: 5 });
    expect(received[0].request).toMatchObject({
      kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      subResource: 'scale',
      operation: 'UPDATE',
      object: { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name }, spec: { replicas: 9 } },
      oldObject: { kind: 'Scale', spec: { replicas: 1 } },
    });
    expect((await scale(0)).json.message).toBe(
      'admission webhook "floor.example.com" denied the request without explanation',
    );
    expect((await ask('GET', `${path}/${name}`)).json.spec.replicas).toBe(5);
  });
});
