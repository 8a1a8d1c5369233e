/**
 * What the expressions of a mutating policy come to, done to an object: a configuration that is merged as server-side apply
 * merges, or a list of JSON patch operations. Source: KEP-3962; texts of the API server's patchers.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { apiVersionOf } from '#shared/kubernetes/types.ts';
import { ApiError } from '../../../kube/index.ts';
import { childOf } from '../../apply/compare.ts';
import { mergeConfig } from '../../apply/merge.ts';
import { type SchemaNode, schemaOf } from '../../apply/schema.ts';
import { typeProblem } from '../../apply/typed.ts';
import { toJson } from '../../cel/json.ts';
import { Message, namingProblems } from '../../cel/messages.ts';
import { type CelValue, runtimeType } from '../../cel/values.ts';
import { isRecord } from '../../json.ts';
import { applyOperation, type PatchOperation } from '../../patch/json.ts';
import { fieldProblems } from '../../schemas.ts';
import { internalError } from '../../status.ts';
import type { KindDefinition } from '../../types.ts';

/** The policy cannot be applied to the object: a matter of its failurePolicy. */
export class PatchFailure extends Error {}

/** The object with the configuration merged into it; `kind` is that of the object. Throws PatchFailure. */
export function configured(kind: KindDefinition, object: KubeObject, value: CelValue): KubeObject {
  if (!(value instanceof Message))
    throw new PatchFailure(`unsupported return type from ApplyConfiguration expression: ${runtimeType(value)}`);
  checkNames(value, value.typeName);
  const config = { ...(jsonOf(value) as object), apiVersion: apiVersionOf(kind), kind: kind.kind };
  const schema = schemaOf(kind);
  const failed = (text: string) => new PatchFailure(`error applying patch: ${text}`);
  const problem = typeProblem(config, schema);
  if (problem !== null) throw failed(`failed to convert patch object to typed object: ${problem}`);
  const atomics = atomicsIn(config, schema, '');
  if (atomics.length > 0)
    throw failed(`invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`);
  const merged = mergeConfig(object, config, schema) as KubeObject;
  return decoded(kind, merged, (text) => new PatchFailure(text));
}

/** Lists, maps and structs that merge only as a whole: what the configuration leaves out of them would be lost. */
function atomicsIn(value: unknown, schema: SchemaNode, path: string): string[] {
  if (Array.isArray(value)) {
    if (schema.type === 'leaf' || schema.type === 'deduced') return [path];
    if (schema.type !== 'list') return [];
    return value.flatMap((item, index) => atomicsIn(item, schema.item, `${path}[${index}]`));
  }
  if (!isRecord(value)) return [];
  if (schema.type === 'leaf') return [path];
  return Object.entries(value).flatMap(([name, item]) => {
    const child = childOf(schema, name);
    return child === undefined ? [] : atomicsIn(item, child, `${path}.${name}`);
  });
}

/** The object after the operations; the same one when a `test` among them fails. Throws PatchFailure, ApiError 500. */
export function patched(kind: KindDefinition, object: KubeObject, value: CelValue): KubeObject {
  let document: unknown = object;
  for (const operation of operationsOf(value)) {
    const outcome = applyOperation(document, operation);
    if ('document' in outcome) document = outcome.document;
    else if (operation.op === 'test') return object;
    else throw new PatchFailure(`JSON Patch: ${outcome.problem}`);
  }
  return decoded(
    kind,
    document as KubeObject,
    (text) => internalError(text),
    (text) => internalError(`strict decoding error: ${text}`),
  );
}

function operationsOf(value: CelValue): PatchOperation[] {
  const mismatch = 'type mismatch: JSONPatchType.expression should evaluate to array';
  if (!Array.isArray(value)) throw new PatchFailure(mismatch);
  return value.map((item) => {
    if (!(item instanceof Message) || item.typeName !== 'JSONPatch')
      throw new PatchFailure(`${mismatch} of JSONPatch, got element of ${runtimeType(item)}`);
    const text = (name: string) => String(item.fields.get(name) ?? '');
    const operation: PatchOperation = { op: text('op'), path: text('path') };
    if (text('from') !== '') operation.from = text('from');
    const given = item.fields.get('value');
    if (given === undefined) return operation;
    if (given instanceof Message) checkNames(given, given.typeName);
    return { ...operation, value: jsonOf(given) };
  });
}

function checkNames(value: CelValue, root: string): void {
  const problems = namingProblems(value, root);
  if (problems.length > 0) throw new PatchFailure(`type mismatch: ${problems.join('\n')}`);
}

function jsonOf(value: CelValue): unknown {
  try {
    return toJson(value);
  } catch (error) {
    const text = `JSONPath valueExpression evaluated to a type that could not marshal to JSON: ${(error as Error).message}`;
    throw new PatchFailure(text);
  }
}

/** What a client may write the policy may write, too: fields that there are, with values that fit them. */
function decoded(
  kind: KindDefinition,
  object: KubeObject,
  failure: (text: string) => Error,
  unknown: (text: string) => Error = failure,
): KubeObject {
  const problems = kind.custom === undefined ? fieldProblems(kind, object, null) : [];
  if (problems.length > 0) throw unknown(problems.join(', '));
  try {
    kind.defaults?.(object);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw failure(error.message.replace(/^.*? cannot be handled as a [^:]*: /s, ''));
  }
  return object;
}
