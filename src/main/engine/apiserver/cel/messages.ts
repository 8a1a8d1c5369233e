/**
 * Messages that expressions build: `Object{spec: Object.spec{replicas: 3}}`, whose fields are of any name and type, and
 * `JSONPatch{op: "add", path: "/spec", value: 1}`. Source: KEP-3962; CEL specification, "Message construction".
 */
import { CompileError } from './lexer.ts';
import type { Node } from './parser.ts';
import { type Compiled, charge, type MessageType, type Scope } from './scope.ts';
import { assignable, type CelType, DYN, STRING, typeName } from './types.ts';
import { type CelValue, EvaluationError, type ObjectValue, Optional, runtimeType } from './values.ts';

const COST = 40;
const JSON_PATCH_FIELDS: ReadonlyMap<string, CelType> = new Map([
  ['op', STRING],
  ['from', STRING],
  ['path', STRING],
  ['value', DYN],
]);
const JSON_PATCH: MessageType = {
  type: { kind: 'object', name: 'JSONPatch', fields: JSON_PATCH_FIELDS },
  field: (name) => JSON_PATCH_FIELDS.get(name),
};

/** The types of patches of a mutating policy: where the expression of each stands, and the type it comes to. */
export const PATCH_TYPES: ReadonlyMap<string, { field: string; returns: string }> = new Map([
  ['ApplyConfiguration', { field: 'applyConfiguration', returns: 'Object' }],
  ['JSONPatch', { field: 'jsonPatch', returns: 'list(JSONPatch)' }],
]);

/** What the expressions of a mutating policy can build. */
export function patchMessage(name: string): MessageType | undefined {
  if (name === 'JSONPatch') return JSON_PATCH;
  if (name !== 'Object' && !name.startsWith('Object.')) return undefined;
  return { type: { kind: 'object', name, fields: 'any' }, field: () => DYN };
}

/** A message that an expression has built. */
export class Message implements ObjectValue {
  readonly isObject = true;
  readonly typeName: string;
  readonly fields: ReadonlyMap<string, CelValue>;

  constructor(typeName: string, fields: ReadonlyMap<string, CelValue>) {
    this.typeName = typeName;
    this.fields = fields;
  }

  /** Fields and their values, which are compared and not shown. */
  get json(): unknown {
    return { type: this.typeName, fields: Object.fromEntries(this.fields) };
  }

  get(field: string): CelValue | undefined {
    return this.fields.get(field);
  }
}

/** Throws CompileError. */
export function compileMessage(node: Node & { kind: 'message' }, scope: Scope): Compiled {
  const message = scope.messages(node.name);
  if (message === undefined)
    throw new CompileError(node.at, `undeclared reference to '${node.name}' (in container '')`);
  const fields = node.fields.map(({ name, value, optional, at }) => {
    const declared = message.field(name);
    if (declared === undefined) throw new CompileError(at, `undefined field '${name}'`);
    const compiled = scope.compile(value);
    const given = optional && compiled.type.kind === 'optional' ? compiled.type.of : compiled.type;
    if (!assignable(given, declared, new Map())) {
      const [wanted, got] = [typeName(declared), typeName(given)];
      throw new CompileError(at, `expected type of field '${name}' is '${wanted}' but provided type is '${got}'`);
    }
    return { name, optional, declared, compiled };
  });
  return {
    type: message.type,
    cost: COST + fields.reduce((sum, { compiled }) => sum + compiled.cost, 0),
    run(frame) {
      charge(frame, COST);
      const values = new Map<string, CelValue>();
      for (const { name, optional, declared, compiled } of fields) {
        const given = compiled.run(frame);
        const value = optional && given instanceof Optional ? given.value : given;
        if (value === undefined) continue;
        if (declared === STRING && typeof value !== 'string')
          throw new EvaluationError(`unexpected type ${runtimeType(value)} for ${node.name}Type '${name}' field`);
        values.set(name, value);
      }
      return new Message(node.name, values);
    },
  };
}

/** What is wrong with the names of the messages within a value: each has to be the path from the root to where it stands. */
export function namingProblems(value: CelValue, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => namingProblems(item, path));
  if (value instanceof Map) return [...value.values()].flatMap((item) => namingProblems(item, path));
  if (!(value instanceof Message)) return [];
  const below = [...value.fields].flatMap(([name, field]) => namingProblems(field, `${path}.${name}`));
  if (value.typeName === path) return below;
  const text = `unexpected type name "${value.typeName}", expected "${path}", which matches field name path from root Object type`;
  return [text, ...below];
}
