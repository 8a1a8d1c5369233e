import { expect, test } from 'vitest';
import { fieldsOf } from './compare.ts';
import { FieldSet } from './field-set.ts';
import { removeFields, withNamedFields } from './merge.ts';
import type { SchemaNode } from './schema.ts';

const leaf: SchemaNode = { type: 'leaf' };
const fields: Record<string, SchemaNode> = { set: { type: 'set' }, map: { type: 'map', item: leaf } };
const schema: SchemaNode = { type: 'struct', declared: (name) => name in fields, field: (name) => fields[name] };

test('what is taken goes with all that is below it, and what loses its last entry stays', () => {
  const value = { set: ['a', 'b'], map: { x: '1' } };
  const entries = new FieldSet();
  entries.insert(['f:set', 'v:"a"']);
  entries.insert(['f:map', 'f:x']);
  expect(removeFields(value, entries, schema)).toEqual({ set: ['b'], map: {} });
  expect(removeFields(value, withNamedFields(entries, schema), schema)).toEqual({});
  expect(removeFields(value, fieldsOf({ set: ['b'] }, schema), schema)).toEqual({ set: ['a'], map: { x: '1' } });
});
