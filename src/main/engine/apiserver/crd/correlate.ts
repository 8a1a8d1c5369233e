/** Which item of an old list a new item was. Source: KEP-4008; only lists with keys have items that stay the same ones. */
import { equalJson, isRecord } from '../json.ts';
import type { CustomSchema } from './structural.ts';

/** For every item the old one with the same keys; undefined where there is none or the list has no keys. */
export function oldItems(schema: CustomSchema, items: readonly unknown[], old: unknown): readonly unknown[] {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (!Array.isArray(old) || schema['x-kubernetes-list-type'] !== 'map' || keys.length === 0) return [];
  const identity = (item: unknown): string =>
    JSON.stringify(
      keys.map((key) => (isRecord(item) ? (item[key] ?? schema.items?.properties?.[key]?.default) : null)),
    );
  const known = new Map<string, unknown>();
  for (const item of old) if (!known.has(identity(item))) known.set(identity(item), item);
  return items.map((item) => known.get(identity(item)));
}

/** Whether a value is what it was; an absent old value is none. */
export function isUnchanged(value: unknown, old: unknown): boolean {
  return old !== undefined && equalJson(value, old);
}
