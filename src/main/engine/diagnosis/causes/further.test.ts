import { describe, expect, test } from 'vitest';
import type { FurtherCheck } from '#shared/diagnosis.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { judge } from '../diagnose.ts';
import { NOW, node, pod, service, slice, thing } from '../testing.ts';
import { createWorld } from '../world.ts';

function judged(check: FurtherCheck, target: KubeObject, others: readonly KubeObject[]) {
  return judge(target, createWorld({ cluster: 'test', now: NOW, objects: [target, ...others] }), [check]);
}

const asked = (kind: string, name: string, port: number, outcome: string, more: Json = {}): KubeObject =>
  thing('v1', 'Reached', `${kind}/${name}:${port}`, {
    ...{ door: { kind, name, port }, outcome, status: null, text: outcome },
    ...more,
  });
const around = [node(), pod(), slice('web')];
const causes = (check: FurtherCheck, target: KubeObject, others: readonly KubeObject[]): string[] =>
  judged(check, target, others).findings.map(({ chain }) => chain.map(({ cause }) => cause).join(' < '));
const step = (check: FurtherCheck, target: KubeObject, others: readonly KubeObject[]) =>
  judged(check, target, others).steps.find(({ further }) => further === check);

describe('ports that were asked', () => {
  test('who answers is well, and that is said with what was looked at', () => {
    const answered = [
      asked('Service', 'web', 80, 'answered', { status: 200, text: 'HTTP 200' }),
      asked('Pod', 'web-1', 8080, 'answered', { status: 404, text: 'HTTP 404' }),
    ];
    expect(causes('reach', service(), [...around, ...answered])).toEqual([]);
    expect(step('reach', service(), [...around, ...answered])).toMatchObject({
      verdict: 'ok',
      evidence: [{ text: 'HTTP 200' }, { text: 'HTTP 404' }],
    });
  });
  test('a pod where nobody listens explains its Service', () => {
    const refused = [asked('Service', 'web', 80, 'refused'), asked('Pod', 'web-1', 8080, 'refused')];
    expect(causes('reach', service(), [...around, ...refused])).toEqual(['R-REFUSED < R-REFUSED']);
    expect(causes('reach', pod(), [node(), asked('Pod', 'web-1', 8080, 'refused')])).toEqual(['R-REFUSED']);
  });
  test('a target port that nobody declares is the cause where it refuses, and none where it answers', () => {
    const other = service({ ports: [{ port: 80, targetPort: 9090 }] });
    const well = asked('Pod', 'web-1', 8080, 'answered', { status: 200 });
    const [first] = judged('reach', other, [...around, well, asked('Service', 'web', 80, 'refused')]).findings;
    expect(first).toMatchObject({ cause: 'S-TPORT', verdict: 'fault' });
    expect(causes('reach', other, [...around, well, asked('Service', 'web', 80, 'answered', { status: 200 })])).toEqual(
      [],
    );
  });
  test('silence is a policy’s where one closes the port, else nobody’s yet', () => {
    const closed = thing('networking.k8s.io/v1', 'NetworkPolicy', 'a', {
      spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 9 }] }] },
    });
    const silent = asked('Service', 'web', 80, 'silent', { text: 'dial tcp: i/o timeout' });
    expect(causes('reach', service(), [...around, silent, closed])).toContain('R-SILENT < S-NETPOL');
    expect(judged('reach', service(), [...around, silent]).findings[0]).toMatchObject({
      cause: 'R-SILENT',
      confidence: 'medium',
    });
  });
  test('answers of a program that fails are a warning', () => {
    const failing = asked('Pod', 'web-1', 8080, 'answered', { status: 503, text: 'HTTP 503' });
    expect(judged('reach', pod(), [node(), failing]).findings[0]).toMatchObject({
      cause: 'R-HTTP',
      verdict: 'warning',
    });
  });
});

describe('kubelet’s word', () => {
  const state = (change: Json = {}): KubeObject =>
    thing('v1', 'KubeletState', 'n1', { healthy: true, said: 'ok', disks: [], processes: 0.1, ...change }, '');
  test.each([
    ['is well', {}, []],
    ['is not', { healthy: false, said: '[-]syncloop failed' }, ['N-KUBELET']],
    ['has a full disk', { disks: [{ what: 'nodefs', bytes: 0.93, inodes: 0.2 }] }, ['N-DISK']],
    ['has no inodes left', { disks: [{ what: 'imagefs', bytes: 0.3, inodes: 0.97 }] }, ['N-DISK']],
    ['has room', { disks: [{ what: 'nodefs', bytes: 0.7, inodes: null }] }, []],
    ['has no process ids left', { processes: 0.95 }, ['N-PID']],
  ])('that %s', (_, change, expected) => {
    expect(causes('kubelet', node(), [state(change)])).toEqual(expected);
    expect(causes('kubelet', pod(), [node(), state(change)])).toEqual(expected);
  });
});

describe('the machine itself', () => {
  const state = (change: Json = {}): KubeObject =>
    thing(
      'v1',
      'MachineState',
      'n1',
      {
        clockOffset: 0,
        disks: [{ of: 'space', path: '/', percent: 40 }],
        readOnly: [],
        load: '0.1',
        errors: [],
        ...change,
      },
      '',
    );
  test.each([
    ['is well', {}, []],
    ['is read-only', { readOnly: ['/var/lib (/dev/sdb1)'] }, ['N-RO']],
    ['is full', { disks: [{ of: 'space', path: '/', percent: 94 }] }, ['N-DISK']],
    ['runs out of inodes', { disks: [{ of: 'inodes', path: '/', percent: 99 }] }, ['N-DISK']],
    ['has a wrong clock', { clockOffset: -95 }, ['N-TIME']],
    ['has an expired certificate', { errors: ['x509: certificate has expired or is not yet valid'] }, ['N-CERT']],
  ])('that %s', (_, change, expected) => {
    expect(causes('machine', node(), [state(change)])).toEqual(expected);
  });
});

test('what the problem detector and the machine say of one trouble is told once, with the evidence of both', () => {
  const ill = node('n1', {
    conditions: { ReadonlyFilesystem: { status: 'True', reason: 'FilesystemIsReadOnly', message: 'remounted' } },
  });
  const state = thing(
    'v1',
    'MachineState',
    'n1',
    { clockOffset: 0, disks: [], readOnly: ['/var/lib (/dev/sdb1)'], load: '', errors: [] },
    '',
  );
  const { findings } = judged('machine', ill, [state]);
  expect(findings.map(({ cause }) => cause)).toEqual(['N-RO']);
  expect(findings[0]?.evidence.map(({ at }) => at)).toEqual(['status.conditions[4]', '/proc/mounts']);
});

test('a check that could not be made is no proof of anything', () => {
  const unread = new Map([
    ['MachineState', { what: 'pods (kube-system)', forbidden: true, reason: 'needs create pods' }],
  ]);
  const world = createWorld({ cluster: 'test', now: NOW, objects: [node()], unread });
  const report = judge(node(), world, ['machine']);
  expect(report.partial).toBe(true);
  expect(report.steps.at(-1)).toMatchObject({
    verdict: 'forbidden',
    further: 'machine',
    unread: ['pods (kube-system)'],
  });
});
