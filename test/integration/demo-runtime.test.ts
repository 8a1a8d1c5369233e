/**
 * What runs in a simulated cluster, as a person meets it with kubectl: usage, autoscaling, logs, a shell, forwarded ports,
 * and a Prometheus that knows all of it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type DemoFleet, startDemoFleet } from '#engine/demo/index.ts';
import { eventually, Kubectl, kubectlMinor, kubectlPath } from '../fixtures/kubectl.ts';

describe.skipIf(kubectlPath === null)('what runs in a simulated cluster', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-demo-runtime-'));
  const kubeconfig = path.join(dir, 'kubeconfigs', 'demo-hangzhou.yaml');
  const kubectl = new Kubectl(kubeconfig);
  let fleet: DemoFleet;
  beforeAll(async () => {
    fleet = await startDemoFleet({ dir, clusters: 1, nodes: 2, pace: 0 });
    await kubectl.ok(['-n', 'web-shop', 'rollout', 'status', 'deployment/storefront', '--timeout=30s']);
    await kubectl.ok(['-n', 'web-shop', 'rollout', 'status', 'deployment/cart', '--timeout=30s']);
  });
  afterAll(async () => {
    await fleet?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const exec = (...command: string[]) =>
    kubectl.run(['-n', 'web-shop', 'exec', 'deployment/storefront', '--', ...command]);
  const query = async (text: string) => {
    const base = '/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/query';
    const answer = JSON.parse(await kubectl.ok(['get', '--raw', `${base}?query=${encodeURIComponent(text)}`]));
    return answer.data.result as { metric: Record<string, string>; value: [number, string] }[];
  };

  test('kubectl top shows nodes, pods and containers', async () => {
    expect(await kubectl.ok(['top', 'nodes'])).toMatch(/cn-hangzhou\S+\s+\d+m\s+\d+%\s+\d+Mi\s+\d+%/);
    expect(await kubectl.ok(['top', 'pods', '-n', 'web-shop', '--containers'])).toMatch(
      /storefront-\S+\s+storefront\s+\d+m\s+\d+Mi/,
    );
  });

  test('a token is checked in a pod by what the issuer publishes inside the cluster', async () => {
    const check = (name: string, audience: string) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: {
        restartPolicy: 'Never',
        volumes: [
          { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token', audience: 'shop' } }] } },
        ],
        containers: [
          {
            name: 'check',
            image: 'registry.k8s.io/e2e-test-images/agnhost:2.55',
            args: ['test-service-account-issuer-discovery', '--token-path=/tokens/token', `--audience=${audience}`],
            volumeMounts: [{ name: 'token', mountPath: '/tokens' }],
          },
        ],
      },
    });
    const role = '--clusterrole=system:service-account-issuer-discovery';
    await kubectl.ok(['create', 'clusterrolebinding', 'checks', role, '--serviceaccount=default:default']);
    for (const pod of [check('right', 'shop'), check('wrong', 'bank')])
      await kubectl.run(['create', '-f', '-'], JSON.stringify(pod));
    await kubectl.ok(['wait', 'pod/right', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=20s']);
    expect(await kubectl.ok(['logs', 'right'])).toContain('OK: Validated signature on JWT');
    await kubectl.ok(['wait', 'pod/wrong', '--for=jsonpath={.status.phase}=Failed', '--timeout=20s']);
    expect(await kubectl.ok(['logs', 'wrong'])).toContain('oidc: expected audience "bank" got ["shop"]');
    await kubectl.ok(['delete', 'pod/right', 'pod/wrong', '--now']);
  });

  test('a kubelet tells the resources of its pods as metrics-server reads them', async () => {
    const [{ spec }] = (await kubectl.json(['-n', 'web-shop', 'get', 'pods'])).items;
    const page = (name: string) => kubectl.ok(['get', '--raw', `/api/v1/nodes/${spec.nodeName}/proxy/metrics/${name}`]);
    const resource = await page('resource');
    expect(resource).toMatch(/^# TYPE container_cpu_usage_seconds_total counter$/m);
    expect(resource).toMatch(/^pod_memory_working_set_bytes\{namespace="web-shop",pod="[a-z0-9-]+"\} \S+ \d{13}$/m);
    expect(resource).toMatch(/^resource_scrape_error 0$/m);
    const value = (text: string, pattern: RegExp) => Number(pattern.exec(text)?.[1]);
    const memory = /^container_memory_working_set_bytes\{container="storefront",[^}]*\} (\S+) /m;
    const told = value(resource, memory);
    expect(told).toBeGreaterThan(1e6);
    expect(await page('cadvisor')).toMatch(
      /^container_cpu_usage_seconds_total\{container="\w+",cpu="total",id="\/kubepods.slice[^"]*",image="[^"]+",name="\w+",namespace="/m,
    );
  });

  test('an autoscaler follows the load of its deployment, and says what it misses', async () => {
    await kubectl.ok(['create', 'deployment', 'scaled', '--image=nginx:1.29']);
    await kubectl.ok(['autoscale', 'deployment', 'scaled', '--cpu-percent=50', '--min=1', '--max=8']);
    await eventually('it misses the request', async () => {
      const { items } = await kubectl.json(['get', 'events', '--field-selector', 'reason=FailedGetResourceMetric']);
      const missing = 'failed to get cpu utilization: missing request for cpu in container nginx of Pod';
      return items.some(({ message }: { message: string }) => message.startsWith(missing)) ? true : undefined;
    });
    await kubectl.ok(['set', 'resources', 'deployment', 'scaled', '--requests=cpu=100m']);
    await kubectl.ok(['annotate', 'deployment', 'scaled', 'demo.fleetdeck/load=total-cpu=290m']);
    // 290m over pods of 100m at half their request: six, from above as well, although each reading is rounded up.
    await eventually('six replicas', async () => {
      const { status } = await kubectl.json(['get', 'hpa', 'scaled']);
      return status.currentReplicas === 6 && status.desiredReplicas === 6 ? true : undefined;
    });
    expect(await kubectl.ok(['get', 'hpa', 'scaled'])).toMatch(/Deployment\/scaled\s+cpu: \d+%\/50%\s+1\s+8\s+6/);
    const described = await kubectl.ok(['describe', 'hpa', 'scaled']);
    // Before 1.23 kubectl describes the older shape, which has no conditions.
    if (kubectlMinor >= 23) expect(described).toMatch(/ScalingActive\s+True\s+ValidMetricFound/);
    expect(described).toMatch(
      /SuccessfulRescale.*New size: \d; reason: cpu resource utilization \(percentage of request\) above target/,
    );
    await kubectl.ok(['delete', 'hpa,deployment', 'scaled']);
  });

  test('logs can be read from their end, with times, and of the run before', async () => {
    const tail = await kubectl.ok(['-n', 'web-shop', 'logs', 'deployment/storefront', '--tail=1', '--timestamps']);
    expect(tail).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z .+\n$/);
    await kubectl.ok(['run', 'broken', '--image=busybox', '--', 'sh', '-c', 'echo starting up; exit 3']);
    await eventually('it has run twice', async () => {
      const { status } = await kubectl.json(['get', 'pod', 'broken']);
      return status.containerStatuses?.[0]?.restartCount > 0 ? true : undefined;
    });
    expect(await kubectl.ok(['logs', 'broken', '--previous'])).toBe('starting up\n');
    await kubectl.ok(['delete', 'pod', 'broken', '--now']);
  });

  test('logs go on for whoever follows them', async () => {
    await kubectl.ok([
      'run',
      'ticker',
      '--image=busybox',
      '--',
      'sh',
      '-c',
      'while true; do echo tick; sleep 0.2; done',
    ]);
    await kubectl.ok(['wait', 'pod/ticker', '--for=condition=Ready', '--timeout=20s']);
    const child = spawn(kubectlPath ?? '', ['--kubeconfig', kubeconfig, 'logs', '-f', 'ticker', '--since=1s']);
    onTestFinished(() => void child.kill());
    let lines = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      expect(line).toBe('tick');
      if (++lines === 8) break;
    }
    expect(lines).toBe(8);
    await kubectl.ok(['delete', 'pod', 'ticker', '--now']);
  });

  test('a shell in a pod sees its names, environment, mounts and neighbours', async () => {
    const seen = await exec('sh', '-c', 'hostname; echo $REGION; wget -qO- http://cart:8080/healthz && nslookup cart');
    expect(seen.stdout).toMatch(
      /^storefront-\S+\ncn-hangzhou\nok.*Name:\tcart\.web-shop\.svc\.cluster\.local\nAddress: 10\./s,
    );
    const token = await exec('cat', '/var/run/secrets/kubernetes.io/serviceaccount/token');
    expect(token.stdout.split('.')).toHaveLength(3);
    expect((await exec('sh', '-c', 'exit 7')).code).toBe(7);
    expect((await exec('frobnicate')).stderr).toMatch(
      /failed to start exec "[0-9a-f]{64}": OCI runtime exec failed: .* exec: "frobnicate": executable file not found in \$PATH: unknown/,
    );
    expect((await exec('/bin/nope')).stderr).toContain(
      'exec: "/bin/nope": stat /bin/nope: no such file or directory: unknown',
    );
    const piped = await kubectl.run(
      ['-n', 'web-shop', 'exec', '-i', 'deployment/storefront', '--', 'sh', '-c', 'sort | head -n 1'],
      'b\na\n',
    );
    expect(piped.stdout).toBe('a\n');
  });

  test('what a command says is shown to whoever has started it', async () => {
    const once = ['run', 'said', '--image=busybox', '--rm', '-i', '--restart=Never', '--', 'echo', 'hello'];
    expect((await kubectl.run(once)).stdout).toContain('hello\n');
  });

  test('to whom one container gives a file is seen by the others, wherever they mount it', async () => {
    const init = { name: 'i', image: 'busybox', command: ['sh', '-c', 'mkdir -m 750 /v/in && chown -R 1000:3000 /v'] };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'given' },
      spec: {
        initContainers: [{ ...init, volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
        containers: [
          { name: 'c', image: 'nginx:1.29', volumeMounts: [{ name: 'v', mountPath: '/srv/here', subPath: 'in' }] },
        ],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
    };
    await kubectl.ok(['apply', '-f', '-'], JSON.stringify(pod));
    await kubectl.ok(['wait', 'pod/given', '--for=condition=Ready', '--timeout=20s']);
    expect(await kubectl.ok(['exec', 'given', '--', 'stat', '-c', '%a %u:%g', '/srv/here'])).toBe('750 1000:3000\n');
    await kubectl.ok(['delete', 'pod', 'given', '--now']);
  });

  test('a pod that writes more than its volume may hold is evicted', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'greedy' },
      spec: {
        restartPolicy: 'Never',
        containers: [
          { name: 'c', image: 'busybox', command: ['sleep', '3600'], volumeMounts: [{ name: 'v', mountPath: '/v' }] },
        ],
        volumes: [{ name: 'v', emptyDir: { sizeLimit: '1Mi' } }],
      },
    };
    await kubectl.ok(['apply', '-f', '-'], JSON.stringify(pod));
    await kubectl.ok(['wait', 'pod/greedy', '--for=condition=Ready', '--timeout=20s']);
    await kubectl.ok(['exec', 'greedy', '--', 'dd', 'if=/dev/zero', 'of=/v/x', 'bs=1k', 'count=1025']);
    const status = await eventually('evicted', async () => {
      const { status: now } = await kubectl.json(['get', 'pod', 'greedy']);
      return now.phase === 'Failed' ? now : undefined;
    });
    expect(status).toMatchObject({
      reason: 'Evicted',
      message: 'Usage of EmptyDir volume "v" exceeds the limit "1Mi". ',
    });
    await kubectl.ok(['delete', 'pod', 'greedy', '--now']);
  });

  test('a container can be ended from the inside; its log says so', async () => {
    await kubectl.ok(['run', 'mortal', '--image=nginx:1.29']);
    await kubectl.ok(['wait', 'pod/mortal', '--for=condition=Ready', '--timeout=20s']);
    // Only asks whether it is there.
    await kubectl.ok(['exec', 'mortal', '--', 'sh', '-c', 'kill -0 1 && cat /sys/fs/cgroup/memory.current']);
    expect((await kubectl.json(['get', 'pod', 'mortal'])).status.containerStatuses[0].restartCount).toBe(0);
    await kubectl.ok(['exec', 'mortal', '--', 'sh', '-c', 'kill 1']);
    const last = await eventually('restarted', async () => {
      const { status } = await kubectl.json(['get', 'pod', 'mortal']);
      return status.containerStatuses[0].lastState.terminated;
    });
    expect(last.exitCode).toBe(143);
    expect(await kubectl.ok(['logs', 'mortal', '--previous', '--tail=1'])).toContain('received signal 15');
    await kubectl.ok(['delete', 'pod', 'mortal', '--now']);
  });

  test('a pod asks the API server with its own token, and is told what it may not do', async () => {
    const ask = (path: string, token = '$(cat /var/run/secrets/kubernetes.io/serviceaccount/token)') =>
      exec('sh', '-c', `curl -sk -H "Authorization: Bearer ${token}" https://kubernetes.default.svc${path}`);
    const refused = JSON.parse((await ask('/api/v1/namespaces/web-shop/pods')).stdout);
    expect(refused).toMatchObject({
      kind: 'Status',
      code: 403,
      message:
        'pods is forbidden: User "system:serviceaccount:web-shop:default" cannot list resource "pods" in API group "" in the namespace "web-shop"',
    });
    const binding = ['-n', 'web-shop', 'create', 'rolebinding', 'looks', '--clusterrole=view'];
    await kubectl.ok([...binding, '--serviceaccount=web-shop:default']);
    const { kind, items } = JSON.parse((await ask('/api/v1/namespaces/web-shop/pods?limit=1')).stdout);
    expect([kind, items.length]).toEqual(['PodList', 1]);
    expect(JSON.parse((await ask('/api', 'not-a-token')).stdout)).toMatchObject({ code: 401, message: 'Unauthorized' });
    const untrusted = await exec('curl', '-sS', 'https://kubernetes.default.svc/version');
    expect([untrusted.code, untrusted.stderr.split('\n')[0]]).toEqual([
      60,
      'curl: (60) SSL certificate problem: unable to get local issuer certificate',
    ]);
  });

  test('a shell has its tools, its volumes and the limits of its container', async () => {
    const volumes = [
      { name: 'work', emptyDir: {} },
      { name: 'conf', configMap: { name: 'boxed' } },
    ];
    const volumeMounts = [
      { name: 'work', mountPath: '/work' },
      { name: 'conf', mountPath: '/etc/conf' },
    ];
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'boxed' },
      spec: {
        initContainers: [
          { name: 'first', image: 'busybox', command: ['sh', '-c', 'echo prepared > /work/ready'], volumeMounts },
        ],
        containers: [
          {
            name: 'main',
            image: 'busybox',
            command: ['sleep', 'infinity'],
            securityContext: { readOnlyRootFilesystem: true, runAsUser: 1000 },
            volumeMounts,
          },
          { name: 'other', image: 'alpine', command: ['sleep', 'infinity'], volumeMounts },
        ],
        volumes,
      },
    };
    await kubectl.ok(['create', 'configmap', 'boxed', '--from-literal=mode=a']);
    expect((await kubectl.run(['create', '-f', '-'], JSON.stringify(pod))).stderr).toBe('');
    await kubectl.ok(['wait', 'pod/boxed', '--for=condition=Ready', '--timeout=30s']);
    const inside = (container: string, script: string) =>
      kubectl.run(['exec', 'boxed', '-c', container, '--', 'sh', '-c', script]);
    expect((await inside('main', 'cat /work/ready | tr a-z A-Z; id -u; awk "END {print NR}" /etc/hosts')).stdout).toBe(
      'PREPARED\n1000\n8\n',
    );
    const barred = await inside('main', 'echo x > /etc/x');
    expect([barred.code, barred.stderr.split('\n')[0]]).toEqual([1, "sh: can't create /etc/x: Read-only file system"]);
    await inside('main', 'echo shared > /work/file');
    expect((await inside('other', 'cat /work/file; cat /etc/conf/mode')).stdout).toBe('shared\na');
    await kubectl.ok(['patch', 'configmap', 'boxed', '-p', '{"data":{"mode":"b"}}']);
    expect((await inside('other', 'cat /etc/conf/mode')).stdout).toBe('b');
    const missing = await kubectl.run(['cp', 'boxed:/nowhere', '/dev/null', '-c', 'main']);
    expect(missing.code).not.toBe(0);
    await kubectl.ok(['delete', 'pod', 'boxed', '--now']);
  });

  test('a forwarded port leads to the web server behind it', async () => {
    const child = spawn(kubectlPath ?? '', [
      '--kubeconfig',
      kubeconfig,
      '-n',
      'web-shop',
      'port-forward',
      'service/storefront',
      ':80',
    ]);
    onTestFinished(() => void child.kill());
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const port = /127\.0\.0\.1:(\d+) -> 80/.exec(String(line))?.[1];
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(answer.headers.get('server')).toBe('nginx/1.29');
    expect(await answer.text()).toContain('Welcome to nginx!');
    expect((await fetch(`http://127.0.0.1:${port}/nowhere`)).status).toBe(404);
  });

  test('a node is looked at from a pod that has its files', async () => {
    const [node] = (await kubectl.ok(['get', 'nodes', '-o', 'name'])).trim().split('\n');
    const name = node!.slice('node/'.length);
    const spec = {
      nodeName: name,
      hostPID: true,
      hostNetwork: true,
      volumes: [{ name: 'root', hostPath: { path: '/' } }],
      containers: [
        {
          name: 'debugger',
          image: 'busybox:1.36',
          command: ['sleep', '600'],
          securityContext: { privileged: true },
          volumeMounts: [{ name: 'root', mountPath: '/host' }],
        },
      ],
    };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'debugger' }, spec };
    expect((await kubectl.run(['create', '-f', '-'], JSON.stringify(pod))).stderr).toBe('');
    await kubectl.ok(['wait', 'pod/debugger', '--for=condition=Ready', '--timeout=30s']);
    const inside = async (script: string) => (await kubectl.run(['exec', 'debugger', '--', 'sh', '-c', script])).stdout;
    expect(await inside('chroot /host cat /etc/hostname; nsenter -t 1 -m -- cat /etc/hostname')).toBe(
      `${name}\n${name}\n`,
    );
    expect(await inside('chroot /host ls -d /etc/kubernetes; chroot /host ls -d /host 2>&1')).toBe(
      '/etc/kubernetes\nls: /host: No such file or directory\n',
    );
    await inside('echo kept > /host/var/tmp/note');
    const lines = 'chroot /host\ncat /var/tmp/note\nexit\nls -d /host\nexit 5\n';
    const typed = await kubectl.run(['exec', '-i', 'debugger', '--', 'sh'], lines);
    expect([typed.stdout, typed.code]).toEqual(['kept\n/host\n', 5]);
    await kubectl.ok(['delete', 'pod', 'debugger', '--now']);
  });

  test('what is written into a program is answered while more may come', async () => {
    const open = (...command: string[]) => {
      const child = spawn(kubectlPath ?? '', [
        ...['--kubeconfig', kubeconfig, '-n', 'web-shop', 'exec', '-i', 'deployment/storefront', '--', ...command],
      ]);
      onTestFinished(() => void child.kill());
      return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
    };
    const shell = open('sh');
    shell.child.stdin.write('place=here\nif true; then\n');
    shell.child.stdin.write('echo $place; fi\n');
    expect((await shell.lines.next()).value).toBe('here');
    shell.child.stdin.write('exit 4\n');
    expect((await once(shell.child, 'exit'))[0]).toBe(4);
    const cat = open('cat');
    cat.child.stdin.write('one\n');
    expect((await cat.lines.next()).value).toBe('one');
    cat.child.stdin.end('two\n');
    expect((await cat.lines.next()).value).toBe('two');
    expect((await once(cat.child, 'exit'))[0]).toBe(0);
  });

  test('a program that hangs up ends a forwarded connection that the client keeps open', async () => {
    const cluster = new KubeConfig();
    cluster.loadFromFile(kubeconfig);
    const { server, caData } = cluster.getCurrentCluster()!;
    const { certData, keyData } = cluster.getCurrentUser()!;
    const [ca, cert, key] = [caData, certData, keyData].map((data) => Buffer.from(data ?? '', 'base64'));
    const pods = await kubectl.ok([
      '-n',
      'web-shop',
      'get',
      'pods',
      '--field-selector=status.phase=Running',
      '-o',
      'name',
    ]);
    const pod = pods.split('\n').find((name) => name.startsWith('pod/storefront-'))!;
    const target = `/api/v1/namespaces/web-shop/pods/${pod.slice('pod/'.length)}/portforward?ports=80`;
    const socket = new WebSocket(`${server.replace('https', 'wss')}${target}`, ['v4.channel.k8s.io'], {
      ca,
      cert,
      key,
    });
    let text = '';
    socket.on('message', (message: Buffer) => {
      if (message[0] === 0) text += message.subarray(1).toString('latin1');
    });
    await once(socket, 'open');
    socket.send(Buffer.from('\0GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n'));
    expect((await once(socket, 'close'))[0]).toBe(1000);
    expect(text).toMatch(/HTTP\/1\.1 200 OK[\s\S]*Welcome to nginx!/);
  });

  test('a web server hands out what is written and mounted there, and its probes find what is not', async () => {
    await kubectl.ok(['create', 'configmap', 'page', '--from-literal=index.html=from a ConfigMap']);
    const mounted = {
      volumes: [{ name: 'page', configMap: { name: 'page' } }],
      containers: [
        {
          name: 'web',
          image: 'nginx:1.29',
          volumeMounts: [{ name: 'page', mountPath: '/usr/share/nginx/html' }],
          readinessProbe: { httpGet: { port: 80 }, periodSeconds: 1 },
        },
      ],
    };
    const written = {
      containers: [
        {
          name: 'web',
          image: 'nginx:1.29',
          readinessProbe: { httpGet: { port: 80 }, periodSeconds: 1 },
          livenessProbe: { exec: { command: ['sh', '-c', '! test -e /tmp/broken'] }, periodSeconds: 1 },
        },
      ],
    };
    const astray = {
      containers: [
        { name: 'web', image: 'nginx:1.29', readinessProbe: { tcpSocket: { port: 8443 }, periodSeconds: 1 } },
      ],
    };
    for (const [name, spec] of Object.entries({ mounted, written, astray })) {
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { run: name } }, spec };
      await kubectl.ok(['apply', '-f', '-'], JSON.stringify(pod));
    }
    await kubectl.ok(['wait', 'pod/mounted', 'pod/written', '--for=condition=Ready', '--timeout=20s']);
    await kubectl.ok(['expose', 'pod', 'mounted', '--port=80', '--type=NodePort']);
    const within = (...command: string[]) => kubectl.ok(['exec', 'written', '--', ...command]);
    expect(await within('curl', '-s', 'http://mounted/')).toBe('from a ConfigMap');
    const { spec } = await kubectl.json(['get', 'service', 'mounted']);
    const { items } = await kubectl.json(['get', 'nodes']);
    const node = items[0].status.addresses[0].address as string;
    expect(await within('curl', '-s', `http://${node}:${spec.ports[0].nodePort}/`)).toBe('from a ConfigMap');

    await kubectl.ok([
      'create',
      'service',
      'externalname',
      'alias',
      '--external-name=mounted.default.svc.cluster.local',
    ]);
    expect(await within('nslookup', 'alias')).toContain('canonical name = mounted.default.svc.cluster.local\nName:');
    expect(await within('sh', '-c', "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc alias 80")).toMatch(
      /^HTTP\/1\.1 200 OK\r\n.*from a ConfigMap$/s,
    );

    await kubectl.ok(['run', 'apache', '--image=httpd:2.4', '--expose', '--port=80']);
    await kubectl.ok(['wait', 'pod/apache', '--for=condition=Ready', '--timeout=20s']);
    expect(await within('curl', '-s', 'apache')).toContain('It works!');
    const there = (...command: string[]) => kubectl.ok(['exec', 'apache', '--', ...command]);
    await there('sh', '-c', 'mkdir htdocs; cd /usr/local/apache2/htdocs; mkdir docs; echo one > docs/one.txt');
    expect(await within('curl', '-s', 'apache/docs/')).toContain('<a href="one.txt"> one.txt</a>');
    expect(await within('curl', '-sL', 'apache/docs/one.txt')).toBe('one\n');

    await within('sh', '-c', 'echo written here > /usr/share/nginx/html/index.html');
    expect(await within('curl', '-s', 'localhost')).toBe('written here\n');
    await within('rm', '/usr/share/nginx/html/index.html');
    await kubectl.ok(['wait', 'pod/written', '--for=condition=Ready=false', '--timeout=20s']);
    await within('touch', '/usr/share/nginx/html/index.html');
    await kubectl.ok(['wait', 'pod/written', '--for=condition=Ready', '--timeout=20s']);
    // A restart has the image's files again.
    await within('touch', '/tmp/broken');
    await eventually('it is restarted and well', async () => {
      const { status } = await kubectl.json(['get', 'pod', 'written']);
      const [container] = status.containerStatuses;
      return container.restartCount === 1 && container.ready ? true : undefined;
    });
    const said = async () => {
      const { items: events } = await kubectl.json(['get', 'events', '--field-selector', 'reason=Unhealthy']);
      return events.map(
        (one: { involvedObject: { name: string }; message: string }) =>
          `${one.involvedObject.name}: ${one.message.replaceAll(/\d+\.\d+\.\d+\.\d+/g, 'IP')}`,
      );
    };
    // Events are written beside what they tell of.
    for (const wanted of [
      'astray: Readiness probe failed: dial tcp IP:8443: connect: connection refused',
      'written: Readiness probe failed: HTTP probe failed with statuscode: 403',
      'written: Liveness probe failed: ',
    ])
      await eventually(wanted, async () => (await said()).includes(wanted) || undefined);
  });

  test('Redis is configured by its file and keeps what other pods give it', async () => {
    await kubectl.ok(['create', 'configmap', 'redis', '--from-literal=redis.conf=maxmemory 2mb']);
    const spec = {
      volumes: [{ name: 'config', configMap: { name: 'redis' } }],
      containers: [
        {
          name: 'redis',
          image: 'redis:8',
          command: ['redis-server', '/config/redis.conf'],
          volumeMounts: [{ name: 'config', mountPath: '/config' }],
        },
      ],
    };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'cache', labels: { run: 'cache' } }, spec };
    await kubectl.ok(['apply', '-f', '-'], JSON.stringify(pod));
    await kubectl.ok(['expose', 'pod', 'cache', '--port=6379']);
    await kubectl.ok(['run', 'client', '--image=redis:8', '--', 'sleep', '3600']);
    await kubectl.ok(['wait', 'pod/cache', 'pod/client', '--for=condition=Ready', '--timeout=20s']);
    const cli = (name: string, ...words: string[]) => kubectl.ok(['exec', name, '--', 'redis-cli', ...words]);
    expect(await cli('cache', 'config', 'get', 'maxmemory')).toBe('maxmemory\n2097152\n');
    expect(await cli('client', '-h', 'cache', 'rpush', 'jobs', 'a', 'b')).toBe('2\n');
    expect(await cli('cache', 'lrange', 'jobs', '0', '-1')).toBe('a\nb\n');
    expect((await kubectl.run(['exec', 'client', '--', 'redis-cli', 'ping'])).stderr).toMatch(
      /^Could not connect to Redis at 127\.0\.0\.1:6379: Connection refused/,
    );
  });

  test('a script that goes on reads what a ConfigMap says by now', async () => {
    await kubectl.ok(['create', 'configmap', 'sport', '--from-literal=sport=football']);
    const spec = {
      volumes: [{ name: 'config', configMap: { name: 'sport' } }],
      containers: [
        {
          name: 'c',
          image: 'alpine',
          command: ['sh', '-c', 'while true; do echo "I like $(cat /etc/config/sport)"; sleep 5; done'],
          volumeMounts: [{ name: 'config', mountPath: '/etc/config' }],
        },
      ],
    };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'sporty' }, spec };
    await kubectl.ok(['apply', '-f', '-'], JSON.stringify(pod));
    const says = (line: string) =>
      eventually(line, async () => (await kubectl.run(['logs', 'sporty'])).stdout.includes(line) || undefined);
    await says('I like football');
    await kubectl.ok(['patch', 'configmap', 'sport', '-p', '{"data":{"sport":"cricket"}}']);
    await says('I like cricket');
  });

  test('a script that waits writes its files in its time, and its end is its own', async () => {
    const pod = (name: string, restartPolicy: string, container: object) =>
      kubectl.ok(
        ['apply', '-f', '-'],
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name },
          spec: {
            restartPolicy,
            volumes: [
              { name: 'kept', hostPath: { path: '/var/kept' } },
              { name: 'own', emptyDir: {} },
            ],
            containers: [
              {
                name: 'c',
                image: 'busybox',
                volumeMounts: [
                  { name: 'kept', mountPath: '/kept' },
                  { name: 'own', mountPath: '/own' },
                ],
                ...container,
              },
            ],
          },
        }),
      );
    // The tutorial's example of a liveness probe, with an end that waits until all has been looked at.
    await pod('lively', 'Always', {
      lifecycle: { postStart: { exec: { command: ['sh', '-c', 'echo from the handler > /own/message'] } } },
      args: [
        '/bin/sh',
        '-c',
        'touch /tmp/healthy; echo up; until test -e /own/seen; do sleep 1; done; rm -f /tmp/healthy; sleep 6000',
      ],
      livenessProbe: { exec: { command: ['cat', '/tmp/healthy'] }, periodSeconds: 1, failureThreshold: 1 },
    });
    await kubectl.ok(['wait', 'pod/lively', '--for=condition=Ready', '--timeout=20s']);
    expect(await kubectl.ok(['logs', 'lively'])).toBe('up\n');
    expect(await kubectl.ok(['exec', 'lively', '--', 'cat', '/own/message'])).toBe('from the handler\n');
    expect(await kubectl.ok(['exec', 'lively', '--', 'stat', '-c', '%a', '/own', '/kept'])).toBe('777\n755\n');
    // Only now it may fall ill.
    await kubectl.ok(['exec', 'lively', '--', 'touch', '/own/seen']);
    const restarted = await eventually('its probe ends it', async () => {
      const { status } = await kubectl.json(['get', 'pod', 'lively']);
      return status.containerStatuses[0].restartCount >= 1 ? status : undefined;
    });
    expect(restarted.containerStatuses[0].lastState.terminated).toMatchObject({ exitCode: 137 });
    const { items } = await kubectl.json([
      'get',
      'events',
      '--field-selector',
      'involvedObject.name=lively,reason=Unhealthy',
    ]);
    expect(items[0].message).toBe("Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n");
    await kubectl.ok(['delete', 'pod', 'lively', '--now']);

    // Addresses are there before the status tells of them.
    await pod('addressed', 'Never', {
      env: [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
      // The first is put in by kubelet, the second by the shell.
      command: ['sh', '-c', 'echo "at $(IP) $IP"'],
    });
    await kubectl.ok(['wait', 'pod/addressed', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=20s']);
    expect(await kubectl.ok(['logs', 'addressed'])).toMatch(/^at (\d+\.\d+\.\d+\.\d+) \1\n$/);

    // The first time it leaves a mark on its node and fails, the second time it finds the mark.
    await pod('counting', 'OnFailure', {
      command: ['sh', '-c', 'sleep 1; if test -e /kept/mark; then exit 0; fi; touch /kept/mark; exit 42'],
    });
    const done = await eventually('it succeeds in the end', async () => {
      const { status } = await kubectl.json(['get', 'pod', 'counting']);
      return status.phase === 'Succeeded' ? status : undefined;
    });
    expect(done.containerStatuses[0]).toMatchObject({
      restartCount: 1,
      state: { terminated: { exitCode: 0 } },
      lastState: { terminated: { exitCode: 42 } },
    });
  });

  test('a pod leaves what its hooks and its end have to say', async () => {
    const nodeName = await kubectl.ok(['get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}']);
    const spec = {
      nodeName,
      terminationGracePeriodSeconds: 20,
      volumes: [
        { name: 'kept', hostPath: { path: '/var/hooks' } },
        { name: 'work', emptyDir: {} },
      ],
      initContainers: [
        {
          name: 'side',
          image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
          args: ['netexec'],
          restartPolicy: 'Always',
        },
      ],
      containers: [
        {
          name: 'web',
          image: 'nginx:1.29',
          env: [{ name: 'PART', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['part']" } } }],
          volumeMounts: [
            { name: 'kept', mountPath: '/kept' },
            { name: 'work', mountPath: '/work' },
            { name: 'work', mountPath: '/part', subPathExpr: 'of/$(PART)' },
          ],
          lifecycle: {
            postStart: { exec: { command: ['sh', '-c', 'curl -s localhost:8080/echo?msg=started > /part/said'] } },
            preStop: {
              exec: { command: ['sh', '-c', 'cat /work/of/one/said > /kept/said; echo leaving > /proc/1/fd/1'] },
            },
          },
        },
      ],
    };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'leaver', finalizers: ['example.com/held'] }, spec };
    await kubectl.ok(['apply', '-f', '-'], JSON.stringify(pod));
    await eventually('it waits for the part to be named', async () => {
      const { status } = await kubectl.json(['get', 'pod', 'leaver']);
      const { waiting } = status.containerStatuses?.[0].state ?? {};
      return waiting?.reason === 'CreateContainerConfigError' ? waiting.message : undefined;
    });
    await kubectl.ok(['annotate', 'pod', 'leaver', 'part=one']);
    await kubectl.ok(['wait', 'pod/leaver', '--for=condition=Ready', '--timeout=20s']);
    await kubectl.ok(['delete', 'pod', 'leaver', '--wait=false']);
    const ended = await eventually('all its containers have ended', async () => {
      const { status } = await kubectl.json(['get', 'pod', 'leaver']);
      return status.phase === 'Succeeded' ? status : undefined;
    });
    expect(ended.containerStatuses[0].state.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
    expect(ended.initContainerStatuses[0].state.terminated).toMatchObject({ exitCode: 143 });
    expect(await kubectl.ok(['logs', 'leaver', '-c', 'web'])).toContain('leaving\n');
    await kubectl.ok(['patch', 'pod', 'leaver', '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);

    const words = {
      restartPolicy: 'Never',
      volumes: [{ name: 'kept', hostPath: { path: '/var/hooks' } }],
      containers: [
        {
          name: 'c',
          image: 'busybox',
          volumeMounts: [{ name: 'kept', mountPath: '/kept' }],
          securityContext: { readOnlyRootFilesystem: true, runAsUser: 1000 },
          terminationMessagePath: '/run/words',
          command: ['sh', '-c', 'cat /kept/said > /run/words; echo x > /run/other'],
        },
        { name: 'd', image: 'busybox', terminationMessagePolicy: 'FallbackToLogsOnError', command: ['ls', '/none'] },
      ],
      nodeName,
    };
    const there = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'words' }, spec: words };
    await kubectl.ok(['apply', '-f', '-'], JSON.stringify(there));
    const failed = await eventually('both have ended', async () => {
      const { status } = await kubectl.json(['get', 'pod', 'words']);
      return status.phase === 'Failed' ? status : undefined;
    });
    // What a load balancer says of itself lets a pod be ready.
    const gated = {
      readinessGates: [{ conditionType: 'example.com/lb' }],
      containers: [{ name: 'c', image: 'nginx' }],
    };
    await kubectl.ok(
      ['apply', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'gated' }, spec: gated }),
    );
    await kubectl.ok(['wait', 'pod/gated', '--for=condition=ContainersReady', '--timeout=20s']);
    const open = '{"status":{"conditions":[{"type":"example.com/lb","status":"True"}]}}';
    await kubectl.ok(['patch', 'pod', 'gated', '--subresource=status', '-p', open]);
    await kubectl.ok(['wait', 'pod/gated', '--for=condition=Ready', '--timeout=20s']);
    // A pod may be given less time while it runs.
    await kubectl.ok(['run', 'late', '--image=nginx']);
    await kubectl.ok(['wait', 'pod/late', '--for=condition=Ready', '--timeout=20s']);
    await kubectl.ok(['patch', 'pod', 'late', '--type=merge', '-p', '{"spec":{"activeDeadlineSeconds":1}}']);
    await kubectl.ok(['wait', 'pod/late', '--for=jsonpath={.status.reason}=DeadlineExceeded', '--timeout=20s']);
    expect((await kubectl.json(['get', 'pod', 'late'])).status).toMatchObject({
      phase: 'Failed',
      containerStatuses: [{ state: { terminated: { exitCode: 0 } } }],
    });
    const said = failed.containerStatuses.map((one: { state: { terminated: object } }) => one.state.terminated);
    expect(said[0]).toMatchObject({ exitCode: 1, message: 'started' });
    expect(said[1]).toMatchObject({ exitCode: 1, message: 'ls: /none: No such file or directory\n' });
  });

  test('services are reached through the API server, and say when nobody is behind them', async () => {
    const proxied = (service: string) =>
      kubectl.run(['get', '--raw', `/api/v1/namespaces/web-shop/services/${service}/proxy/`]);
    expect((await proxied('storefront:http')).stdout).toContain('Welcome to nginx!');
    await kubectl.ok(['-n', 'web-shop', 'create', 'service', 'clusterip', 'lonely', '--tcp=80']);
    expect((await proxied('lonely')).stderr).toContain('no endpoints available for service "lonely"');
    expect((await proxied('storefront:9999')).stderr).toContain(
      'no service port "9999" found for service "storefront"',
    );
    // What a Deployment is told holds for its pods; without a probe nobody takes them out of the service.
    await kubectl.ok(['-n', 'web-shop', 'create', 'deployment', 'plain', '--image=example.com/plain:1', '--port=8080']);
    await kubectl.ok(['-n', 'web-shop', 'expose', 'deployment', 'plain', '--port=8080']);
    onTestFinished(async () => {
      await kubectl.ok(['-n', 'web-shop', 'delete', 'deployment,service', 'plain', '--now']);
    });
    await expect.poll(async () => (await proxied('plain')).stderr, { timeout: 20_000 }).toBe('');
    const told = (behaviour: string) =>
      kubectl.ok(['-n', 'web-shop', 'annotate', 'deployment', 'plain', `demo.fleetdeck/behaviour${behaviour}`]);
    await told('=silent');
    await expect.poll(async () => (await proxied('plain')).stderr, { timeout: 20_000 }).toContain('i/o timeout');
    await told('-');
    await expect.poll(async () => (await proxied('plain')).stderr, { timeout: 20_000 }).toBe('');
  });

  test('Prometheus knows the nodes, the pods and what they use', async () => {
    const [ready] = await query('count(kube_node_status_condition{condition="Ready",status="true"} == 1)');
    expect(ready?.value[1]).toBe('2');
    // What another test has taken away is gone with the next look.
    await expect
      .poll(async () => {
        const deployments = await query('kube_deployment_status_replicas_available{namespace="web-shop"}');
        return deployments.map(({ metric }) => metric.deployment).sort();
      })
      .toEqual(['cart', 'storefront']);
    const memory = await query(
      'sum by (pod) (container_memory_working_set_bytes{namespace="web-shop", pod=~"cart-.+"})',
    );
    expect(memory.length).toBe(3);
    for (const { value } of memory) expect(Number(value[1])).toBeGreaterThan(2 ** 20);
    // The last scrape may lie before a cluster that has only just begun.
    const idle = async () => await query('avg by (mode) (node_cpu_seconds_total{mode="idle"}) > 0');
    await expect.poll(idle, { timeout: 30_000 }).toHaveLength(1);
  });
});
