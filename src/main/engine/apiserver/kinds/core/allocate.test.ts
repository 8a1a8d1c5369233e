import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { AdmissionRequest } from '../../types.ts';
import { createKindRegistry, serviceAllocator } from '../index.ts';

const kind = createKindRegistry([]).find('', 'v1', 'services')!;
const service = (spec: Json): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's', namespace: 'n', uid: 'u' },
  spec: { clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'], ...spec },
});
const port = (name: string, nodePort?: number): Json => ({
  name,
  port: 80,
  protocol: 'TCP',
  ...(nodePort === undefined ? {} : { nodePort }),
});

/** Node ports of `next` once it has taken the place of `old`. */
async function allotted(old: Json, next: Json): Promise<(number | undefined)[]> {
  const object = service(next);
  const request = { kind, object, old: service(old), dryRun: false, operation: 'UPDATE', subresource: '' };
  await serviceAllocator({ services: () => [], ranges: () => [], reserved: () => false }).mutate!(
    request as unknown as AdmissionRequest,
  );
  return (object.spec!.ports as Json[]).map(({ nodePort }) => nodePort);
}

const bound = { type: 'LoadBalancer', ports: [port('a', 30001), port('b', 30002)] };
const unbound = { ...bound, allocateLoadBalancerNodePorts: false };

test('node ports that are no longer given out stay, as long as they are named', async () => {
  expect(await allotted(bound, unbound)).toEqual([30001, 30002]);
  expect(await allotted(bound, { ...unbound, ports: [port('a'), port('b')] })).toEqual([undefined, undefined]);
});

test('a type without node ports sheds those that it had, be it some of them', async () => {
  expect(await allotted(bound, { type: 'ClusterIP', ports: [port('a'), port('b', 30002)] })).toEqual([
    undefined,
    undefined,
  ]);
  expect(await allotted(bound, { type: 'ClusterIP', ports: [port('a', 30003)] })).toEqual([30003]);
});

test('a port keeps its node port by its name', async () => {
  const ports = [{ ...port('b'), port: 81, protocol: 'UDP' }, port('a', 30001)];
  expect(await allotted(bound, { ...bound, ports })).toEqual([30002, 30001]);
  const [other] = await allotted(bound, { ...bound, ports: [port('c'), port('d', 30002)] });
  expect([30001, 30002, undefined]).not.toContain(other);
});
