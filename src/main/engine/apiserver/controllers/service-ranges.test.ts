/** Ranges of Service addresses and the objects of single addresses, on a running server. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { startApiServer } from '../start.ts';
import { adminOf, type Credentials, call, until } from '../test-support.ts';
import type { ApiServer } from '../types.ts';

const RANGES = '/apis/networking.k8s.io/v1/servicecidrs';
const ADDRESSES = '/apis/networking.k8s.io/v1/ipaddresses';
const SERVICES = '/api/v1/namespaces/default/services';
const MANAGED = {
  'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
  'ipaddress.kubernetes.io/ip-family': 'IPv4',
};

let server: ApiServer;
let admin: Credentials;
beforeAll(async () => {
  server = await startApiServer({ dir: null, name: 'ranges', controllers: ['service-cidr-controller'] });
  admin = adminOf(server);
});
afterAll(() => server.close());

const send = (method: string, path: string, body?: Json) => call(server, admin, method, path, { body });
const range = async (name: string): Promise<Json> => (await send('GET', `${RANGES}/${name}`)).json;
const readyOf = async (name: string): Promise<Json> =>
  (await range(name)).status?.conditions?.find(({ type }: Json) => type === 'Ready');
const makeRange = async (name: string, cidr: string) => {
  await send('POST', RANGES, { metadata: { name }, spec: { cidrs: [cidr] } });
  await until(async () => (await readyOf(name))?.status === 'True');
};
const makeService = (name: string, clusterIP?: string) =>
  send('POST', SERVICES, { metadata: { name }, spec: { clusterIP, ports: [{ port: 80 }] } });
const exists = async (path: string) => (await send('GET', path)).status === 200;

test('a range is held and said to be ready, the first one too', async () => {
  await makeRange('named', '198.51.100.0/24');
  for (const name of ['named', 'kubernetes']) {
    await until(async () => (await readyOf(name))?.message === 'Kubernetes Service CIDR is ready');
    const { metadata } = await range(name);
    expect(metadata.finalizers).toEqual(['networking.k8s.io/service-cidr-finalizer']);
    expect(metadata.managedFields.map(({ manager, operation }: Json) => `${manager} ${operation}`)).toContain(
      'service-cidr-controller Apply',
    );
  }
});

test('a service has an object for its address, for as long as it is there', async () => {
  const { json } = await makeService('one');
  const path = `${ADDRESSES}/${json.spec.clusterIP}`;
  await until(() => exists(path));
  const { metadata, spec } = (await send('GET', path)).json;
  expect(metadata.labels).toEqual(MANAGED);
  const owned = { '.': {}, 'f:name': {}, 'f:namespace': {}, 'f:resource': {} };
  expect(metadata.managedFields).toMatchObject([
    { manager: 'kube-apiserver', fieldsV1: { 'f:spec': { 'f:parentRef': owned } } },
  ]);
  expect(spec).toEqual({ parentRef: { resource: 'services', namespace: 'default', name: 'one' } });
  // A change of something else changes nothing about it.
  await send('PUT', `${SERVICES}/one`, { ...json, metadata: { ...json.metadata, labels: { a: 'b' } } });
  await send('DELETE', `${SERVICES}/one`);
  await until(async () => !(await exists(path)));
  expect((await makeService('one', json.spec.clusterIP)).status).toBe(201);
});

test('an object that somebody took away comes back when its service is written, which is told', async () => {
  const { json } = await makeService('two');
  const path = `${ADDRESSES}/${json.spec.clusterIP}`;
  await until(() => exists(path));
  await send('DELETE', path);
  await send('PUT', `${SERVICES}/two`, { ...json, metadata: { ...json.metadata, labels: { a: 'b' } } });
  await until(() => exists(path));
  const told = async () =>
    (await send('GET', '/api/v1/namespaces/default/events')).json.items.find(
      ({ reason }: Json) => reason === 'ClusterIPNotAllocated',
    );
  const { message, type, reportingComponent } = await until(told);
  expect(message).toBe(`Cluster IP [IPv4]: ${json.spec.clusterIP} is not allocated; repairing`);
  expect([type, reportingComponent]).toEqual(['Warning', 'ipallocator-repair-controller']);
});

test('the object of an address follows it to another service', async () => {
  const { json } = await makeService('first');
  const { clusterIP } = json.spec;
  await until(() => exists(`${ADDRESSES}/${clusterIP}`));
  await send('DELETE', `${SERVICES}/first`);
  expect((await makeService('second', clusterIP)).status).toBe(201);
  await until(async () => (await send('GET', `${ADDRESSES}/${clusterIP}`)).json.spec?.parentRef.name === 'second');
});

test('an address that somebody made an object for is taken, one that the server looks after only with its service', async () => {
  const parentRef = { group: 'example.com', resource: 'things', name: 'thing' };
  await send('POST', ADDRESSES, { metadata: { name: '10.96.0.77' }, spec: { parentRef } });
  expect((await makeService('late', '10.96.0.77')).json.message).toContain('provided IP is already allocated');
  const strange = { metadata: { name: '10.96.0.78', labels: MANAGED }, spec: { parentRef } };
  await send('POST', ADDRESSES, strange);
  await until(async () => !(await exists(`${ADDRESSES}/10.96.0.78`)));
  expect(await exists(`${ADDRESSES}/10.96.0.77`)).toBe(true);
});

test('a range that has addresses waits for them when it is to go, and gives none out', async () => {
  await makeRange('leaving', '203.0.113.0/24');
  expect((await makeService('inside', '203.0.113.10')).status).toBe(201);
  await until(() => exists(`${ADDRESSES}/203.0.113.10`));
  await send('DELETE', `${RANGES}/leaving`);
  await until(async () => (await readyOf('leaving'))?.reason === 'Terminating');
  expect(await readyOf('leaving')).toMatchObject({
    status: 'False',
    message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
  });
  expect((await makeService('outside', '203.0.113.11')).json.message).toContain('does not match the current range');
  // It goes ten seconds after its deletion at the earliest.
  server.setClockOffset(11_000);
  await send('DELETE', `${SERVICES}/inside`);
  await until(async () => !(await exists(`${RANGES}/leaving`)));
  server.setClockOffset(0);
});

test('a range goes when another one has all its addresses', async () => {
  await makeRange('small', '192.0.2.0/28');
  expect((await makeService('kept', '192.0.2.3')).status).toBe(201);
  await until(() => exists(`${ADDRESSES}/192.0.2.3`));
  await send('DELETE', `${RANGES}/small`);
  await until(async () => (await readyOf('small'))?.reason === 'Terminating');
  server.setClockOffset(11_000);
  await makeRange('large', '192.0.2.0/24');
  await until(async () => !(await exists(`${RANGES}/small`)));
  server.setClockOffset(0);
  expect(await exists(`${ADDRESSES}/192.0.2.3`)).toBe(true);
});

test('the first range comes back when it has gone', async () => {
  const before = (await range('kubernetes')).metadata.uid;
  await send('DELETE', `${RANGES}/kubernetes`);
  server.setClockOffset(11_000);
  for (const { metadata } of (await send('GET', SERVICES)).json.items)
    await send('DELETE', `${SERVICES}/${metadata.name}`);
  await until(async () => ![undefined, before].includes((await range('kubernetes')).metadata?.uid));
  server.setClockOffset(0);
  await until(async () => (await readyOf('kubernetes'))?.status === 'True');
  expect((await makeService('again')).json.spec.clusterIP).toMatch(/^10\.96\./);
});
