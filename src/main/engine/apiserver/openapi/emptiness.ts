/**
 * Whether something was sent as empty where none is stored. Both are the same to nearly everybody; a few kinds compare
 * what they read with what is stored to the letter. Source: kube-apiserver, strategies that use reflect.DeepEqual.
 */
import { isRecord } from '../json.ts';
import type { KindDefinition } from '../types.ts';
import { message, messageOfSchema, type TypeRef } from './fields.ts';

const ASIDE = new Set(['metadata', 'status']);
/** Filled in before anybody compares. */
const DEFAULTED = new Set(['policyTypes']);

/** False for kinds that do not care. */
export function sendsEmpty(kind: KindDefinition, sent: object): boolean {
  const type = kind.countsEmpty === true ? messageOfSchema(kind.schema) : undefined;
  if (type === undefined) return false;
  const own = Object.entries(sent).filter(([name]) => !ASIDE.has(name));
  return isEmptySomewhere({ kind: 'message', id: type.id }, Object.fromEntries(own));
}

function isEmptySomewhere(type: TypeRef, value: unknown): boolean {
  if (value === null || value === undefined) return false;
  if (type.kind === 'scalar') return type.scalar === 'bytes' && value === '';
  if (type.kind === 'list')
    return Array.isArray(value) && (value.length === 0 || value.some((item) => isEmptySomewhere(type.of, item)));
  if (!isRecord(value)) return false;
  if (type.kind === 'map') return Object.keys(value).length === 0;
  const fields = message(type.id)?.byName;
  return Object.entries(value).some(([name, item]) => {
    const field = fields?.get(name);
    if (field === undefined || DEFAULTED.has(name)) return false;
    return isEmptySomewhere(field.type, item);
  });
}
