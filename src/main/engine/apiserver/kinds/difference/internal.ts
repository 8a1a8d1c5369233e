/** A part of an object as the real server has it in memory, written as JSON: every field is there, set or not. */
import type { Json } from '#shared/kubernetes/types.ts';
import { isRecord } from '../../json.ts';
import { type Field, message, type TypeRef } from '../../openapi/fields.ts';
import { asSent, copyAsSent } from '../../openapi/sent-empty.ts';
import { INTERNAL } from './types.ts';

/** Of the pod itself in the API, of its security context in memory. */
const OF_HOST = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'];

/** `value` of a type of the core group (`PodSpec`) with the names and the order of the program. */
export function internalForm(type: string, value: Json): Json {
  if (type !== 'PodSpec') return form(type, value);
  const host = Object.fromEntries(OF_HOST.flatMap((name) => (name in value ? [[name, value[name]]] : [])));
  const pod = copyAsSent(value);
  pod.securityContext = { ...copyAsSent(value.securityContext ?? {}), ...host };
  return form(type, pod);
}

function form(type: string, value: Json): Json {
  const fields = fieldsOf(type);
  const declared = message(`core.${type}`)?.byName;
  if (fields === undefined || declared === undefined) return value;
  const out: Json = {};
  for (const field of fields) {
    if (field.endsWith('^')) {
      const inPlace = field.slice(0, -1);
      Object.assign(out, inPlace === 'ObjectMeta' ? tagged('meta.ObjectMeta', value.metadata) : form(inPlace, value));
      continue;
    }
    const isBoolean = field.endsWith('!');
    const [name = '', api = name.charAt(0).toLowerCase() + name.slice(1)] = field.replace('!', '').split('=');
    const known = declared.get(api);
    const given = asSent(value, api);
    if (known === undefined) out[name] = given ?? (isBoolean ? false : null);
    else out[name] = given === null ? emptyOf(known) : internalValue(known.type, given);
  }
  return out;
}

let lines: Map<string, string[]> | undefined;

function fieldsOf(type: string): string[] | undefined {
  lines ??= new Map(
    INTERNAL.trim()
      .split('\n')
      .map((line) => {
        const [name = '', fields = ''] = line.split('|');
        return [name, fields.split(',')];
      }),
  );
  return lines.get(type);
}

function internalValue(type: TypeRef, value: Json): Json {
  if (type.kind === 'list') return (value as Json[]).map((item) => internalValue(type.of, item));
  if (type.kind === 'map') {
    const keys = Object.keys(value).sort();
    return Object.fromEntries(keys.map((key) => [key, internalValue(type.of, value[key])]));
  }
  if (type.kind === 'scalar') return value;
  return type.id.startsWith('core.') ? form(type.id.slice('core.'.length), value) : tagged(type.id, value);
}

/** Types that the program shares with the API are written as there, in the order of declaration. */
function tagged(id: string, value: Json): Json {
  const fields = message(id)?.fields ?? [];
  if (!isRecord(value)) return value;
  const given = fields.filter(({ name }) => value[name] !== undefined);
  return Object.fromEntries(given.map(({ name, type }) => [name, internalValue(type, value[name])]));
}

function emptyOf({ type, pointer }: Field): Json {
  if (pointer || type.kind === 'list' || type.kind === 'map') return null;
  if (type.kind === 'message') return internalValue(type, {});
  switch (type.scalar) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'Quantity':
      return '0';
    case 'Time':
      return null;
    default:
      return 0;
  }
}
