/**
 * Why a value cannot be decoded, in the words of the real server's decoder. It reads in the order of the body, goes on
 * after a value of the wrong type and tells the first of them; a value whose type reads itself (quantities, times) ends
 * it, and is what is told then. Slow, so it is asked only about what has been found not to fit.
 * Source: Go's encoding/json; the declared types of the API.
 */
import { isRecord } from '../json.ts';
import { quantityProblem } from '../kinds/validation/quantity.ts';
import { type Field, type Message, message, type Scalar, type TypeRef } from './fields.ts';
import { base64Problem, microTimeProblem, timeProblem } from './scalars.ts';

/** Ends the reading. */
class Fatal extends Error {}

/** Null: nothing is wrong with it. */
export function mismatchOf(type: Message, value: unknown): string | null {
  const reader = new Reader();
  try {
    reader.message(type, value, type);
  } catch (error) {
    if (error instanceof Fatal) return error.message;
    throw error;
  }
  return reader.first;
}

class Reader {
  first: string | null = null;
  readonly #trail: string[] = [];

  message(type: Message, value: unknown, within: Message): void {
    if (!isRecord(value)) {
      this.#saved(this.#unfit(value, typeName(type.id), within));
      return;
    }
    for (const [name, inner] of Object.entries(value)) {
      const field = type.byName.get(name);
      if (field === undefined || inner === null || inner === undefined) continue;
      const steps = [...(field.via ?? []), name];
      this.#trail.push(...steps);
      this.#value(field.type, inner, type, field);
      this.#trail.length -= steps.length;
    }
  }

  #value(type: TypeRef, value: unknown, within: Message, field: Field): void {
    if (value === null || value === undefined) return;
    if (type.kind === 'scalar') {
      this.#scalar(type.scalar, value, within, field);
      return;
    }
    if (type.kind === 'message') {
      const inner = message(type.id);
      if (inner === undefined) return;
      if (isRecord(value)) this.message(inner, value, within);
      else this.#saved(this.#unfit(value, typeName(type.id), within));
      return;
    }
    if (type.kind === 'list' ? !Array.isArray(value) : !isRecord(value)) {
      this.#saved(this.#unfit(value, this.#goName(type, within, field), within));
      return;
    }
    for (const item of Object.values(value as object)) this.#value(type.of, item, within, field);
  }

  #scalar(scalar: Scalar, value: unknown, within: Message, field: Field): void {
    switch (scalar) {
      case 'string':
        if (typeof value !== 'string') this.#saved(this.#unfit(value, named(field, within) ?? 'string', within));
        return;
      case 'bool':
        if (typeof value !== 'boolean') this.#saved(this.#unfit(value, 'bool', within));
        return;
      case 'double':
        if (typeof value !== 'number') this.#saved(this.#unfit(value, 'float64', within));
        return;
      case 'int32':
      case 'int64':
        if (!isInteger(value, scalar)) this.#saved(this.#unfit(value, named(field, within) ?? scalar, within));
        return;
      case 'bytes':
        this.#bytes(value, within);
        return;
      case 'SchemaOrBool':
        if (typeof value !== 'boolean' && !isRecord(value)) throw new Fatal('boolean or JSON schema expected');
        this.#schemas(value);
        return;
      case 'SchemaOrArray':
      case 'SchemaOrStrings':
        this.#schemas(value);
        return;
      case 'strings':
        if (!Array.isArray(value)) this.#saved(this.#unfit(value, named(field, within) ?? '[]string', within));
        else
          for (const item of value)
            if (item !== null && typeof item !== 'string') this.#saved(this.#unfit(item, 'string', within));
        return;
      case 'Quantity':
        this.#quantity(typeof value === 'string' ? value.trim() : value);
        return;
      case 'IntOrString':
        if (typeof value !== 'string' && !isInteger(value, 'int32'))
          throw new Fatal(this.#unfit(value, 'int32', within));
        return;
      case 'Duration':
        if (typeof value !== 'string') throw new Fatal(this.#unfit(value, 'string', within));
        return;
      case 'Time':
      case 'MicroTime': {
        if (typeof value !== 'string') throw new Fatal(this.#unfit(value, 'string', within));
        const problem = scalar === 'Time' ? timeProblem(value) : microTimeProblem(value);
        if (problem !== null) throw new Fatal(problem);
        return;
      }
    }
  }

  #bytes(value: unknown, within: Message): void {
    if (typeof value === 'string') this.#saved(base64Problem(value));
    else if (!Array.isArray(value)) this.#saved(this.#unfit(value, '[]uint8', within));
    else for (const item of value) if (!isByte(item)) this.#saved(this.#unfit(item, 'uint8', within));
  }

  #quantity(value: unknown): void {
    const problem = quantityProblem(value);
    if (problem !== null) throw new Fatal(problem);
  }

  /** Schemas where something else could stand are read by themselves: what is wrong there is placed after the way to them. */
  #schemas(value: unknown): void {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (typeof each === 'string' || typeof each === 'boolean') continue;
      const problem = mismatchOf(message('apiextensions.JSONSchemaProps')!, each);
      if (problem === null) continue;
      const within = `$1${this.#trail.join('.')}.`;
      throw new Fatal(problem.replace(/^(json: cannot unmarshal .+? into Go struct field \w+\.)/, within));
    }
  }

  #saved(problem: string | null): void {
    this.first ??= problem;
  }

  #unfit(value: unknown, goType: string, within: Message): string {
    const isNumeric = typeof value === 'number' && /^(v\d\.)?(int|uint|float)\d*$/.test(goType);
    const got = isNumeric ? `number ${value}` : jsonType(value);
    return `json: cannot unmarshal ${got} into Go struct field ${within.name}.${this.#trail.join('.')} of type ${goType}`;
  }

  #goName(type: TypeRef, within: Message, field: Field): string {
    if (type.kind === 'list') return `[]${this.#goName(type.of, within, field)}`;
    if (type.kind === 'message') return typeName(type.id);
    // Of a map of lists of texts it is the lists that have a name.
    const isOfLists = type.kind === 'map' && type.of.kind === 'scalar' && type.of.scalar === 'strings';
    if (isOfLists) return `map[string]${named(field, within) ?? '[]string'}`;
    if (type.kind === 'map') return named(field, within) ?? `map[string]${this.#goName(type.of, within, field)}`;
    if (type.scalar === 'string') return named(field, within) ?? 'string';
    if (type.scalar === 'bytes') return '[]uint8';
    if (type.scalar === 'double') return 'float64';
    return type.scalar === 'Quantity' ? 'resource.Quantity' : type.scalar;
  }
}

/** An item of listed bytes; what is null is zero. */
export function isByte(value: unknown): boolean {
  return value === null || (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255);
}

export function isInteger(value: unknown, size: 'int32' | 'int64'): value is number {
  return Number.isInteger(value) && (size === 'int64' || value === ((value as number) | 0));
}

/** What the decoder calls a value. */
export function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** Packages are called by the version of their group. */
function typeName(id: string): string {
  const dot = id.indexOf('.');
  return `${packageOf(id.slice(0, dot))}.${id.slice(dot + 1)}`;
}

function packageOf(space: string): string {
  return space === 'autoscalingv2' ? 'v2' : 'v1';
}

/** The declared name of a field's text, number or map, where it has one. */
export function named({ goType }: Field, within: Message): string | null {
  if (goType === undefined) return null;
  return goType.includes('.') ? goType : `${packageOf(within.id.slice(0, within.id.indexOf('.')))}.${goType}`;
}
