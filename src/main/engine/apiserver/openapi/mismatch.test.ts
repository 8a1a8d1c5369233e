import { expect, test } from 'vitest';
import { message } from './fields.ts';
import { mismatchOf } from './mismatch.ts';

const said = (type: string, value: unknown) => mismatchOf(message(type)!, value);
const unfit = (got: string, field: string, type: string) =>
  `json: cannot unmarshal ${got} into Go struct field ${field} of type ${type}`;

test('types are told by their declared names, places with the structures embedded on the way', () => {
  const pod = (container: object) => ({ spec: { containers: [{ name: 'c', ...container }] } });
  const at = 'spec.containers.livenessProbe.ProbeHandler.httpGet';
  expect(said('core.Pod', pod({ livenessProbe: { httpGet: { port: 80, scheme: true } } }))).toBe(
    unfit('bool', `HTTPGetAction.${at}.scheme`, 'v1.URIScheme'),
  );
  expect(said('core.Pod', pod({ livenessProbe: { httpGet: { port: {} } } }))).toBe(
    unfit('object', `HTTPGetAction.${at}.port`, 'int32'),
  );
  expect(said('core.Pod', pod({ resources: { limits: [] } }))).toBe(
    unfit('array', 'ResourceRequirements.spec.containers.resources.limits', 'v1.ResourceList'),
  );
  expect(said('autoscalingv2.HorizontalPodAutoscaler', { spec: { scaleTargetRef: [] } })).toBe(
    unfit('array', 'HorizontalPodAutoscalerSpec.spec.scaleTargetRef', 'v2.CrossVersionObjectReference'),
  );
});

test('numbers have a size', () => {
  const lease = (leaseDurationSeconds: unknown) => ({ spec: { leaseDurationSeconds } });
  expect(said('coordination.Lease', lease(2 ** 31 - 1))).toBeNull();
  for (const number of [2 ** 31, -(2 ** 31) - 1, 1.5])
    expect(said('coordination.Lease', lease(number))).toBe(
      unfit(`number ${number}`, 'LeaseSpec.spec.leaseDurationSeconds', 'int32'),
    );
});

test('the first of the body is told, unless one that reads itself ends the reading', () => {
  const both = { immutable: [], data: { a: '!' } };
  expect(said('core.Secret', both)).toBe(unfit('array', 'Secret.immutable', 'bool'));
  expect(said('core.Secret', { data: both.data, immutable: [] })).toBe('illegal base64 data at input byte 0');
  expect(said('core.Node', { spec: { podCIDR: 1, taints: [{ timeAdded: 'x' }] } })).toBe(
    'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"',
  );
});
