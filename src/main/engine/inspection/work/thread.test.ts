/** The thread answers as the work itself does, and what breaks it fails what was asked, not what comes after. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeList } from '#shared/kubernetes/types.ts';
import { DEFAULT_CONFIG } from '../service/config.ts';
import { NOW, withContext } from '../testing.ts';
import { createWorkThread, type WorkThread } from './thread.ts';
import { createWork } from './work.ts';

let thread: WorkThread;
beforeAll(() => {
  thread = createWorkThread();
});
afterAll(() => thread.close());

const list: KubeList = {
  apiVersion: 'apps/v1',
  kind: 'DeploymentList',
  metadata: { continue: 'more' },
  items: [withContext({ privileged: true })],
};
const bytes = () => new TextEncoder().encode(JSON.stringify(list));
const input = {
  target: { kind: 'cluster' as const, id: 'c' },
  name: 'east',
  now: NOW,
  version: 'v1.33.0',
  certificates: [],
  chain: null,
  missing: [],
  config: DEFAULT_CONFIG,
  exemptions: [],
};

test('pages come as bytes or as objects, and what was found is the same as without a thread', async () => {
  const direct = createWork();
  const answers = [];
  for (const [work, body] of [
    [thread, bytes()],
    [thread, list],
    [direct, bytes()],
  ] as const) {
    const task = `task ${answers.length}`;
    expect(await work.page(task, 'deployments.apps', body)).toEqual({ objects: 1, next: 'more' });
    await work.end(task, 'deployments.apps', true);
    const { parts: _, ...checked } = await work.check(task, input);
    expect(checked).toMatchObject({ objects: 1, tally: { danger: expect.any(Number) } });
    answers.push(checked);
  }
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
});

test('objects that no API server would have stored are judged by what is left of them, beside those that are well', async () => {
  const broken = {
    ...withContext({}),
    spec: { selector: 7, template: { spec: { containers: 'none', volumes: [null] } } },
  };
  const work = createWork();
  await work.page('odd', 'deployments.apps', { ...list, items: [...list.items, broken] });
  await work.end('odd', 'deployments.apps', true);
  await work.page('plain', 'deployments.apps', list);
  await work.end('plain', 'deployments.apps', true);
  const { tally } = await work.check('plain', input);
  const checked = await work.check('odd', input);
  expect(checked).toMatchObject({ objects: 2 });
  expect(checked.tally.danger).toBeGreaterThanOrEqual(tally.danger);
});

test('pages of a kind that did not come to its end are forgotten', async () => {
  await thread.page('partial', 'deployments.apps', bytes());
  await thread.end('partial', 'deployments.apps', false);
  expect(await thread.check('partial', input)).toMatchObject({ objects: 0 });
});

test('what is no list is an error of the cluster, and the thread goes on', async () => {
  const page = thread.page('broken', 'deployments.apps', new TextEncoder().encode('<html>'));
  await expect(page).rejects.toMatchObject({ code: 'CLUSTER_ERROR', retryable: true });
  expect(await thread.podNamespaces('broken')).toBeNull();
});

test('what was found in a run is asked for once', async () => {
  const run = { id: 'run', state: 'done', targets: [] } as never;
  const subject = { run, key: 'run', previous: null, exemptions: [], now: NOW };
  expect(await thread.fixable(subject, [], [])).toEqual({ lacking: ['run'] });
  await thread.page('stored', 'deployments.apps', bytes());
  await thread.end('stored', 'deployments.apps', true);
  const { parts } = await thread.check('stored', input);
  const keys = [
    'east|shop|Deployment|web|PrivilegedAllowed|app|spec.template.spec.containers[0].securityContext.privileged',
  ];
  expect(await thread.fixable(subject, [{ key: 'run', parts }], keys)).toHaveLength(1);
  expect(await thread.fixable(subject, [], keys)).toHaveLength(1);
});

test('a thread that is ended fails what was asked of it', async () => {
  const asked = expect(thread.podNamespaces('ended')).rejects.toMatchObject({ code: 'CANCELLED' });
  await thread.close();
  await asked;
  await expect(thread.podNamespaces('ended')).rejects.toMatchObject({ code: 'CANCELLED' });
});
