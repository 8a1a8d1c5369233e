/** Checks a configuration against the schema before it is merged, with the refusals clients know. */
import { isRecord } from '../json.ts';
import { childOf, elementOf, KeylessItem } from './compare.ts';
import { describePath } from './field-set.ts';
import { goSyntax, goText } from './go-text.ts';
import type { SchemaNode } from './schema.ts';

/** Null when every field is declared and associative lists have no duplicates; else the first problem. */
export function typeProblem(value: unknown, schema: SchemaNode, path: string[] = []): string | null {
  if (value === null || value === undefined) return null;
  if (schema.type === 'leaf') return scalarProblem(value, schema.scalar, path);
  if (schema.type === 'list' || schema.type === 'set') {
    if (!Array.isArray(value)) return `${describePath(path)}: expected list, got ${goText(value)}`;
    const seen = new Set<string>();
    for (const [index, item] of value.entries()) {
      const element = keyOf(item, schema);
      if (element instanceof KeylessItem) return `${describePath(path)}: element ${index}: ${element.message}`;
      if (seen.has(element)) return `${describePath(path)}: duplicate entries for key ${describePath([element])}`;
      seen.add(element);
      if (schema.type === 'list') {
        if (!isRecord(item)) return `${describePath([...path, element])}: expected map, got ${goText(item)}`;
        const problem = typeProblem(item, schema.item, [...path, element]);
        if (problem !== null) return problem;
      }
    }
    return null;
  }
  if (schema.type === 'deduced' && !isRecord(value)) return null;
  if (!isRecord(value)) return `${describePath(path)}: expected map, got ${goText(value)}`;
  for (const [key, item] of Object.entries(value)) {
    const child = childOf(schema, key);
    const here = [...path, `f:${key}`];
    if (child === undefined) return `${describePath(here)}: field not declared in schema`;
    const problem = typeProblem(item, child, here);
    if (problem !== null) return problem;
  }
  return null;
}

function keyOf(item: unknown, schema: Parameters<typeof elementOf>[1]): string | KeylessItem {
  try {
    return elementOf(item, schema);
  } catch (error) {
    if (error instanceof KeylessItem) return error;
    throw error;
  }
}

function scalarProblem(value: unknown, scalar: string | undefined, path: string[]): string | null {
  if (scalar === undefined || typeof value === (scalar === 'numeric' ? 'number' : scalar)) return null;
  const at = describePath(path);
  if (scalar === 'string') return `${at}: expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`;
  if (scalar === 'boolean') return `${at}: expected boolean, got ${goText(value)}`;
  return `${at}: expected numeric (int or float), got ${goType(value)}`;
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  return typeof value === 'object' ? 'map[string]interface {}' : typeof value === 'boolean' ? 'bool' : typeof value;
}
