/**
 * Values of built-in types the way the server's own messages print them: its internal types as JSON, with the names of
 * their fields in Go, and with everything that is empty. Holds for types whose internal form is that of their API, which
 * is not so for pods.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import { type Field, type Message, message, type TypeRef } from './fields.ts';

/** Words of names that Go writes in capitals. */
const CAPITALS = /^(api|cel|dns|fs|ip|uid|url)(?=$|[A-Z])/;

const goName = (name: string): string =>
  CAPITALS.test(name)
    ? name.replace(CAPITALS, (word) => word.toUpperCase())
    : `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** A value of the type (`core.ObjectReference`); absent is empty. */
export function shown(id: string, value: Json): Json {
  const type = message(id);
  return type === undefined ? value : struct(type, value ?? {});
}

/** A value of a field of the type. */
export function shownField(id: string, name: string, value: Json): Json {
  const field = message(id)?.byName.get(name);
  return field === undefined ? (value ?? null) : ofField(field, value);
}

function struct(type: Message, value: Json): Json {
  // These are the same inside and outside.
  if (type.id.startsWith('meta.')) return value;
  return Object.fromEntries(
    type.fields.flatMap((field) =>
      // Metadata are embedded.
      field.type.kind === 'message' && field.type.id === 'meta.ObjectMeta'
        ? Object.entries((value[field.name] ?? {}) as Record<string, Json>)
        : [[goName(field.name), ofField(field, value[field.name])]],
    ),
  );
}

function ofField(field: Field, value: Json): Json {
  if (value === undefined || value === null) return field.pointer ? null : empty(field.type);
  return filled(field.type, value);
}

function filled(type: TypeRef, value: Json): Json {
  if (type.kind === 'message') return shown(type.id, value);
  if (type.kind === 'list')
    return (value as Json[]).map((item) => (item === null ? empty(type.of) : filled(type.of, item)));
  if (type.kind === 'scalar') return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, filled(type.of, value[name])]));
}

function empty(type: TypeRef): Json {
  if (type.kind === 'message') return shown(type.id, {});
  if (type.kind !== 'scalar') return null;
  switch (type.scalar) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
    case 'IntOrString':
      return 0;
    case 'Quantity':
      return '0';
    default:
      return null;
  }
}
