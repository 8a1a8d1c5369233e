/**
 * The OpenAPI v2 document in protobuf, the only form kubectl 1.28 and older fetch it in
 * (`application/com.github.proto-openapi.spec.v2@v1.0+protobuf`). Source: field numbers of the openapi.v2 message set.
 */
import { ProtoWriter } from '../protobuf/writer.ts';
import type { Schema } from './definitions.ts';

/** Field numbers of the three parameter messages we emit: they differ only in what we leave out. */
const QUERY = { required: 1, in: 2, description: 3, name: 4, type: 6, format: 7, unique: 20 };
const PATH = { required: 1, in: 2, description: 3, name: 4, type: 5, format: 6, unique: 19 };

export function encodeOpenApiV2(document: Schema): Uint8Array {
  const out = new ProtoWriter();
  out.string(1, '2.0');
  const info = document.info as { title: string; version: string };
  out.message(2, (part) => part.string(1, info.title).string(2, info.version));
  out.message(8, (part) => {
    for (const [path, item] of Object.entries(document.paths as Record<string, Schema>))
      part.message(2, (entry) => entry.string(1, path).message(2, (value) => pathItem(value, item)));
  });
  out.message(9, (part) => {
    for (const [name, schema] of Object.entries(document.definitions as Record<string, Schema>))
      part.message(1, (entry) => entry.string(1, name).message(2, (value) => schemaOf(value, schema)));
  });
  return out.finish();
}

const METHODS: [string, number][] = [
  ['get', 2],
  ['put', 3],
  ['post', 4],
  ['delete', 5],
  ['patch', 8],
];

function pathItem(out: ProtoWriter, item: Schema): void {
  for (const [method, number] of METHODS) {
    const given = item[method];
    if (given !== undefined) out.message(number, (part) => operation(part, given as Schema));
  }
  for (const parameter of (item.parameters ?? []) as Schema[])
    out.message(9, (part) => part.message(1, (value) => parameterOf(value, parameter)));
}

function operation(out: ProtoWriter, item: Schema): void {
  for (const tag of (item.tags ?? []) as string[]) out.string(1, tag);
  for (const type of (item.consumes ?? []) as string[]) out.string(7, type);
  for (const parameter of (item.parameters ?? []) as Schema[])
    out.message(8, (part) => part.message(1, (value) => parameterOf(value, parameter)));
  out.message(9, (responses) => {
    for (const [code, response] of Object.entries(item.responses as Record<string, Schema>))
      responses.message(1, (entry) =>
        entry.string(1, code).message(2, (value) =>
          value.message(1, (answer) => {
            answer.string(1, String(response.description ?? ''));
            const schema = response.schema;
            if (schema !== undefined)
              answer.message(2, (choice) => choice.message(1, (part) => schemaOf(part, schema as Schema)));
          }),
        ),
      );
  });
  extensions(out, 13, item);
}

function parameterOf(out: ProtoWriter, parameter: Schema): void {
  if (parameter.in === 'body') {
    out.message(1, (body) => {
      body.string(2, String(parameter.name)).string(3, 'body').bool(4, true);
      body.message(5, (schema) => schemaOf(schema, parameter.schema as Schema));
    });
    return;
  }
  const inPath = parameter.in === 'path';
  const numbers = inPath ? PATH : QUERY;
  out.message(2, (choice) =>
    choice.message(inPath ? 4 : 3, (value) => {
      if (parameter.required === true) value.bool(numbers.required, true);
      value.string(numbers.in, String(parameter.in)).string(numbers.name, String(parameter.name));
      value.string(numbers.type, String(parameter.type)).bool(numbers.unique, true);
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
    out.message(25, (properties) => {
      for (const [name, value] of Object.entries(schema.properties as Record<string, Schema>))
        properties.message(1, (entry) => entry.string(1, name).message(2, (part) => schemaOf(part, value)));
    });
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
