/**
 * The job that proves the whole: the manual's 5.3.2 with real kubectl against a demo fleet of two clusters, with the
 * process killed in between. Runs against the built program, as a person starts it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoProcess, startDemo } from '../fixtures/demo-process.ts';
import { eventually, Kubectl, kubectlMinor, kubectlPath } from '../fixtures/kubectl.ts';
import { overridePolicy, propagationPolicy } from '../fixtures/nginx-scenario.ts';

describe.skipIf(kubectlPath === null)(
  'nginx distributed over two members with kubectl',
  () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-job-'));
    let demo: DemoProcess;
    let federation: Kubectl;
    let members: [Kubectl, Kubectl];
    let names: [string, string];

    function connect(): void {
      federation = new Kubectl(Object.values(demo.kubeconfigs.federations)[0] as string);
      names = Object.keys(demo.kubeconfigs.clusters).sort() as [string, string];
      members = names.map((name) => new Kubectl(demo.kubeconfigs.clusters[name] as string)) as [Kubectl, Kubectl];
    }

    async function split(): Promise<Record<string, number>> {
      const binding = await federation.json(['get', 'resourcebinding', 'nginx-deployment']);
      return Object.fromEntries(
        (binding.spec.clusters ?? []).map((c: { name: string; replicas: number }) => [c.name, c.replicas]),
      );
    }

    async function splitBecomes(expected: Record<string, number>): Promise<void> {
      await eventually(`the binding says ${JSON.stringify(expected)}`, async () => {
        const actual = await split();
        return names.every((name) => (actual[name] ?? 0) === (expected[name] ?? 0)) ? true : undefined;
      });
      for (const [index, name] of names.entries()) {
        await eventually(`${name} runs ${expected[name] ?? 0} replicas`, async () => {
          const result = await (members[index] as Kubectl).run(['get', 'deployment', 'nginx', '-o', 'json']);
          const ready = result.code === 0 ? (JSON.parse(result.stdout).status.readyReplicas ?? 0) : 0;
          return ready === (expected[name] ?? 0) ? true : undefined;
        });
      }
    }

    beforeAll(async () => {
      demo = await startDemo({ dataDir });
      connect();
    }, 120_000);

    afterAll(async () => {
      if (demo !== undefined) await demo.stop();
      rmSync(dataDir, { recursive: true, force: true });
    });

    test('both members are listed as ready clusters of the federation', async () => {
      const text = await federation.ok(['get', 'clusters']);
      expect(text).toMatch(/^NAME\s+VERSION\s+MODE\s+READY\s+AGE/);
      for (const name of names) expect(text).toMatch(new RegExp(`^${name}\\s+v\\S+\\s+Push\\s+True\\s`, 'm'));
    });

    test('a script for a kind is read where it is saved', async () => {
      const customization = (luaScript: string): string =>
        JSON.stringify({
          apiVersion: 'config.karmada.io/v1alpha1',
          kind: 'ResourceInterpreterCustomization',
          metadata: { name: 'farms' },
          spec: { target: { apiVersion: 'example.io/v1', kind: 'Farm' }, customizations: { retention: { luaScript } } },
        });
      const broken = await federation.run(['apply', '-f', '-'], customization('function Retain( end'));
      expect(broken.stderr).toContain('spec.customizations.retention.luaScript');
      expect(broken.stderr).toContain("near 'end'");
      await federation.ok(['apply', '-f', '-'], customization('function Retain(desired) return desired end'));
      await federation.ok(['delete', 'ric', 'farms']);
    });

    test('a template without a policy goes nowhere', async () => {
      await federation.ok(['create', 'deployment', 'nginx', '--image', 'nginx', '--replicas=3']);
      expect(await federation.ok(['get', 'deployment', 'nginx', '--no-headers'])).toMatch(/^nginx\s+0\/3\s+0\s+0\s/);
      for (const member of members) {
        expect((await member.run(['get', 'deployment', 'nginx'])).stderr).toContain('NotFound');
      }
    });

    test('with policies it is split 1:2, runs, and reports 3/3', async () => {
      await federation.ok(['apply', '-f', '-'], overridePolicy(names));
      await federation.ok(['apply', '-f', '-'], propagationPolicy({ [names[0]]: 1, [names[1]]: 2 }));
      await splitBecomes({ [names[0]]: 1, [names[1]]: 2 });
      await eventually('kubectl get deployment nginx shows 3/3', async () =>
        /^nginx\s+3\/3\s+3\s+3\s/.test(await federation.ok(['get', 'deployment', 'nginx', '--no-headers']))
          ? true
          : undefined,
      );
      expect(await federation.ok(['get', 'propagationpolicy', 'example-policy'])).toMatch(
        /^NAME\s+CONFLICT-RESOLUTION\s+PRIORITY\s+AGE\nexample-policy\s+Abort\s+0\s/,
      );
    });

    test('the binding carries what the manual shows', async () => {
      const binding = await federation.json(['get', 'resourcebinding', 'nginx-deployment']);
      const template = await federation.json(['get', 'deployment', 'nginx']);
      const policy = await federation.json(['get', 'propagationpolicy', 'example-policy']);
      expect(binding.metadata.annotations).toMatchObject({
        'propagationpolicy.karmada.io/name': 'example-policy',
        'propagationpolicy.karmada.io/namespace': 'default',
        'resourcebinding.karmada.io/dependencies': 'null',
      });
      expect(JSON.parse(binding.metadata.annotations['policy.karmada.io/applied-placement'])).toEqual(
        policy.spec.placement,
      );
      expect(binding.metadata.finalizers).toEqual(
        expect.arrayContaining(['karmada.io/binding-controller', 'karmada.io/binding-dependencies-distributor']),
      );
      expect(binding.metadata.labels['propagationpolicy.karmada.io/permanent-id']).toBe(
        policy.metadata.labels['propagationpolicy.karmada.io/permanent-id'],
      );
      expect(binding.metadata.labels['resourcebinding.karmada.io/permanent-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(binding.metadata.ownerReferences).toEqual([
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          name: 'nginx',
          uid: template.metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ]);
      expect(binding.spec).toMatchObject({ conflictResolution: 'Abort', replicas: 3, propagateDeps: true });
      const conditions = Object.fromEntries(
        binding.status.conditions.map((c: { type: string; status: string }) => [c.type, c.status]),
      );
      expect(conditions).toMatchObject({ Scheduled: 'True', FullyApplied: 'True' });
    });

    test('each member has the label of its own and nothing of the other', async () => {
      for (const [index, name] of names.entries()) {
        const deployment = await (members[index] as Kubectl).json(['get', 'deployment', 'nginx']);
        expect(deployment.metadata.labels['cceone.propagationto']).toBe(name);
        expect(deployment.metadata.labels['karmada.io/managed']).toBe('true');
      }
      const works = await federation.json(['get', 'works', '-n', `karmada-es-${names[0]}`]);
      const work = works.items.find(
        (item: { metadata: { name: string } }) => item.metadata.name === 'nginx-687f7fb96f',
      );
      expect(JSON.parse(work.metadata.annotations['policy.karmada.io/applied-overrides'])[0].policyName).toBe(
        'example',
      );
    });

    test('a member is reached through the federation, for reading, writing and watching', async () => {
      const server = await federation.ok([
        'config',
        'view',
        '--minify',
        '-o',
        'jsonpath={.clusters[0].cluster.server}',
      ]);
      const proxy = `/apis/cluster.karmada.io/v1alpha1/clusters/${names[0]}/proxy`;
      const through = (...args: string[]): Promise<string> => federation.ok(['--server', `${server}${proxy}`, ...args]);
      expect(JSON.parse(await federation.ok(['get', '--raw', `${proxy}/version`])).gitVersion).toMatch(/^v1\./);
      expect(await through('get', 'deployment', 'nginx')).toMatch(
        /^NAME\s+READY\s+UP-TO-DATE\s+AVAILABLE\s+AGE\nnginx /,
      );
      expect(await through('get', 'nodes', '-o', 'name')).toBe(
        await (members[0] as Kubectl).ok(['get', 'nodes', '-o', 'name']),
      );
      await through('create', 'configmap', 'through', '--from-literal', 'a=1');
      await through('label', 'configmap', 'through', 'b=2');
      if (kubectlMinor >= 23)
        await through('wait', '--for=jsonpath={.metadata.labels.b}=2', 'configmap/through', '--timeout=20s');
      expect(await (members[0] as Kubectl).ok(['get', 'configmap', 'through', '-o', 'jsonpath={.data.a}'])).toBe('1');
      await through('delete', 'configmap', 'through');
      const missing = await federation.run(['get', '--raw', proxy.replace(names[0], 'nobody')]);
      expect(missing.stderr).toContain('clusters.cluster.karmada.io "nobody" not found');
    });

    test('scaling the template to 7 is divided by the same weights', async () => {
      await federation.ok(['scale', 'deployment', 'nginx', '--replicas=7']);
      await splitBecomes({ [names[0]]: 2, [names[1]]: 5 });
    });

    test('what was acknowledged survives kill -9, and the kubeconfigs stay valid', async () => {
      await federation.ok(['create', 'configmap', 'kept', '--from-literal=a=1']);
      const before = demo.kubeconfigs;
      await demo.kill();
      demo = await startDemo({ dataDir });
      expect(demo.kubeconfigs).toEqual(before);
      connect();
      expect((await federation.json(['get', 'configmap', 'kept'])).data).toEqual({ a: '1' });
      await splitBecomes({ [names[0]]: 2, [names[1]]: 5 });
    }, 120_000);

    test('changing the weights moves replicas', async () => {
      await federation.ok(['apply', '-f', '-'], propagationPolicy({ [names[0]]: 5, [names[1]]: 2 }));
      await splitBecomes({ [names[0]]: 5, [names[1]]: 2 });
    });

    test('a replica deleted behind our back and a changed label come back', async () => {
      await members[0].ok(['scale', 'deployment', 'nginx', '--replicas=1']);
      await members[1].ok(['delete', 'deployment', 'nginx', '--wait=false']);
      await splitBecomes({ [names[0]]: 5, [names[1]]: 2 });
    });

    test('deleting the policy leaves what runs in the members', async () => {
      await federation.ok(['delete', 'propagationpolicy', 'example-policy']);
      const template = await federation.json(['get', 'deployment', 'nginx']);
      expect(template.metadata.labels?.['propagationpolicy.karmada.io/permanent-id']).toBeUndefined();
      await splitBecomes({ [names[0]]: 5, [names[1]]: 2 });
    });

    test('deleting the template removes it from every member', async () => {
      await federation.ok(['delete', 'deployment', 'nginx']);
      for (const [index, name] of names.entries()) {
        await eventually(`nginx is gone from ${name}`, async () =>
          (await (members[index] as Kubectl).run(['get', 'deployment', 'nginx'])).stderr.includes('NotFound')
            ? true
            : undefined,
        );
      }
      await eventually('the binding is gone', async () =>
        (await federation.run(['get', 'resourcebinding', 'nginx-deployment'])).stderr.includes('NotFound')
          ? true
          : undefined,
      );
    });

    test('a second instance on the same data directory is refused in words', async () => {
      await expect(startDemo({ dataDir })).rejects.toThrow(/DATA_DIR_LOCKED|already|正在/i);
    }, 30_000);

    test('SIGTERM ends it with exit code 0 and leaves no process behind', async () => {
      expect(await demo.stop()).toBe(0);
    }, 30_000);
  },
  300_000,
);
