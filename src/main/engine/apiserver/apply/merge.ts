/** Merges a configuration into an object and takes fields out again, following the schema. Source: KEP-555. */
import { cloneJson, isRecord } from '../json.ts';
import { childOf, elementOf, itemsByElement } from './compare.ts';
import type { FieldSet } from './field-set.ts';
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

/**
 * Takes the members of `gone` out of a value. An item or map whose own path is a member goes as a whole, unless something
 * below it is in `kept`.
 */
export function removeFields(value: unknown, gone: FieldSet, kept: FieldSet, schema: SchemaNode): unknown {
  if (gone.children === null) return value;
  if (schema.type === 'list' || schema.type === 'set') {
    if (!Array.isArray(value)) return value;
    const result: unknown[] = [];
    for (const item of value) {
      const element = elementOf(item, schema);
      const below = gone.children.get(element);
      if (below === undefined) result.push(item);
      else if (!isGone(below, kept.children?.get(element)))
        result.push(schema.type === 'list' ? removeFields(item, below, kept.at(element), schema.item) : item);
    }
    return result;
  }
  if (!isRecord(value)) return value;
  const result = { ...value };
  for (const [element, below] of gone.children) {
    if (!element.startsWith('f:')) continue;
    const key = element.slice(2);
    if (result[key] === undefined) continue;
    const keptBelow = kept.children?.get(element);
    if (isGone(below, keptBelow)) {
      delete result[key];
      continue;
    }
    const child = childOf(schema, key);
    if (child === undefined) continue;
    const left = removeFields(result[key], below, kept.at(element), child);
    // A map or list that lost its last entry goes with it, unless somebody owns the map itself.
    const emptied = sizeOf(left) === 0 && sizeOf(result[key]) > 0;
    if (emptied && keptBelow?.member !== true) delete result[key];
    else result[key] = left;
  }
  return result;
}

/** Of a map or list; of anything else, which cannot lose entries, more than none. */
function sizeOf(value: unknown): number {
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 1;
}

function isGone(gone: FieldSet, kept: FieldSet | undefined): boolean {
  return gone.member && (kept === undefined || kept.empty);
}
