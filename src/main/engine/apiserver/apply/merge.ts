/** Merges a configuration into an object and takes fields out again, following the schema. Source: KEP-555. */
import { cloneJson, isRecord } from '../json.ts';
import { childOf, elementOf, itemsByElement } from './compare.ts';
import { FieldSet } from './field-set.ts';
import type { SchemaNode } from './schema.ts';

type List = Extract<SchemaNode, { type: 'list' | 'set' }>;

/** A new value; what `config` does not mention stays. Neither argument is changed. */
export function mergeConfig(live: unknown, config: unknown, schema: SchemaNode): unknown {
  if (config === undefined) return live;
  // Nothing in place of a collection declares the collection and leaves what is in it.
  if (config === null && schema.type !== 'leaf' && live !== undefined) return live;
  if (config === null || schema.type === 'leaf') return cloneJson(config);
  if (schema.type === 'list' || schema.type === 'set') return mergeItems(live, config, schema);
  if (!isRecord(config)) return cloneJson(config);
  const result: Record<string, unknown> = isRecord(live) ? { ...live } : {};
  for (const [key, value] of Object.entries(config)) {
    if (key === '__proto__') continue;
    const child = childOf(schema, key);
    if (child !== undefined) result[key] = mergeConfig(result[key], value, child);
  }
  return result;
}

/** Shared items stand in the order of the configuration; items only the object has keep their place between them. */
function mergeItems(live: unknown, config: unknown, schema: List): unknown[] {
  const left = itemsByElement(live, schema);
  const right = itemsByElement(config, schema);
  const order = [...right.keys()];
  const result: unknown[] = [];
  const done = new Set<string>();
  let at = 0;
  const takeConfigured = (): void => {
    const element = order[at++]!;
    done.add(element);
    const item = right.get(element);
    result.push(schema.type === 'list' ? mergeConfig(left.get(element), item, schema.item) : cloneJson(item));
  };
  for (const item of Array.isArray(live) ? live : []) {
    const element = elementOf(item, schema);
    if (!right.has(element)) result.push(item);
    else {
      // Everything configured up to this shared item comes first.
      while (!done.has(element)) takeConfigured();
    }
  }
  while (at < order.length) takeConfigured();
  return result;
}

/** Takes the members of `gone` out of a value, each with all that is below it. What loses its last entry stays, empty. */
export function removeFields(value: unknown, gone: FieldSet, schema: SchemaNode): unknown {
  if (gone.children === null) return value;
  if (schema.type === 'list' || schema.type === 'set') {
    if (!Array.isArray(value)) return value;
    return value.flatMap((item) => {
      const below = gone.children!.get(elementOf(item, schema));
      if (below?.member === true) return [];
      return [below === undefined || schema.type === 'set' ? item : removeFields(item, below, schema.item)];
    });
  }
  if (!isRecord(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const below = gone.children.get(`f:${key}`);
    if (below?.member === true) continue;
    const child = below === undefined ? undefined : childOf(schema, key);
    result[key] = child === undefined ? item : removeFields(item, below!, child);
  }
  return result;
}

/** The set with every declared field that has something below it. */
export function withNamedFields(set: FieldSet, schema: SchemaNode | undefined): FieldSet {
  const result = new FieldSet();
  result.member = set.member;
  for (const [element, below] of set.children ?? []) {
    const name = element.startsWith('f:') ? element.slice(2) : null;
    const inner = schema === undefined ? undefined : name === null ? itemOf(schema) : childOf(schema, name);
    const child = withNamedFields(below, inner);
    if (!below.empty && name !== null && schema?.type === 'struct' && schema.declared(name)) child.member = true;
    result.at(element).become(child);
  }
  return result;
}

function itemOf(schema: SchemaNode): SchemaNode | undefined {
  return schema.type === 'list' ? schema.item : undefined;
}
