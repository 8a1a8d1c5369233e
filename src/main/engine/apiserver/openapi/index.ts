/**
 * OpenAPI documents: version 3 one per group version with an index, version 2 in one piece (JSON or protobuf).
 * Documents of built-in groups are shared by all servers of the process.
 */
import { createHash } from 'node:crypto';
import { apiVersionOf } from '#shared/kubernetes/types.ts';
import { type Document, documentOf, keptDocument } from '../documents.ts';
import type { KindDefinition, KindRegistry } from '../types.ts';
import { customSchemaName, customSchemas } from './custom.ts';
import { Definitions, type Dialect, type Schema } from './definitions.ts';
import { messageOfSchema } from './fields.ts';
import { encodeOpenApiV2 } from './gnostic.ts';
import { addPaths } from './operations.ts';

export { fieldAt, patchStrategyOf, unknownFields } from './schema.ts';

/** Asked for with `@v1.0`, which is no valid media type to answer with. */
const GNOSTIC = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
const INFO = { title: 'Kubernetes', version: 'v1.36.0' };

const builtIn = new Map<string, Document>();

/** `/openapi/v3` or empty: the index. `/openapi/v3/apis/apps/v1` or `apis/apps/v1`: one document. Null: not served. */
export function openApiV3(registry: KindRegistry, path: string): Document | null {
  const wanted = path.replace(/^\/?(openapi\/v3)?\/?/, '').replace(/\/$/, '');
  return keptDocument(registry, `openapi/v3/${wanted}`, () => {
    if (wanted === '') return index(registry);
    return paths(registry).has(wanted) ? groupDocument(registry, wanted) : null;
  });
}

/** Everything in one document; in protobuf when `accept` asks for that form. */
export function openApiV2(registry: KindRegistry, accept = ''): Document {
  const proto = accept.includes('proto-openapi.spec.v2');
  return keptDocument(registry, proto ? 'openapi/v2 protobuf' : 'openapi/v2', () => {
    const etag = `"${hashOf(registry.all(), 'v2')}"`;
    const document = v2Document(registry);
    return proto
      ? documentOf(GNOSTIC, encodeOpenApiV2(document), etag)
      : documentOf('application/json', JSON.stringify(document), etag);
  })!;
}

/** Documents of the index; those of groups have no operations of ours but clients expect them named. */
function paths(registry: KindRegistry): Set<string> {
  const found = new Set(['.well-known/openid-configuration', 'api', 'apis', 'openid/v1/jwks', 'version']);
  for (const kind of registry.all()) {
    found.add(pathOf(kind));
    if (kind.group !== '' && kind.custom === undefined) found.add(`apis/${kind.group}`);
  }
  return found;
}

function pathOf(kind: KindDefinition): string {
  return kind.group === '' ? `api/${kind.version}` : `apis/${apiVersionOf(kind)}`;
}

function kindsAt(registry: KindRegistry, path: string): KindDefinition[] {
  return registry.all().filter((kind) => pathOf(kind) === path);
}

/** Changes with what the document says, without building it. */
function hashOf(kinds: readonly KindDefinition[], path: string): string {
  const hash = createHash('sha256').update(`${INFO.version} ${path}`);
  for (const kind of kinds) {
    hash.update(`${kind.kind} ${kind.subresources.join()} `);
    if (kind.custom !== undefined) hash.update(JSON.stringify(kind.custom.crd.spec));
  }
  return hash.digest('hex').toUpperCase();
}

function index(registry: KindRegistry): Document {
  const entries = [...paths(registry)].sort().map((path) => {
    const hash = hashOf(kindsAt(registry, path), path);
    return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }];
  });
  const data = JSON.stringify({ paths: Object.fromEntries(entries) });
  const etag = `"${createHash('sha256').update(data).digest('hex').toUpperCase()}"`;
  return documentOf('text/plain; charset=utf-8', data, etag);
}

function groupDocument(registry: KindRegistry, path: string): Document {
  const kinds = kindsAt(registry, path);
  const custom = kinds.some((kind) => kind.custom !== undefined);
  const shared = custom ? undefined : builtIn.get(path);
  if (shared !== undefined) return shared;
  const { schemas, paths: operations } = build(kinds, 'v3');
  const data = {
    openapi: '3.0.0',
    info: { title: INFO.title, version: INFO.version },
    paths: operations,
    components: { schemas },
  };
  const made = documentOf('application/json', JSON.stringify(data), `"${hashOf(kinds, path)}"`);
  if (!custom) builtIn.set(path, made);
  return made;
}

function v2Document(registry: KindRegistry): Schema {
  const { schemas, paths: operations } = build(registry.all(), 'v2');
  return { swagger: '2.0', info: INFO, paths: operations, definitions: schemas };
}

function build(
  kinds: readonly KindDefinition[],
  dialect: Dialect,
): { schemas: Record<string, Schema>; paths: Record<string, Schema> } {
  const definitions = new Definitions(dialect);
  const operations: Record<string, Schema> = {};
  for (const id of ['meta.DeleteOptions', 'meta.Status', 'meta.ListMeta', 'meta.ObjectMeta']) definitions.add(id);
  for (const kind of kinds) {
    if (kind.custom !== undefined) {
      Object.assign(definitions.schemas, customSchemas(kind, dialect));
      const name = customSchemaName(kind);
      addPaths(operations, kind, { object: name, list: `${name}List` }, dialect);
      if (kind.subresources.includes('scale')) definitions.add('autoscalingv1.Scale');
      continue;
    }
    const type = messageOfSchema(kind.schema);
    if (type === undefined) continue;
    const object = definitions.add(type.id);
    const list = kind.verbs.includes('list') ? definitions.addList(type) : object;
    addPaths(operations, kind, { object, list }, dialect);
    if (kind.subresources.includes('scale')) definitions.add('autoscalingv1.Scale');
    if (kind.subresources.includes('eviction')) definitions.add('policy.Eviction');
    if (kind.subresources.includes('token')) definitions.add('authentication.TokenRequest');
  }
  return { schemas: definitions.schemas, paths: operations };
}
