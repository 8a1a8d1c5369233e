/** PodDisruptionBudgets on running pods. */
import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { nameOf } from '../sim/objects.ts';
import { DAEMON_SETS, DEPLOYMENTS, DISRUPTION_BUDGETS, PODS } from '../sim/refs.ts';
import { ready, simulated, template, until, workload } from './test-support.ts';

const { space } = await simulated('budgets');

test('a budget counts what there is where it asks for a number, and what owners want where it asks for a share', async () => {
  const { create, get, pods, told } = await space('budgets');
  await create(DEPLOYMENTS, 'apps/v1', 'Deployment', 'web', workload('web', 2));
  await create(PODS, 'v1', 'Pod', 'bare', template('bare').spec, { app: 'bare' });
  await until(() => ready(pods(), 3));
  const budget = (name: string, spec: object) =>
    create(DISRUPTION_BUDGETS, 'policy/v1', 'PodDisruptionBudget', name, spec);
  const labelled = (app: string) => ({ selector: { matchLabels: { app } } });
  await budget('share', { minAvailable: '50%', ...labelled('web') });
  await budget('number', { minAvailable: 1, ...labelled('bare') });
  await budget('nobody', { maxUnavailable: 1, ...labelled('bare') });
  const status = (name: string, wanted: object) =>
    expect.poll(async () => (await get(DISRUPTION_BUDGETS, name)).status, { timeout: 20_000 }).toMatchObject(wanted);
  await status('share', { expectedPods: 2, desiredHealthy: 1, currentHealthy: 2, disruptionsAllowed: 1 });
  await status('number', { expectedPods: 1, desiredHealthy: 1, currentHealthy: 1, disruptionsAllowed: 0 });
  await status('nobody', { expectedPods: 0, desiredHealthy: 0, currentHealthy: 1, disruptionsAllowed: 0 });
  const [message] = await until(async () => {
    const messages = await told('UnmanagedPods');
    return messages.length > 0 ? messages : undefined;
  });
  expect(message).toContain(
    '(selector: &LabelSelector{MatchLabels:map[string]string{app: bare,},MatchExpressions:[]LabelSelectorRequirement{},})',
  );
});

test('a budget over pods whose owner has no scale allows nothing and says why; a Deployment counts once in a rollout', async () => {
  const { create, get, pods, patch, told, list } = await space('scaleless');
  const labelled = (app: string) => ({ selector: { matchLabels: { app } } });
  const budget = (name: string, spec: object) =>
    create(DISRUPTION_BUDGETS, 'policy/v1', 'PodDisruptionBudget', name, spec);
  await create(DAEMON_SETS, 'apps/v1', 'DaemonSet', 'agent', { ...labelled('agent'), template: template('agent') });
  await create(DEPLOYMENTS, 'apps/v1', 'Deployment', 'web', workload('web', 2));
  await until(() => ready(pods(), 4));
  await patch(DEPLOYMENTS, 'web', { spec: { template: template('web', 'registry.example.com/missing:1') } });
  await until(async () => (await pods()).length === 5);
  await budget('agents', { maxUnavailable: 1, ...labelled('agent') });
  await budget('webs', { maxUnavailable: '50%', ...labelled('web') });
  const status = (name: string, wanted: object) =>
    expect.poll(async () => (await get(DISRUPTION_BUDGETS, name)).status, { timeout: 20_000 }).toMatchObject(wanted);
  const message = 'daemonsets.apps does not implement the scale subresource';
  const conditions = [{ type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message }];
  await status('agents', { disruptionsAllowed: 0, expectedPods: 0, conditions });
  await status('webs', { expectedPods: 2, desiredHealthy: 1, disruptionsAllowed: 1 });
  await until(async () =>
    (await told('CalculateExpectedPodCountFailed')).includes(
      `Failed to calculate the number of expected pods: ${message}`,
    ),
  );
  await budget('second', { maxUnavailable: 1, ...labelled('web') });
  const [pod] = (await list(PODS)).filter(({ metadata }) => metadata.labels?.['app'] === 'web');
  await patch(PODS, nameOf(pod as KubeObject), { metadata: { annotations: { look: 'again' } } });
  await until(async () => (await told('MultiplePodDisruptionBudgets')).length > 0);
});
