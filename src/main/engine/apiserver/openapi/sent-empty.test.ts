import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { cloneJson } from '../json.ts';
import { createKindRegistry } from '../kinds/index.ts';
import { asSent, cloneAsSent, forgetLeftOut, renewAsSent, settleEmpty } from './sent-empty.ts';
import { canonicalise } from './typed.ts';

const registry = createKindRegistry([]);
const SCHEMA = registry.find('apps', 'v1', 'deployments')!.schema;

const sent = (): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', labels: {} },
  spec: { template: { metadata: { labels: {}, annotations: { a: 'b' } }, spec: { containers: [], volumes: [] } } },
});

function read(object: KubeObject = sent()): KubeObject {
  canonicalise(SCHEMA, object);
  return object;
}

const template = (object: KubeObject): Json => object.spec.template;

test('what is left out for being empty is known as it was sent', () => {
  const object = read();
  expect(template(object).metadata).toEqual({ annotations: { a: 'b' } });
  expect(asSent(template(object).metadata, 'labels')).toEqual({});
  expect(asSent(object.metadata, 'labels')).toEqual({});
  expect(asSent(template(object).spec, 'volumes')).toEqual([]);
  expect(asSent(template(object).spec, 'initContainers')).toBeNull();
  expect(asSent(template(object).metadata, 'annotations')).toEqual({ a: 'b' });
  expect(asSent(undefined, 'labels')).toBeNull();
});

test('reading again, copies that ask for it and changes in place keep it; other copies do not', () => {
  const again = read(read());
  expect(asSent(template(again).metadata, 'labels')).toEqual({});
  expect(asSent(template(cloneAsSent(again)).metadata, 'labels')).toEqual({});
  renewAsSent(again);
  expect(asSent(template(again).metadata, 'labels')).toEqual({});
  expect(asSent(template(cloneJson(again)).metadata, 'labels')).toBeNull();
});

test('of a list that is written in any case nothing is stored, and it is told what was sent until all is forgotten', () => {
  const object = read();
  expect(template(object).spec.containers).toEqual([]);
  settleEmpty(object);
  expect(template(object).spec.containers).toBeNull();
  expect(asSent(template(object).spec, 'containers')).toEqual([]);
  forgetLeftOut(object);
  expect(asSent(template(object).spec, 'containers')).toBeNull();
  expect(asSent(template(object).metadata, 'labels')).toBeNull();
});

test('a list that got items meanwhile stays', () => {
  const object = read();
  template(object).spec.containers = [{ name: 'c' }];
  settleEmpty(object);
  expect(template(object).spec.containers).toEqual([{ name: 'c' }]);
});
