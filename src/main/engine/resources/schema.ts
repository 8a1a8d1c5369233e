/**
 * The schema of one kind as its own cluster publishes it (OpenAPI v3, KEP-2896): the document of its group and version,
 * cut down to what the kind refers to. Documents are kept by their hash, which is part of their address, so that a fleet
 * of equal clusters is asked once.
 */
import type { KindSchema, SchemaNode } from '#shared/contract/resources.ts';
import { AppError } from '#shared/errors.ts';
import type { ResourceInfo } from '#shared/kubernetes/types.ts';
import type { KubeClient } from '../kube/index.ts';

type Dict = Record<string, unknown>;

const KEPT_DOCUMENTS = 24;
const MOST_SCHEMAS = 2_000;
const MOST_TEXT = 800;

export class SchemaCache {
  readonly #documents = new Map<string, Promise<Dict>>();

  async of(client: KubeClient, info: ResourceInfo): Promise<KindSchema> {
    const schemas = await this.#schemasOf(client, info);
    const root = Object.keys(schemas).find((name) => describes(schemas[name], info));
    if (root === undefined) throw noSchema(info);
    return cut(schemas, root);
  }

  async #schemasOf(client: KubeClient, { group, version }: ResourceInfo): Promise<Dict> {
    const index = await get(client, '/openapi/v3');
    const path = group === '' ? `api/${version}` : `apis/${group}/${version}`;
    const entry = dict(dict(index.paths)[path]).serverRelativeURL;
    if (typeof entry !== 'string') throw new AppError('UNSUPPORTED', `no OpenAPI document for ${path}`);
    const known = this.#documents.get(entry);
    const document = known ?? get(client, entry);
    this.#documents.delete(entry);
    this.#documents.set(entry, document);
    document.catch(() => this.#documents.delete(entry));
    const [oldest] = this.#documents.keys();
    if (this.#documents.size > KEPT_DOCUMENTS && oldest !== undefined) this.#documents.delete(oldest);
    return dict(dict((await document).components).schemas);
  }
}

async function get(client: KubeClient, address: string): Promise<Dict> {
  const [path = '', query = ''] = address.split('?');
  const response = await client.transport.request({
    method: 'GET',
    path,
    query: Object.fromEntries(new URLSearchParams(query)),
    headers: { accept: 'application/json' },
  });
  if (response.status >= 400) throw new AppError('UNSUPPORTED', `${path} answers ${response.status}`);
  // In-process answers come as the text they would be sent as.
  return dict(typeof response.body === 'string' ? JSON.parse(response.body) : response.body);
}

function describes(schema: unknown, { group, version, kind }: ResourceInfo): boolean {
  const kinds = dict(schema)['x-kubernetes-group-version-kind'];
  return (
    Array.isArray(kinds) &&
    kinds.some((each) => each?.group === group && each?.version === version && each?.kind === kind)
  );
}

/** The schemas that the root refers to, directly or not. */
function cut(all: Dict, root: string): KindSchema {
  const schemas: Record<string, SchemaNode> = {};
  const queue = [root];
  for (const name of queue) {
    if (schemas[name] !== undefined || Object.keys(schemas).length >= MOST_SCHEMAS) continue;
    schemas[name] = nodeOf(all[name], (reference) => queue.push(reference), 0);
  }
  return { root, schemas };
}

function nodeOf(value: unknown, refer: (name: string) => unknown, depth: number): SchemaNode {
  const schema = dict(value);
  const node: SchemaNode = {};
  if (depth > 30) return node;
  const all = Array.isArray(schema.allOf) ? schema.allOf : [];
  const reference = schema.$ref ?? dict(all[0]).$ref;
  if (typeof reference === 'string') {
    node.ref = reference.replace('#/components/schemas/', '');
    refer(node.ref);
  }
  if (typeof schema.description === 'string') node.description = schema.description.slice(0, MOST_TEXT);
  if (schema['x-kubernetes-int-or-string'] === true || Array.isArray(schema.oneOf)) node.type = 'any';
  else if (typeof schema.type === 'string') node.type = schema.type;
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) node.open = true;
  if (Array.isArray(schema.enum)) node.values = schema.enum.filter((each) => typeof each === 'string');
  if (Array.isArray(schema.required)) node.required = schema.required.filter((each) => typeof each === 'string');
  if (schema.properties !== undefined)
    node.properties = Object.fromEntries(
      Object.entries(dict(schema.properties)).map(([name, each]) => [name, nodeOf(each, refer, depth + 1)]),
    );
  if (schema.items !== undefined) node.items = nodeOf(schema.items, refer, depth + 1);
  if (typeof schema.additionalProperties === 'object' && schema.additionalProperties !== null)
    node.entries = nodeOf(schema.additionalProperties, refer, depth + 1);
  return node;
}

function dict(value: unknown): Dict {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Dict) : {};
}

function noSchema({ kind, group, version }: ResourceInfo): AppError {
  return new AppError('UNSUPPORTED', `the cluster publishes no schema of ${kind} (${group}/${version})`, {
    params: { kind },
  });
}
