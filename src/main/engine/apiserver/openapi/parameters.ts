/** Parameters of operations: those of every path, and the fields of options that can be given in a query. */
import { type Field, message, type Scalar } from './fields.ts';
import { textsOf } from './texts.ts';

export interface Parameter {
  name: string;
  in: 'query' | 'path';
  type: 'string' | 'integer' | 'boolean';
  description: string;
}

export const PRETTY: Parameter = {
  name: 'pretty',
  in: 'query',
  type: 'string',
  description:
    "If 'true', then the output is pretty printed. Defaults to 'false' unless the user-agent indicates a browser or command-line HTTP tool (curl and wget).",
};
export const NAMESPACE: Parameter = {
  name: 'namespace',
  in: 'path',
  type: 'string',
  description: 'object name and auth scope, such as for teams and projects',
};
export const PATH: Parameter = { name: 'path', in: 'path', type: 'string', description: 'path to the resource' };

export function nameParameter(kind: string): Parameter {
  return { name: 'name', in: 'path', type: 'string', description: `name of the ${kind}` };
}

const TYPES: Partial<Record<Scalar, Parameter['type']>> = {
  string: 'string',
  bool: 'boolean',
  int32: 'integer',
  int64: 'integer',
};

/** Fields of options by id (`meta.ListOptions`) that are no structures. Of a list one item can be given. */
export function optionParameters(id: string, without: readonly string[] = []): Parameter[] {
  const texts = textsOf(id);
  return (message(id)?.fields ?? []).flatMap((field) => {
    const type = typeOf(field);
    if (type === undefined || without.includes(field.name)) return [];
    return [{ name: field.name, in: 'query', type, description: texts[field.name] ?? '' }];
  });
}

function typeOf({ type }: Field): Parameter['type'] | undefined {
  const one = type.kind === 'list' ? type.of : type;
  return one.kind === 'scalar' ? TYPES[one.scalar] : undefined;
}
