import { expect, test } from 'vitest';
import { fieldsOf } from './compare.ts';
import { FieldSet } from './field-set.ts';
import { removeFields } from './merge.ts';
import type { SchemaNode } from './schema.ts';

const leaf: SchemaNode = { type: 'leaf' };
const fields: Record<string, SchemaNode> = { set: { type: 'set' }, map: { type: 'map', item: leaf } };
const schema: SchemaNode = { type: 'struct', declared: (name) => name in fields, field: (name) => fields[name] };

test('what loses its last entry goes with it, and stays where somebody else has one', () => {
  const value = { set: ['a', 'b'], map: { x: '1' } };
  const all = fieldsOf(value, schema);
  expect(removeFields(value, all, new FieldSet(), schema)).toEqual({});
  const others = fieldsOf({ set: ['b'] }, schema);
  expect(removeFields(value, all.difference(others), others, schema)).toEqual({ set: ['b'] });
});
