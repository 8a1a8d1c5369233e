/**
 * OpenAPI documents: version 3 one per group version with an index, version 2 in one piece (JSON or protobuf).
 * Documents of built-in groups are shared by all servers of the process.
 */
import { createHash } from 'node:crypto';
import { apiVersionOf } from '#shared/kubernetes/types.ts';
import { type Document, documentOf, keptDocument } from '../documents.ts';
import type { KindDefinition, KindRegistry } from '../types.ts';
import { customSchemaName, customSchemas } from './custom.ts';
import { customRoutes } from './custom-routes.ts';
import { Definitions, type Dialect, type Schema, type Travelling } from './definitions.ts';
import { messageOfSchema } from './fields.ts';
import { encodeOpenApiV2, type OpenApiV2 } from './gnostic.ts';
import { jsonBytes, Members } from './members.ts';
import { pathItems } from './paths.ts';
import { plainRoute, resourcesRoute } from './plain-routes.ts';
import { META, type Route, routesOf } from './routes.ts';
import { SharedParameters } from './shared-parameters.ts';
import { CLIENT_VERSIONS, SERVER_VERSIONS } from './travelling.ts';

export { fieldAt, patchStrategyOf, unknownFields } from './schema.ts';

/** Asked for with `@v1.0`, which is no valid media type to answer with. */
const GNOSTIC = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
const INFO = { title: 'Kubernetes', version: '1.36' };
const CUSTOM_INFO = { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' };
const SECURITY = {
  BearerToken: { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' },
};
const CORE: Travelling = { group: '', version: 'v1' };
/** What the metadata of custom kinds and their lists refers to. */
const CUSTOM_NEEDS = [`${META}.ObjectMeta`, `${META}.ListMeta`];

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
      : documentOf('application/json', jsonBytes(document), etag);
  })!;
}

const PLAIN = ['.well-known/openid-configuration', 'api', 'apis', 'openid/v1/jwks', 'version'];

/** Documents of the index. */
function paths(registry: KindRegistry): Set<string> {
  const found = new Set(PLAIN);
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
  const { group = '', version = '' } = kinds[0] ?? {};
  const travelling = custom ? CLIENT_VERSIONS : [CORE, ...(group === '' ? [] : [{ group, version }])];
  const plain = custom ? [] : [kinds.length > 0 ? resourcesRoute(path) : plainRoute(path)];
  const { definitions, items } = build(kinds, 'v3', plain, travelling);
  const data = {
    openapi: '3.0.0',
    info: custom ? CUSTOM_INFO : INFO,
    paths: new Members(items),
    components: {
      ...(definitions.isEmpty ? {} : { schemas: new Members(definitions.made()) }),
      ...(custom ? {} : { securitySchemes: SECURITY }),
    },
  };
  const made = documentOf('application/json', jsonBytes(data), `"${hashOf(kinds, path)}"`);
  if (!custom) builtIn.set(path, made);
  return made;
}

function v2Document(registry: KindRegistry): OpenApiV2 {
  const own = registry.all().filter(({ custom }) => custom === undefined);
  const versions = [...new Set(own.map(pathOf))].map(resourcesRoute);
  const groups = [...paths(registry)].map(plainRoute);
  const { definitions, items } = build(registry.all(), 'v2', [...groups, ...versions], SERVER_VERSIONS);
  const parameters = new SharedParameters();
  return {
    swagger: '2.0',
    info: INFO,
    paths: new Members(parameters.without(items)),
    definitions: new Members(definitions.made()),
    parameters: new Members(parameters.section()),
    securityDefinitions: SECURITY,
    security: [{ BearerToken: [] }],
  };
}

/** Kinds that others answer for are described by those. */
function build(
  kinds: readonly KindDefinition[],
  dialect: Dialect,
  plain: readonly (Route | null)[],
  travelling: readonly Travelling[],
): { definitions: Definitions; items: Iterable<[string, Schema]> } {
  const definitions = new Definitions(dialect, travelling);
  const routes = plain.filter((route) => route !== null);
  for (const kind of kinds) {
    if (kind.custom !== undefined) {
      for (const [name, schema] of Object.entries(customSchemas(kind, dialect))) definitions.give(name, schema);
      for (const name of CUSTOM_NEEDS) definitions.add(name);
      routes.push(...customRoutes(kind, customSchemaName(kind)));
    } else if (kind.schema !== undefined && messageOfSchema(kind.schema) !== undefined)
      routes.push(...routesOf(kind, kind.schema));
  }
  for (const { body, answers } of routes)
    for (const type of [...(body === undefined ? [] : [body.type]), ...Object.values(answers)]) definitions.add(type);
  return { definitions, items: pathItems(routes, dialect) };
}
