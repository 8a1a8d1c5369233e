/** What a conversion webhook may answer. Messages are those of the real server. */
import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { conversionOf, conversionReview, convertedFrom } from './conversion.ts';

const original: KubeObject = {
  apiVersion: 'shop.io/v1',
  kind: 'Widget',
  metadata: { name: 'a', namespace: 'n', uid: 'u', labels: { a: '1' }, annotations: { b: '2' }, generation: 3 },
  spec: { size: 1 },
};
const converted = (change: Json = {}): Json => ({ ...original, apiVersion: 'shop.io/v2', ...change });
const answer = (objects: Json[], response: Json = {}, review: Json = {}): Json => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'ConversionReview',
  response: { uid: 'q', result: { status: 'Success' }, convertedObjects: objects, ...response },
  ...review,
});
const asked = { uid: 'q', desiredAPIVersion: 'shop.io/v2', originals: [original], single: true };
const read = (given: unknown, single = true) => convertedFrom(given, 'v1', { ...asked, single });

test('a definition says how to convert', () => {
  expect(conversionOf({ spec: { conversion: { strategy: 'None' } } } as never)).toBeNull();
  const webhook = { conversionReviewVersions: ['v9', 'v1beta1', 'v1'], clientConfig: { url: 'https://x/y' } };
  expect(conversionOf({ spec: { conversion: { strategy: 'Webhook', webhook } } } as never)).toEqual({
    client: { url: 'https://x/y', ca: '' },
    review: 'v1beta1',
  });
});

test('the question names what is wanted', () => {
  expect(conversionReview('v1', 'q', 'shop.io/v2', [original])).toEqual({
    kind: 'ConversionReview',
    apiVersion: 'apiextensions.k8s.io/v1',
    request: { uid: 'q', desiredAPIVersion: 'shop.io/v2', objects: [original] },
    response: { uid: '', convertedObjects: null, result: { metadata: {} } },
  });
});

test('labels and annotations are the webhook’s, all other metadata stay as they were', () => {
  const metadata = { name: 'a', namespace: 'n', uid: 'u', labels: { a: '2' }, generation: 99, finalizers: ['x/y'] };
  const [object] = read(answer([converted({ metadata, spec: { height: 1 } })]));
  expect(object).toEqual({
    apiVersion: 'shop.io/v2',
    kind: 'Widget',
    metadata: { name: 'a', namespace: 'n', uid: 'u', labels: { a: '2' }, generation: 3 },
    spec: { height: 1 },
  });
});

describe('answers that are refused', () => {
  const { metadata } = original;
  test.each<[string, Json]>([
    ['failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got /, Kind=', {}],
    [
      'failed: no kind "Other" is registered for version "apiextensions.k8s.io/v1" in scheme "k8s.io/apiserver/pkg/util/webhook/client.go:71"',
      answer([], {}, { kind: 'Other' }),
    ],
    [
      'failed: converting (v1beta1.ConversionReview) to (v1.ConversionReview): unknown conversion',
      answer([], {}, { apiVersion: 'apiextensions.k8s.io/v1beta1' }),
    ],
    ['unexpected end of JSON input', answer([null])],
    ['failed: no response provided', { ...answer([]), response: undefined }],
    ['failed: expected response.uid="q", got "z"', answer([], { uid: 'z' })],
    ['failed: sorry', answer([], { result: { status: 'Failure', message: 'sorry' } })],
    ["failed: response.result.status was '', not 'Success'", answer([], { result: {} })],
    ['returned 2 objects, expected 1', answer([converted(), converted()])],
    [
      'returned invalid object at index 0: invalid groupVersion (expected shop.io/v2, received shop.io/v3)',
      answer([converted({ apiVersion: 'shop.io/v3' })]),
    ],
    [
      'returned invalid object at index 0: invalid kind (expected Widget, received Gadget)',
      answer([converted({ kind: 'Gadget' })]),
    ],
    [
      'returned invalid object: must have the same name: a != b',
      answer([converted({ metadata: { ...metadata, name: 'b' } })]),
    ],
    [
      'returned invalid object: must have the same namespace: n != ',
      answer([converted({ metadata: { ...metadata, namespace: undefined } })]),
    ],
    [
      'returned invalid object: must have the same UID: u != v',
      answer([converted({ metadata: { ...metadata, uid: 'v' } })]),
    ],
    [
      'returned invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object',
      answer([converted({ metadata: { ...metadata, labels: { a: 1 } } })]),
    ],
    [
      'returned invalid metadata: invalid metadata.annotations of type []interface {} in converted object',
      answer([converted({ metadata: { ...metadata, annotations: [] } })]),
    ],
  ])('%s', (message, given) => {
    expect(() => read(given)).toThrow(new Error(message));
  });

  test('in a list they are told by their place', () => {
    const other = converted({ metadata: { ...metadata, uid: 'v' } });
    expect(() => read(answer([other]), false)).toThrow(
      'returned invalid converted object at index 0: must have the same UID: u != v',
    );
    const label = converted({ metadata: { ...metadata, labels: { 'a b': '1' } } });
    expect(() => read(answer([label]), false)).toThrow(
      /^returned invalid metadata in object at index 0: metadata\.labels: Invalid value: "a b": name part must consist/,
    );
  });
});

test('reviews of v1beta1 are not held to kind and uid', () => {
  const given = { response: { result: { status: 'Success' }, convertedObjects: [converted()] } };
  expect(convertedFrom(given, 'v1beta1', asked)).toHaveLength(1);
});
