import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { leaveOut } from '../../../openapi/sent-empty.ts';
import { lines } from '../../test-support.ts';
import { validateClaim, validateClaimTemplate, validateDeviceClass } from './claims.ts';
import { validateSlice } from './slices.ts';

const object = (spec: Json, status?: Json): KubeObject => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'X',
  metadata: { name: 'a' },
  spec,
  ...(status === undefined ? {} : { status }),
});

describe('claims', () => {
  const wanted = { deviceClassName: 'c', allocationMode: 'ExactCount', count: 1 };
  const request = { name: 'r', exactly: wanted };
  const claim = (devices: Json): string[] => lines(validateClaim(object({ devices }), null));
  const selected = (expression: string): string[] =>
    claim({ requests: [{ name: 'r', exactly: { ...wanted, selectors: [{ cel: { expression } }] } }] });

  test('ask in exactly one way', () => {
    expect(claim({ requests: [request] })).toEqual([]);
    const text = 'exactly one of `exactly` or `firstAvailable` is required';
    expect(claim({ requests: [{ name: 'r' }] })).toEqual([`spec.devices.requests[0]: Required value: ${text}`]);
    expect(claim({ requests: [{ ...request, firstAvailable: [{ ...wanted, name: 's' }] }] })).toEqual([
      `spec.devices.requests[0]: Invalid value: null: ${text}, but multiple fields are set`,
    ]);
    expect(claim({ requests: [request, request] })).toEqual(['spec.devices.requests[1]: Duplicate value: "r"']);
  });

  test('count where they say how many', () => {
    const of = (parts: Json) => claim({ requests: [{ name: 'r', exactly: { ...wanted, ...parts } }] });
    expect(of({ count: -1 })).toEqual([
      'spec.devices.requests[0].exactly.count: Invalid value: -1: must be greater than zero',
    ]);
    expect(of({ allocationMode: 'All' })).toEqual([
      "spec.devices.requests[0].exactly.count: Invalid value: 1: must not be specified when allocationMode is 'All'",
    ]);
  });

  test('select devices by expressions about them', () => {
    expect(
      selected(
        'device.driver == "a" && device.attributes["a"].b && device.capacity["a"].c.isGreaterThan(quantity("1Gi"))',
      ),
    ).toEqual([]);
    expect(selected('device.attributes["a"].model == "x"')).toEqual([]);
    expect(selected('device.driver')).toEqual([
      'spec.devices.requests[0].exactly.selectors[0].cel.expression: Invalid value: "device.driver": must evaluate to bool or the unknown type, not string',
    ]);
    expect(selected('device.nope')[0]).toContain("undefined field 'nope'");
    expect(selected('')[0]).toContain("ERROR: <input>:1:0: Syntax error: mismatched input '<EOF>'");
  });

  test('constrain and configure requests that they have', () => {
    const text =
      "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
    expect(claim({ requests: [request], constraints: [{ requests: ['s'], matchAttribute: 'a.b/c' }] })).toEqual([
      `spec.devices.constraints[0].requests[0]: Invalid value: "s": ${text}`,
    ]);
    expect(
      claim({ requests: [request], config: [{ requests: ['r'], opaque: { driver: 'd', parameters: [1] } }] }),
    ).toEqual([
      'spec.devices.config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object',
    ]);
  });

  test('do not change, and their status tells of what was allocated', () => {
    const old = object({ devices: { requests: [request] } });
    expect(lines(validateClaim(object({ devices: {} }), old))).toEqual([
      'spec: Invalid value: {"Devices":{"Requests":null,"Constraints":null,"Config":null}}: field is immutable',
    ]);
    const status = {
      devices: [{ driver: 'd', pool: 'p', device: 'x' }],
      reservedFor: [{ resource: 'pods', name: 'a', uid: 'u' }],
    };
    expect(lines(validateClaim({ ...old, status }, old, 'status'))).toEqual([
      'status.devices[0]: Invalid value: {"Driver":"d","Pool":"p","Device":"x","ShareID":null}: must be an allocated device in the claim',
      'status.reservedFor: Forbidden: may not be specified when `allocated` is not set',
    ]);
    const allocation = { devices: { results: [{ request: 'r', driver: 'd', pool: 'p', device: 'x' }] } };
    expect(lines(validateClaim({ ...old, status: { ...status, allocation } }, old, 'status'))).toEqual([]);
  });

  test('take labels and annotations of their template alone', () => {
    const spec = { metadata: { labels: { a: 'b' }, name: 'n', uid: 'u' }, spec: { devices: { requests: [request] } } };
    expect(lines(validateClaimTemplate(object(spec), null))).toEqual([
      'spec.metadata.name: Forbidden: cannot be set',
      'spec.metadata.uID: Forbidden: cannot be set',
    ]);
  });
});

test("classes name extended resources by names of somebody's own", () => {
  expect(lines(validateDeviceClass(object({ extendedResourceName: 'a.b/gpu' }), null))).toEqual([]);
  expect(lines(validateDeviceClass(object({ extendedResourceName: 'cpu' }), null))).toEqual([
    'spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name',
  ]);
});

describe('slices', () => {
  const pool = { name: 'p', resourceSliceCount: 1 };
  const slice = (spec: Json): string[] =>
    lines(validateSlice(object({ driver: 'a.b', pool, nodeName: 'n', ...spec }), null));
  const device = (parts: Json): string[] => slice({ devices: [{ name: 'd', ...parts }] });

  test('counters that were sent without items are not nothing', () => {
    const spec: Json = { driver: 'a.b', pool, nodeName: 'n', devices: [{ name: 'd' }] };
    const told = () => lines(validateSlice(object(spec), null));
    expect(told()).toEqual([]);
    leaveOut(spec, 'sharedCounters', []);
    expect(told()).toEqual(['spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed']);
  });

  test('are of one node, or say of which', () => {
    const text = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
    expect(slice({ nodeName: undefined })).toEqual([`spec: Required value: ${text}`]);
    expect(slice({ allNodes: true })).toEqual([
      `spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${text}, but multiple fields are set`,
    ]);
  });

  test('give each attribute one value', () => {
    expect(device({ attributes: { a: { int: 1 }, 'b.c/d': { version: '1.2.3-x' } } })).toEqual([]);
    expect(device({ attributes: { a: {}, b: { version: '1' } } })).toEqual([
      'spec.devices[0].attributes[a]: Invalid value: "": exactly one value must be specified',
      'spec.devices[0].attributes[b].version: Invalid value: "1": must be a string compatible with semver.org spec 2.0.0',
    ]);
    expect(device({ attributes: { 'a b': { bool: true } } })[0]).toMatch(
      /^spec\.devices\[0\]\.attributes: Invalid value: "a b": a valid C identifier/,
    );
  });

  test('let parts of a capacity be asked for in steps', () => {
    const policy = (validRange: Json, shared = true) =>
      device({
        allowMultipleAllocations: shared,
        capacity: { memory: { value: '10', requestPolicy: { default: '3', validRange } } },
      });
    const at = 'spec.devices[0].capacity[memory].requestPolicy';
    expect(policy({ min: '1', max: '9', step: '2' })).toEqual([]);
    expect(policy({ min: '1', max: '8', step: '2' })).toEqual([
      `${at}.validRange.step: Invalid value: "8": value is not a multiple of a given step (2) from (1)`,
    ]);
    expect(policy({ min: '4', max: '11' })).toEqual([
      `${at}.validRange.min: Invalid value: "3": default is less than min: 4`,
      `${at}.validRange.max: Invalid value: "11": max is larger than capacity value: 10`,
    ]);
    expect(policy({ min: '1' }, false)).toEqual([`${at}: Forbidden: allowMultipleAllocations must be true`]);
  });

  test('bind on conditions of both kinds', () => {
    expect(device({ bindingConditions: ['a'], bindingFailureConditions: ['a'] })).toEqual([
      'spec.devices[0].bindingFailureConditions[0]: Invalid value: "a": bindingFailureConditions must not overlap with bindingConditions',
    ]);
    expect(device({ bindingConditions: ['a'] })).toEqual([
      'spec.devices[0].bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions',
    ]);
  });
});
