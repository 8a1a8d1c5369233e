/** Everyday commands of kubectl, of every version that lies on this machine, against a bare control plane over TLS. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '#engine/apiserver/index.ts';
import { Kubectl, kubectlMinor, otherKubectls } from '../fixtures/kubectl.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'fleetdeck-kubectl-test-'));
let server: ApiServer;
let kubeconfig: string;

beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'kubectl' });
  kubeconfig = path.join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, server.kubeconfig());
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const manifest = (namespace: string, replicas: number, image = 'web:1') => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ${namespace}, labels: {app: web}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "${image}", ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: ${namespace}}
data: {mode: a}
`;

const GADGETS = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.kubectl.example.com}
spec:
  group: kubectl.example.com
  scope: Namespaced
  names: {plural: gadgets, kind: Gadget, shortNames: [gdg], categories: [all]}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
      additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
      selectableFields: [{jsonPath: .spec.color}]
      schema:
        openAPIV3Schema:
          type: object
          description: A gadget of the shop.
          properties:
            spec:
              type: object
              x-kubernetes-validations: [{rule: "self.size < 9", message: "too big"}]
              properties:
                size: {type: integer, description: How big it is.}
                color: {type: string}
                replicas: {type: integer}
            status: {type: object, properties: {replicas: {type: integer}}}
`;

/** Since 1.27 every command that is given here is there. */
describe.skipIf(kubectlMinor < 27)('kubectl on the path', () => {
  const namespace = 'everyday';
  let kubectl: Kubectl;
  /** In the namespace of these tests; fails with kubectl's own words. */
  const run = (...args: string[]) => kubectl.ok(['-n', namespace, ...args]);
  const refused = async (...args: string[]) => (await kubectl.run(['-n', namespace, ...args])).stderr;

  beforeAll(async () => {
    kubectl = new Kubectl(kubeconfig);
    await kubectl.ok(['create', 'namespace', namespace]);
  });

  test('objects are created, compared, changed and taken away from files', async () => {
    expect(await kubectl.ok(['create', '-f', '-'], manifest(namespace, 1))).toBe(
      'deployment.apps/web created\nconfigmap/settings created\n',
    );
    const again = await kubectl.run(['create', '-f', '-'], manifest(namespace, 1));
    expect(again.stderr).toContain('Error from server (AlreadyExists)');
    expect(await kubectl.ok(['replace', '-f', '-'], manifest(namespace, 2))).toContain('deployment.apps/web replaced');
    const applied = await kubectl.run(['apply', '-f', '-'], manifest(namespace, 3));
    expect(applied).toMatchObject({
      code: 0,
      stdout: 'deployment.apps/web configured\nconfigmap/settings configured\n',
    });
    expect(await kubectl.ok(['apply', '-f', '-'], manifest(namespace, 3))).toBe(
      'deployment.apps/web unchanged\nconfigmap/settings unchanged\n',
    );
    const diff = await kubectl.run(['diff', '-f', '-'], manifest(namespace, 3, 'web:2'));
    expect(diff.code).toBe(1);
    expect(diff.stdout).toContain('+      - image: web:2');
    expect(
      await kubectl.ok(['apply', '--server-side', '--force-conflicts', '-f', '-'], manifest(namespace, 4)),
    ).toContain('deployment.apps/web serverside-applied');
    expect(await kubectl.ok(['apply', '--dry-run=server', '-f', '-'], manifest(namespace, 9))).toContain(
      '(server dry run)',
    );
    expect((await kubectl.json(['-n', namespace, 'get', 'deploy', 'web'])).spec.replicas).toBe(4);
  });

  test('field mistakes are found before anything is stored', async () => {
    const wrong = manifest(namespace, 1).replace('replicas: 1', 'replicas: 1\n  replicsa: 2');
    const result = await kubectl.run(['apply', '-f', '-'], wrong);
    expect(result.stderr).toContain('strict decoding error: unknown field "spec.replicsa"');
    expect((await kubectl.run(['apply', '--validate=warn', '--dry-run=server', '-f', '-'], wrong)).stderr).toContain(
      'Warning: unknown field "spec.replicsa"',
    );
    const chinese = manifest(namespace, 1).replace('replicas: 1', 'replicas: 1\n  副本数: 2');
    expect((await kubectl.run(['apply', '--validate=warn', '--dry-run=server', '-f', '-'], chinese)).stderr).toContain(
      'Warning: unknown field "spec.副本数"',
    );
  });

  test('an editor changes an object', async () => {
    const editor = path.join(folder, 'editor.sh');
    writeFileSync(editor, '#!/bin/sh\nsed -i "s/mode: a/mode: edited/" "$1"\n');
    chmodSync(editor, 0o700);
    const result = await kubectl.run(['-n', namespace, 'edit', 'configmap', 'settings'], undefined, { EDITOR: editor });
    expect(result.stdout).toBe('configmap/settings edited\n');
    expect((await kubectl.json(['-n', namespace, 'get', 'cm', 'settings'])).data.mode).toBe('edited');
  });

  test('single values are changed', async () => {
    await run('label', 'deploy', 'web', 'tier=front');
    await run('annotate', 'deploy', 'web', 'note=x');
    await run('set', 'image', 'deploy/web', 'web=web:3');
    await run('set', 'env', 'deploy/web', 'A=b');
    await run('set', 'resources', 'deploy', 'web', '--limits=cpu=1');
    await run('scale', 'deploy', 'web', '--replicas=5');
    await run('patch', 'deploy', 'web', '-p', '{"spec":{"minReadySeconds":3}}');
    await run(
      'patch',
      'deploy',
      'web',
      '--type=json',
      '-p',
      '[{"op":"test","path":"/spec/minReadySeconds","value":3}]',
    );
    const web = await kubectl.json(['-n', namespace, 'get', 'deploy', 'web']);
    expect(web.metadata).toMatchObject({ labels: { tier: 'front' }, annotations: { note: 'x' } });
    expect(web.spec).toMatchObject({ replicas: 5, minReadySeconds: 3 });
    const [container] = web.spec.template.spec.containers;
    expect(container).toMatchObject({
      image: 'web:3',
      env: [{ name: 'A', value: 'b' }],
      resources: { limits: { cpu: '1' } },
    });
    expect(await refused('scale', 'cm', 'settings', '--replicas=1')).toContain(
      'the server could not find the requested resource',
    );
    expect(await refused('patch', 'deploy', 'web', '-p', '{"spec":{"replicas":-1}}')).toContain(
      'The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    );
  });

  test('roll-outs are followed, paused and restarted', async () => {
    await run('rollout', 'restart', 'deploy/web');
    await run('rollout', 'pause', 'deploy/web');
    expect(await refused('rollout', 'restart', 'deploy/web')).toContain("can't restart paused deployment");
    await run('rollout', 'resume', 'deploy/web');
    const { generation } = (await kubectl.json(['-n', namespace, 'get', 'deploy', 'web'])).metadata;
    const status = {
      observedGeneration: generation,
      replicas: 5,
      updatedReplicas: 5,
      readyReplicas: 5,
      availableReplicas: 5,
    };
    await run('patch', 'deploy', 'web', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status }));
    expect(await run('rollout', 'status', 'deploy/web', '--timeout=20s')).toContain('successfully rolled out');
    expect(await run('rollout', 'history', 'deploy/web')).toContain('deployment.apps/web');
  });

  test('generators make objects of all kinds', async () => {
    await run('expose', 'deploy', 'web', '--port=80', '--type=NodePort');
    await run('autoscale', 'deploy', 'web', '--min=1', '--max=3', '--cpu-percent=50');
    await run('run', 'one', '--image=busybox', '--restart=Never', '--', 'sleep', '1');
    await run('create', 'job', 'once', '--image=busybox', '--', 'true');
    await run('create', 'cronjob', 'often', '--image=busybox', '--schedule=*/5 * * * *', '--', 'true');
    await run('create', 'job', 'now', '--from=cronjob/often');
    await run('create', 'secret', 'generic', 'key', '--from-literal=a=b');
    await run('create', 'quota', 'most', '--hard=secrets=10');
    await run('create', 'poddisruptionbudget', 'some', '--min-available=1', '--selector=app=web');
    await run('create', 'ingress', 'way', '--rule=a.example.com/*=web:80');
    await run('create', 'serviceaccount', 'robot');
    await run('create', 'role', 'reader', '--verb=get', '--resource=pods');
    await run('create', 'rolebinding', 'reads', '--role=reader', `--serviceaccount=${namespace}:robot`);
    await kubectl.ok(['create', 'priorityclass', 'kubectl-high', '--value=10']);
    const all = await run('get', 'all', '-o', 'name');
    for (const name of [
      'pod/one',
      'service/web',
      'deployment.apps/web',
      'horizontalpodautoscaler.autoscaling/web',
      'job.batch/once',
      'cronjob.batch/often',
    ])
      expect(all.split('\n')).toContain(name);
  });

  test('objects are shown in every form', async () => {
    expect(await run('get', 'deploy', '-o', 'wide')).toMatch(
      /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR\nweb +5\/5/,
    );
    expect(await run('get', 'deploy,cm', '-o', 'name')).toContain('configmap/settings');
    expect(await run('get', 'deploy', 'web', '-o', 'yaml')).toContain('kind: Deployment');
    expect(await run('get', 'deploy', 'web', '-o', 'jsonpath={.spec.replicas}')).toBe('5');
    expect(await run('get', 'deploy', 'web', '-o', 'go-template={{.metadata.name}}')).toBe('web');
    expect(await run('get', 'deploy', '-o', 'custom-columns=N:.metadata.name,R:.spec.replicas')).toMatch(
      /^N +R\nweb +5\n$/,
    );
    expect(await run('get', 'cm', '--sort-by=.metadata.name', '--show-labels')).toContain('LABELS');
    expect(await run('get', 'deploy', '-l', 'tier=front', '--no-headers', '-L', 'app')).toMatch(/^web .* web\n$/);
    expect(await run('get', 'pods', '--field-selector=status.phase=Pending', '-o', 'name')).toBe('pod/one\n');
    expect(await run('get', 'deploy', 'web', '--subresource=scale')).toMatch(/DESIRED +AVAILABLE/);
    expect(await run('get', 'secret', 'key')).toMatch(/NAME +TYPE +DATA +AGE\nkey +Opaque +1/);
  });

  test('objects are described', async () => {
    expect(await run('describe', 'deploy', 'web')).toContain('StrategyType:           RollingUpdate');
    expect(await run('describe', 'svc', 'web')).toContain('NodePort:');
    expect(await run('describe', 'pod', 'one')).toContain('Status:           Pending');
    expect(await run('describe', 'hpa', 'web')).toContain('<unknown> / 50%');
    expect(await run('describe', 'ingress', 'way')).toContain('a.example.com');
    expect(await run('describe', 'cronjob', 'often')).toContain('Schedule:');
    expect(await run('describe', 'quota', 'most')).toContain('Name:');
    expect(await kubectl.ok(['describe', 'namespace', namespace])).toContain('Active');
  });

  test('the API explains itself', async () => {
    expect(await kubectl.ok(['explain', 'deployment.spec.strategy', '--recursive'])).toMatch(
      /maxSurge\s+<IntOrString>/,
    );
    expect(await kubectl.ok(['explain', 'pod.spec.containers.image'])).toContain('Container image name');
    const resources = await kubectl.ok(['api-resources', '-o', 'wide', '--no-headers']);
    expect(resources).toMatch(/^deployments +deploy +apps\/v1 +true +Deployment/m);
    expect(await kubectl.ok(['api-versions'])).toContain('apps/v1\n');
    expect((await kubectl.json(['version'])).serverVersion.minor).toBe('36');
    expect(await kubectl.ok(['cluster-info'])).toContain('is running at');
  });

  test('custom resources are used like built-in ones', async () => {
    await kubectl.ok(['apply', '-f', '-'], GADGETS);
    await kubectl.ok(['wait', '--for=condition=Established', 'crd/gadgets.kubectl.example.com', '--timeout=20s']);
    const gadget = (size: number) =>
      JSON.stringify({
        apiVersion: 'kubectl.example.com/v1',
        kind: 'Gadget',
        metadata: { name: 'g', namespace },
        spec: { size, color: 'red', replicas: 2 },
      });
    await kubectl.ok(['apply', '-f', '-'], gadget(1));
    expect(await kubectl.ok(['apply', '-f', '-'], gadget(2))).toBe('gadget.kubectl.example.com/g configured\n');
    const tooBig = await kubectl.run(['apply', '-f', '-'], gadget(9));
    expect(tooBig.stderr).toContain('The Gadget "g" is invalid: spec: Invalid value: too big');
    expect(await run('get', 'gdg')).toMatch(/NAME +SIZE\ng +2/);
    expect(await run('get', 'gadgets', '--field-selector=spec.color=red', '-o', 'name')).toBe(
      'gadget.kubectl.example.com/g\n',
    );
    await run('scale', 'gadget', 'g', '--replicas=7');
    expect((await kubectl.json(['-n', namespace, 'get', 'gadget', 'g'])).spec.replicas).toBe(7);
    expect(await kubectl.ok(['explain', 'gadgets.spec.size'])).toContain('How big it is.');
    expect(await kubectl.ok(['explain', 'gadgets', '--recursive'])).toMatch(/color\s+<string>/);
    expect((await kubectl.run(['diff', '-f', '-'], gadget(3))).stdout).toContain('+  size: 3');
    expect(await run('get', 'all', '-o', 'name')).toContain('gadget.kubectl.example.com/g');
    await kubectl.ok(['delete', 'crd', 'gadgets.kubectl.example.com', '--timeout=20s']);
    expect(await refused('get', 'gadgets')).toMatch(
      // Which of the two depends on what kubectl still has in its discovery cache.
      /the server doesn't have a resource type "gadgets"|the server could not find the requested resource/,
    );
  });

  test('people ask what they may do', async () => {
    expect(await kubectl.ok(['auth', 'can-i', 'create', 'pods'])).toBe('yes\n');
    const robot = `system:serviceaccount:${namespace}:robot`;
    expect((await kubectl.run(['-n', namespace, 'auth', 'can-i', 'delete', 'pods', '--as', robot])).stdout).toBe(
      'no\n',
    );
    expect(await refused('delete', 'pod', 'one', '--as', robot)).toContain(
      `pods "one" is forbidden: User "${robot}" cannot delete resource "pods" in API group "" in the namespace "${namespace}"`,
    );
    expect(await run('auth', 'can-i', '--list', '--as', robot)).toMatch(/pods +\[\] +\[\] +\[get\]/);
    expect(await kubectl.ok(['auth', 'whoami'])).toContain('system:masters');
    expect((await run('create', 'token', 'robot')).split('.')).toHaveLength(3);
    expect((await kubectl.run(['top', 'nodes'])).stderr).toContain('Metrics API not available');
  });

  test('sets of objects are kept as files say: reconciled roles, apply sets, forced replacement', async () => {
    const role = (...verbs: string[]) =>
      JSON.stringify({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'kept', namespace },
        rules: [{ apiGroups: [''], resources: ['pods'], verbs }],
      });
    await kubectl.ok(['auth', 'reconcile', '-f', '-'], role('get'));
    const reconciled = await kubectl.run(['auth', 'reconcile', '-f', '-'], role('get', 'list'));
    expect(reconciled.stdout + reconciled.stderr).toContain('missing rules added');
    const map = (name: string) =>
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'b' } });
    const apply = (input: string) =>
      kubectl.run(['-n', namespace, 'apply', '--server-side', '--prune', '--applyset=files', '-f', '-'], input, {
        KUBECTL_APPLYSET: 'true',
      });
    expect((await apply(map('one') + map('two'))).stdout).toContain('configmap/two serverside-applied');
    expect((await apply(map('one'))).stdout).toContain('configmap/two pruned');
    const replaced = await kubectl.ok(['-n', namespace, 'replace', '--force', '-f', '-'], map('one'));
    expect(replaced).toContain('configmap/one replaced');
  });

  test('nodes are cordoned, tainted and drained', async () => {
    await kubectl.ok(
      ['create', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'kubectl-node' } }),
    );
    expect(await kubectl.ok(['cordon', 'kubectl-node'])).toBe('node/kubectl-node cordoned\n');
    expect(await kubectl.ok(['get', 'node', 'kubectl-node'])).toContain('SchedulingDisabled');
    await kubectl.ok(['uncordon', 'kubectl-node']);
    expect(await kubectl.ok(['taint', 'node', 'kubectl-node', 'only=me:NoSchedule'])).toContain('tainted');
    const spec = {
      nodeName: 'kubectl-node',
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'c', image: 'i' }],
    };
    const pod = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bound', namespace }, spec });
    await kubectl.ok(['create', '-f', '-'], pod);
    expect(await kubectl.ok(['drain', 'kubectl-node', '--force', '--timeout=20s'])).toContain(
      'node/kubectl-node drained',
    );
    expect(await refused('get', 'pod', 'bound')).toContain('NotFound');
    await kubectl.ok(['delete', 'node', 'kubectl-node']);
  });

  test('events and waiting', async () => {
    const event = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e', namespace },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', name: 'one', namespace },
      reason: 'Testing',
      message: 'hello',
      type: 'Normal',
      count: 1,
      lastTimestamp: '2020-01-01T00:00:00Z',
    });
    await kubectl.ok(['create', '-f', '-'], event);
    expect(await run('events', '--for', 'pod/one')).toContain('hello');
    expect(await run('get', 'events', '--field-selector=reason=Testing')).toMatch(
      /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n.*pod\/one/,
    );
    const waiting = run('wait', '--for=jsonpath={.data.mode}=b', 'cm/settings', '--timeout=20s');
    await run('patch', 'cm', 'settings', '-p', '{"data":{"mode":"b"}}');
    expect(await waiting).toContain('condition met');
    const gone = run('wait', '--for=delete', 'cm/settings', '--timeout=20s');
    // Since 1.34 kubectl also says from where.
    expect(await run('delete', 'cm', 'settings')).toMatch(
      /^configmap "settings" deleted( from everyday namespace)?\n$/,
    );
    // Whether it still saw the object or came too late to see it, it ends well.
    await gone;
    expect(await run('delete', 'job', '--all')).toContain('job.batch "once" deleted');
    expect(await run('delete', 'deploy,svc,hpa', '-l', 'app=web', '--ignore-not-found')).toContain(
      'deployment.apps "web" deleted',
    );
  });
});

describe.skipIf(otherKubectls.length === 0)('other versions of kubectl', () => {
  test.each(otherKubectls.map((program) => [program.name, program.path] as const))('%s', async (name, binary) => {
    const kubectl = new Kubectl(kubeconfig, binary);
    const namespace = name.replaceAll('.', '-');
    const run = (...args: string[]) => kubectl.ok(['-n', namespace, ...args]);
    await kubectl.ok(['create', 'namespace', namespace]);
    await kubectl.ok(['apply', '-f', '-'], manifest(namespace, 1));
    expect(await kubectl.ok(['apply', '-f', '-'], manifest(namespace, 2))).toContain('deployment.apps/web configured');
    await kubectl.ok(['apply', '--server-side', '-f', '-'], manifest(namespace, 2));
    await run('set', 'image', 'deploy/web', 'web=web:2');
    expect(await run('get', 'deploy', '-o', 'wide')).toMatch(/web +0\/2 .*web:2/);
    expect(await kubectl.ok(['explain', 'deploy.spec.replicas'])).toContain('Number of desired pods');
    await run('delete', 'deploy', 'web', '--timeout=30s');
  });
});
