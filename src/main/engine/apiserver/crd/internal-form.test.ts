import { expect, test } from 'vitest';
import { internalPart, internalSchema, saysTooMuchAtRoot } from './internal-form.ts';

test('a schema is shown with the names and the empty values of Go', () => {
  const shown = internalSchema({
    type: 'object',
    properties: {
      b: { items: { type: 'string' } },
      a: { additionalProperties: true, 'x-kubernetes-map-type': 'atomic' },
    },
    dependencies: { a: ['b'] },
    'x-kubernetes-validations': [{ rule: 'true', optionalOldSelf: false }],
  });
  expect(Object.keys(shown).slice(0, 6)).toEqual(['ID', 'Schema', 'Ref', 'Description', 'Type', 'Nullable']);
  expect(Object.keys(shown.Properties)).toEqual(['a', 'b']);
  expect(shown.Properties.a).toMatchObject({
    AdditionalProperties: { Allows: true, Schema: null },
    XMapType: 'atomic',
    XListMapKeys: null,
    Required: null,
  });
  expect(shown.Properties.b.Items).toMatchObject({ Schema: { Type: 'string' }, JSONSchemas: null });
  expect(shown.Dependencies).toEqual({ a: { Schema: null, Property: ['b'] } });
  expect(shown.XValidations).toEqual([
    { Rule: 'true', Message: '', MessageExpression: '', Reason: null, FieldPath: '', OptionalOldSelf: false },
  ]);
});

test('parts of a version are shown likewise', () => {
  expect(internalPart.subresources!({ scale: { specReplicasPath: '.spec.replicas' } })).toEqual({
    Status: null,
    Scale: { SpecReplicasPath: '.spec.replicas', StatusReplicasPath: '', LabelSelectorPath: null },
  });
  expect(internalPart.additionalPrinterColumns!([{ name: 'A', jsonPath: '.a' }])).toEqual([
    { Name: 'A', Type: '', Format: '', Description: '', Priority: 0, JSONPath: '.a' },
  ]);
});

test('at a root that the status is judged by not everything may be said', () => {
  expect(saysTooMuchAtRoot({ type: 'object', required: ['a'], nullable: false, properties: {} })).toBe(false);
  expect(saysTooMuchAtRoot({ type: 'object', minProperties: 0 })).toBe(true);
  expect(saysTooMuchAtRoot({ type: 'object', additionalProperties: true })).toBe(true);
});
