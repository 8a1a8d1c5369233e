/**
 * The OpenAPI v2 document in protobuf, the only form kubectl 1.28 and older fetch it in
 * (`application/com.github.proto-openapi.spec.v2@v1.0+protobuf`). Source: field numbers of the openapi.v2 message set.
 */
import { ProtoWriter } from '../protobuf/writer.ts';
import type { Schema } from './definitions.ts';
import { Members } from './members.ts';

/** Field numbers of the two parameter messages we emit. */
const QUERY = { required: 1, in: 2, description: 3, name: 4, type: 6, unique: 20 };
const PATH = { required: 1, in: 2, description: 3, name: 4, type: 5, unique: 19 };

/** A document of version 2. What its members are made of is there in this order. */
export type OpenApiV2 = {
  swagger: string;
  info: { title: string; version: string };
  paths: Members;
  definitions: Members;
  parameters: Members;
  securityDefinitions: Record<string, Schema>;
  security: Schema[];
};

export function encodeOpenApiV2(document: OpenApiV2): Uint8Array {
  const out = new ProtoWriter();
  out.string(1, document.swagger);
  out.message(2, (part) => part.string(1, document.info.title).string(2, document.info.version));
  out.message(8, (part) => named(part, 2, document.paths, pathItem));
  out.message(9, (part) => named(part, 1, document.definitions, schemaOf));
  out.message(10, (part) => named(part, 1, document.parameters, parameterOf));
  for (const requirement of document.security) out.message(12, (part) => named(part, 1, requirement, () => {}));
  out.message(13, (part) => named(part, 1, document.securityDefinitions, securityOf));
  return out.finish();
}

/** Entries of a map as messages of name and value. */
function named(out: ProtoWriter, number: number, map: unknown, fill: (part: ProtoWriter, value: Schema) => void): void {
  const entries = map instanceof Members ? map.entries : Object.entries(map as Record<string, unknown>);
  for (const [name, value] of entries)
    out.message(number, (entry) => entry.string(1, name).message(2, (part) => fill(part, value as Schema)));
}

function securityOf(out: ProtoWriter, { type, name, in: place, description }: Schema): void {
  out.message(2, (key) => {
    for (const [index, text] of [type, name, place, description].entries()) key.string(index + 1, String(text));
  });
}

const METHODS: [string, number][] = [
  ['get', 2],
  ['put', 3],
  ['post', 4],
  ['delete', 5],
  ['options', 6],
  ['head', 7],
  ['patch', 8],
];

function pathItem(out: ProtoWriter, item: Schema): void {
  for (const [method, number] of METHODS) {
    const given = item[method];
    if (given !== undefined) out.message(number, (part) => operation(part, given as Schema));
  }
  parametersOf(out, 9, item);
}

function operation(out: ProtoWriter, item: Schema): void {
  const texts = (number: number, list: unknown): void => {
    for (const text of (list ?? []) as string[]) out.string(number, text);
  };
  texts(1, item.tags);
  out.string(3, String(item.description)).string(5, String(item.operationId));
  texts(6, item.produces);
  texts(7, item.consumes);
  parametersOf(out, 8, item);
  out.message(9, (responses) => named(responses, 1, item.responses, responseOf));
  texts(10, item.schemes);
  extensions(out, 13, item);
}

function responseOf(out: ProtoWriter, { description, schema }: Schema): void {
  out.message(1, (answer) => {
    answer.string(1, String(description));
    if (schema !== undefined)
      answer.message(2, (choice) => choice.message(1, (part) => schemaOf(part, schema as Schema)));
  });
}

function parametersOf(out: ProtoWriter, number: number, holder: Schema): void {
  for (const parameter of (holder.parameters ?? []) as Schema[])
    out.message(number, (part) => {
      if (typeof parameter.$ref === 'string')
        part.message(2, (reference) => reference.string(1, String(parameter.$ref)));
      else part.message(1, (value) => parameterOf(value, parameter));
    });
}

function parameterOf(out: ProtoWriter, parameter: Schema): void {
  if (parameter.in === 'body') {
    out.message(1, (body) => {
      body.string(2, String(parameter.name)).string(3, 'body');
      if (parameter.required === true) body.bool(4, true);
      body.message(5, (schema) => schemaOf(schema, parameter.schema as Schema));
    });
    return;
  }
  const inPath = parameter.in === 'path';
  const numbers = inPath ? PATH : QUERY;
  out.message(2, (choice) =>
    choice.message(inPath ? 4 : 3, (value) => {
      if (parameter.required === true) value.bool(numbers.required, true);
      value.string(numbers.in, String(parameter.in)).string(numbers.description, String(parameter.description));
      value.string(numbers.name, String(parameter.name)).string(numbers.type, String(parameter.type));
      value.bool(numbers.unique, true);
    }),
  );
}

function schemaOf(out: ProtoWriter, schema: Schema): void {
  if (typeof schema.$ref === 'string') out.string(1, schema.$ref);
  if (typeof schema.format === 'string') out.string(2, schema.format);
  if (typeof schema.description === 'string') out.string(4, schema.description);
  if (schema.default !== undefined) out.message(5, (any) => any.string(2, yaml(schema.default)));
  if (typeof schema.pattern === 'string') out.string(13, schema.pattern);
  for (const name of (schema.required ?? []) as string[]) out.string(19, name);
  for (const value of (schema.enum ?? []) as unknown[]) out.message(20, (any) => any.string(2, yaml(value)));
  if (schema.additionalProperties === true) out.message(21, (item) => item.bool(2, true));
  else if (typeof schema.additionalProperties === 'object')
    out.message(21, (item) => item.message(1, (part) => schemaOf(part, schema.additionalProperties as Schema)));
  if (typeof schema.type === 'string') out.message(22, (item) => item.string(1, String(schema.type)));
  if (typeof schema.items === 'object')
    out.message(23, (item) => item.message(1, (part) => schemaOf(part, schema.items as Schema)));
  if (typeof schema.properties === 'object')
    out.message(25, (properties) => named(properties, 1, schema.properties, schemaOf));
  extensions(out, 31, schema);
}

function extensions(out: ProtoWriter, number: number, item: Schema): void {
  for (const [name, value] of Object.entries(item)) {
    if (!name.startsWith('x-')) continue;
    out.message(number, (entry) => entry.string(1, name).message(2, (any) => any.string(2, yaml(value))));
  }
}

/** JSON is YAML; readers want a newline at the end. */
function yaml(value: unknown): string {
  return `${typeof value === 'string' && /^[A-Za-z][\w,-]*$/.test(value) ? value : JSON.stringify(value)}\n`;
}
