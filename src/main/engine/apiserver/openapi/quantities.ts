/**
 * Quantities that are worth the same are the same to whoever compares objects (`1Gi` and `1073741824`), however they are
 * written; what is stored keeps its notation. Source: apimachinery, equality.Semantic.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import { isRecord } from '../json.ts';
import { compareQuantities } from '../kinds/validation/quantity.ts';
import type { KindDefinition } from '../types.ts';
import { message, messageOfSchema, type TypeRef } from './fields.ts';
import { copyAsSent } from './sent-empty.ts';

/** The object with each quantity written as in `old` where it is worth as much; itself where none is written otherwise. */
export function withQuantitiesOf<T extends object>(kind: KindDefinition, object: T, old: object): T {
  const type = kind.custom === undefined ? messageOfSchema(kind.schema) : undefined;
  return type === undefined ? object : alike({ kind: 'message', id: type.id }, object, old);
}

/** The same of a part, by its type (`core.PodTemplateSpec`). */
export function partWithQuantitiesOf(id: string, part: Json, old: Json): Json {
  return alike({ kind: 'message', id }, part, old);
}

function alike(type: TypeRef, value: Json, old: Json): Json {
  if (value === old) return value;
  if (type.kind === 'scalar') {
    const texts = typeof value === 'string' && typeof old === 'string';
    return type.scalar === 'Quantity' && texts && compareQuantities(value, old) === 0 ? old : value;
  }
  if (type.kind === 'list') {
    if (!Array.isArray(value) || !Array.isArray(old)) return value;
    const items = value.map((item, index) => alike(type.of, item, old[index]));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (!isRecord(value) || !isRecord(old)) return value;
  const fields = type.kind === 'map' ? undefined : message(type.id)?.byName;
  let result: Json = value;
  for (const name of Object.keys(value)) {
    const inner = type.kind === 'map' ? type.of : fields?.get(name)?.type;
    if (inner === undefined) continue;
    const item = alike(inner, value[name] as Json, old[name] as Json);
    if (item === value[name]) continue;
    if (result === value) result = copyAsSent(value);
    result[name] = item;
  }
  return result;
}
