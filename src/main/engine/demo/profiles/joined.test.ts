import { expect, test } from 'vitest';
import { joinedMachine, MACHINE_ANNOTATION } from './joined.ts';
import { conditionsFor, troublesOf } from './node-conditions.ts';
import { createProfile } from './profile.ts';

const profile = createProfile({ index: 0, seed: 20 });
const node = (annotations: Record<string, string>, name = 'extra') => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, annotations },
});

test('a node with the annotation has a machine, with what is not usual about it', () => {
  expect(joinedMachine(profile, node({ [MACHINE_ANNOTATION]: '' }))).toMatchObject({
    name: 'extra',
    machine: { cpu: 4, memoryGi: 16, pods: 110 },
    addresses: 253,
  });
  expect(
    joinedMachine(
      profile,
      node({ [MACHINE_ANNOTATION]: 'cpu=2, pods=1,addresses=3,kubelet=v1.20.4,ip=192.0.2.7,memory=x' }),
    ),
  ).toMatchObject({
    ip: '192.0.2.7',
    kubelet: 'v1.20.4',
    addresses: 3,
    machine: { cpu: 2, memoryGi: 16, pods: 1 },
  });
  expect(joinedMachine(profile, node({}))).toBeNull();
});

test('pods of a machine have addresses of the range that it was registered with', () => {
  const registered = (podCIDR: unknown) =>
    joinedMachine(profile, { ...node({ [MACHINE_ANNOTATION]: '' }), spec: { podCIDR } })?.podCidr;
  expect(registered('10.9.8.0/24')).toBe('10.9.8.0/24');
  expect(registered('fd00:1:2::/64')).toBe('fd00:1:2::/64');
  expect(registered('fd00::1')).toBe(registered(undefined));
});

test('machines have addresses of their own', () => {
  const machines = ['a', 'b', 'c', 'd'].map((name) => joinedMachine(profile, node({ [MACHINE_ANNOTATION]: '' }, name)));
  expect(new Set(machines.map((one) => one?.ip)).size).toBe(4);
});

test('problems of the machine are conditions of the detector, which are told as over afterwards', () => {
  const ill = conditionsFor(troublesOf(node({ 'demo.fleetdeck/behaviour': 'read-only,runtime-down' })), [], 0);
  expect(ill.find(({ type }) => type === 'ReadonlyFilesystem')).toMatchObject({ status: 'True' });
  expect(ill.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'KubeletNotReady' });
  const well = conditionsFor(new Set(), ill, 0);
  expect(well.find(({ type }) => type === 'ReadonlyFilesystem')).toMatchObject({ status: 'False' });
  expect(well.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'True' });
  expect(conditionsFor(new Set(), [], 0).map(({ type }) => type)).not.toContain('ReadonlyFilesystem');
});
