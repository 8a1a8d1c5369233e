/** Answers of webhooks, read as the real server's decoder reads them. */
import { describe, expect, test } from 'vitest';
import { verdictOf } from './review.ts';

const KIND = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
const answered = (response: Record<string, unknown>) => ({
  ...KIND,
  response: { uid: 'u', allowed: true, ...response },
});
const patch = (value: unknown) => ({
  patchType: 'JSONPatch',
  patch: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64'),
});
const verdict = (answer: unknown, mutating = true, version = 'v1') => verdictOf(answer, version, 'u', mutating);
const UNCALLED = 'failed to call webhook: ';
const UNFIT = 'received invalid webhook response: ';
const UNDECODABLE = 'received undecodable patch in webhook response: ';
const mismatch = (got: string, field: string, type: string) =>
  `${UNCALLED}json: cannot unmarshal ${got} into Go struct field ${field} of type ${type}`;

test.each<[string, unknown, string]>([
  ['nothing', null, `${UNFIT}webhook response was absent`],
  ['no response', KIND, `${UNFIT}webhook response was absent`],
  [
    'another kind',
    { ...KIND, kind: 'Foo' },
    `${UNCALLED}no kind "Foo" is registered for version "admission.k8s.io/v1"`,
  ],
  [
    'another group',
    { ...KIND, apiVersion: 'v1' },
    `${UNCALLED}no kind "AdmissionReview" is registered for version "v1"`,
  ],
  [
    'another version',
    { ...answered({}), apiVersion: 'admission.k8s.io/v1beta1' },
    `${UNCALLED}converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion`,
  ],
  [
    'no version',
    { ...answered({}), apiVersion: undefined },
    `${UNFIT}expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got /, Kind=AdmissionReview`,
  ],
  ['another uid', answered({ uid: 'x' }), `${UNFIT}expected response.uid="u", got "x"`],
  ['a text', { ...KIND, response: 'x' }, mismatch('string', 'AdmissionReview.response', 'v1.AdmissionResponse')],
  ['yes', answered({ allowed: 'yes' }), mismatch('string', 'AdmissionResponse.response.allowed', 'bool')],
  ['a warning', answered({ warnings: 'x' }), mismatch('string', 'AdmissionResponse.response.warnings', '[]string')],
  ['numbers', answered({ warnings: [1] }), mismatch('number', 'AdmissionResponse.response.warnings', 'string')],
  [
    'half a code',
    answered({ status: { code: 403.5 } }),
    mismatch('number 403.5', 'Status.response.status.code', 'int32'),
  ],
  ['a bad patch', answered({ patch: '!!', patchType: 'JSONPatch' }), `${UNCALLED}illegal base64 data at input byte 0`],
  ['a patch alone', answered({ patch: 'W10=' }), `${UNFIT}webhook returned response.patch but not response.patchType`],
  [
    'a type alone',
    answered({ patchType: 'JSONPatch' }),
    `${UNFIT}webhook returned response.patchType but not response.patch`,
  ],
  ['another type', answered({ ...patch([]), patchType: 'Merge' }), 'unsupported patch type "Merge"'],
  [
    'no list',
    answered(patch('{}')),
    `${UNDECODABLE}json: cannot unmarshal object into Go value of type jsonpatch.Patch`,
  ],
  [
    'a list of numbers',
    answered(patch([1])),
    `${UNDECODABLE}json: cannot unmarshal number into Go value of type jsonpatch.Operation`,
  ],
])('%s is no answer', (_name, answer, message) => {
  expect(() => verdict(answer)).toThrow(message);
});

test('one that judges may change nothing', () => {
  expect(() => verdict(answered(patch([])), false)).toThrow('validating webhook may not return response.patch');
  expect(() => verdict(answered({ patchType: 'JSONPatch' }), false)).toThrow('may not return response.patchType');
});

test('a patch of nothing is none', () => {
  expect([verdict(answered(patch('null'))).patch, verdict(answered(patch([]))).patch]).toEqual([null, null]);
});

describe('v1beta1', () => {
  const old = (response: Record<string, unknown>) => ({ ...KIND, apiVersion: 'admission.k8s.io/v1beta1', response });

  test('whom an answer is for and what type its patch has is not looked at', () => {
    const { patch: encoded } = patch([{ op: 'remove', path: '/a' }]);
    const answer = old({ allowed: true, uid: 'x', patch: encoded });
    expect(verdict(answer, true, 'v1beta1')).toMatchObject({ allowed: true, patch: [{ op: 'remove', path: '/a' }] });
    expect(verdict(answer, false, 'v1beta1').patch).toBeNull();
  });

  test('is answered as such', () => {
    expect(() => verdict(answered({}), true, 'v1beta1')).toThrow(
      'converting (v1.AdmissionReview) to (v1beta1.AdmissionReview): unknown conversion',
    );
  });
});
