/**
 * What every built-in type consists of: field names, protobuf numbers, types, merge keys. One compact table per group in
 * fields/, read on demand, shared by all servers of the process. Protobuf decoding, OpenAPI, strict decoding, patches and
 * server-side apply all hang on it.
 *
 * Notation, one type per line: `[@]Name[~]|field|field...`. `@` is a kind (has apiVersion and kind), `~` an atomic struct.
 * A field is `name number type flags`: `[]T` list, `map:T` map of strings to T, `*` optional (pointer), `ns.T` a type of
 * another table. Flags: `?` left out when empty, `z` left out when zero, `!` required, `m[=key]` patch strategy merge,
 * `t=Name` the declared name of its text, number or map, `r` retainKeys, `s` replace, `k` an empty list is told from none, `l=a,b` list map keys, `l=:set` or `l=:atomic` list type, `a` atomic, `g` granular, `d=json` default.
 * `type number ^` is a type whose fields appear in place (embedded).
 */
import { apps } from './fields/apps.ts';
import { autoscalingv1, autoscalingv2 } from './fields/autoscaling.ts';
import { batch } from './fields/batch.ts';
import { coordination, discovery, events, node, scheduling } from './fields/cluster.ts';
import { core } from './fields/core.ts';
import {
  admission,
  admissionregistration,
  apiextensions,
  apiregistration,
  flowcontrol,
  resource,
} from './fields/extension.ts';
import { authentication, authorization, certificates } from './fields/identity.ts';
import { meta, version } from './fields/meta.ts';
import { networking } from './fields/networking.ts';
import { policy } from './fields/policy.ts';
import { rbac } from './fields/rbac.ts';
import { storage } from './fields/storage.ts';

export type Scalar =
  | 'string'
  | 'bool'
  | 'int32'
  | 'int64'
  | 'double'
  | 'bytes'
  | 'Quantity'
  | 'IntOrString'
  | 'Time'
  | 'MicroTime'
  | 'Duration'
  | 'RawExtension'
  | 'FieldsV1'
  | 'JSON'
  | 'strings'
  | 'SchemaOrBool'
  | 'SchemaOrArray'
  | 'SchemaOrStrings';

export type TypeRef =
  | { kind: 'scalar'; scalar: Scalar }
  /** `granular`: owned field by field although the type is atomic elsewhere. */
  | { kind: 'message'; id: string; granular?: boolean }
  | { kind: 'list'; of: TypeRef }
  | { kind: 'map'; of: TypeRef };

export interface Field {
  name: string;
  number: number;
  type: TypeRef;
  pointer: boolean;
  omitEmpty: boolean;
  omitZero: boolean;
  /** Kept until it is judged, although nobody would write it. */
  keepsEmpty?: boolean;
  required: boolean;
  /** `merge`, `retainKeys`. */
  strategies: string[];
  mergeKey?: string;
  listType?: 'map' | 'set' | 'atomic';
  listKeys?: string[];
  atomic: boolean;
  /** Owned field by field, and said to be. */
  granular?: boolean;
  default?: unknown;
  /** Declared name of its text, number or map, as messages of the decoder name it: `Protocol`, `types.UID`. */
  goType?: string;
  /** Embedded types that it comes by, from the outside in. */
  via?: string[];
}

export interface Message {
  /** `core.PodSpec`. */
  id: string;
  name: string;
  /** OpenAPI definition name: `io.k8s.api.core.v1.PodSpec`. */
  schema: string;
  isKind: boolean;
  atomic: boolean;
  /** Fields as JSON has them: embedded types spread out, in declaration order. */
  fields: Field[];
  byName: Map<string, Field>;
  /** Protobuf: own fields, and embedded types by their number. */
  byNumber: Map<number, Field | { embedded: string }>;
}

interface Table {
  prefix: string;
  apiVersion: string;
  text: string;
  lines?: Map<string, string>;
}

const tables: Record<string, Table> = {
  meta: { prefix: 'io.k8s.apimachinery.pkg.apis.meta.v1', apiVersion: 'meta.k8s.io/v1', text: meta },
  version: { prefix: 'io.k8s.apimachinery.pkg.version', apiVersion: '', text: version },
  core: { prefix: 'io.k8s.api.core.v1', apiVersion: 'v1', text: core },
  apps: { prefix: 'io.k8s.api.apps.v1', apiVersion: 'apps/v1', text: apps },
  batch: { prefix: 'io.k8s.api.batch.v1', apiVersion: 'batch/v1', text: batch },
  autoscalingv1: { prefix: 'io.k8s.api.autoscaling.v1', apiVersion: 'autoscaling/v1', text: autoscalingv1 },
  autoscalingv2: { prefix: 'io.k8s.api.autoscaling.v2', apiVersion: 'autoscaling/v2', text: autoscalingv2 },
  policy: { prefix: 'io.k8s.api.policy.v1', apiVersion: 'policy/v1', text: policy },
  networking: { prefix: 'io.k8s.api.networking.v1', apiVersion: 'networking.k8s.io/v1', text: networking },
  storage: { prefix: 'io.k8s.api.storage.v1', apiVersion: 'storage.k8s.io/v1', text: storage },
  rbac: { prefix: 'io.k8s.api.rbac.v1', apiVersion: 'rbac.authorization.k8s.io/v1', text: rbac },
  coordination: { prefix: 'io.k8s.api.coordination.v1', apiVersion: 'coordination.k8s.io/v1', text: coordination },
  events: { prefix: 'io.k8s.api.events.v1', apiVersion: 'events.k8s.io/v1', text: events },
  discovery: { prefix: 'io.k8s.api.discovery.v1', apiVersion: 'discovery.k8s.io/v1', text: discovery },
  scheduling: { prefix: 'io.k8s.api.scheduling.v1', apiVersion: 'scheduling.k8s.io/v1', text: scheduling },
  node: { prefix: 'io.k8s.api.node.v1', apiVersion: 'node.k8s.io/v1', text: node },
  authentication: {
    prefix: 'io.k8s.api.authentication.v1',
    apiVersion: 'authentication.k8s.io/v1',
    text: authentication,
  },
  authorization: { prefix: 'io.k8s.api.authorization.v1', apiVersion: 'authorization.k8s.io/v1', text: authorization },
  certificates: { prefix: 'io.k8s.api.certificates.v1', apiVersion: 'certificates.k8s.io/v1', text: certificates },
  admission: { prefix: 'io.k8s.api.admission.v1', apiVersion: 'admission.k8s.io/v1', text: admission },
  admissionregistration: {
    prefix: 'io.k8s.api.admissionregistration.v1',
    apiVersion: 'admissionregistration.k8s.io/v1',
    text: admissionregistration,
  },
  flowcontrol: {
    prefix: 'io.k8s.api.flowcontrol.v1',
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    text: flowcontrol,
  },
  resource: { prefix: 'io.k8s.api.resource.v1', apiVersion: 'resource.k8s.io/v1', text: resource },
  apiextensions: {
    prefix: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
    apiVersion: 'apiextensions.k8s.io/v1',
    text: apiextensions,
  },
  apiregistration: {
    prefix: 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1',
    apiVersion: 'apiregistration.k8s.io/v1',
    text: apiregistration,
  },
};

const SCALARS = new Set<string>([
  'string',
  'bool',
  'int32',
  'int64',
  'double',
  'bytes',
  'Quantity',
  'IntOrString',
  'Time',
  'MicroTime',
  'Duration',
  'RawExtension',
  'FieldsV1',
  'JSON',
  'strings',
  'SchemaOrBool',
  'SchemaOrArray',
  'SchemaOrStrings',
] satisfies Scalar[]);

const cache = new Map<string, Message | null>();
const bySchema = new Map<string, Message | null>();

/** Type by id (`core.PodSpec`), or undefined. */
export function message(id: string): Message | undefined {
  let found = cache.get(id);
  if (found === undefined) {
    found = load(id);
    cache.set(id, found);
  }
  return found ?? undefined;
}

/** Type by OpenAPI definition name (`io.k8s.api.core.v1.PodSpec`). */
export function messageOfSchema(schema: string | undefined): Message | undefined {
  if (schema === undefined) return undefined;
  let found = bySchema.get(schema);
  if (found === undefined) {
    const at = schema.lastIndexOf('.');
    const space = spaceOf(schema.slice(0, at));
    found = (space === undefined ? undefined : message(`${space}.${schema.slice(at + 1)}`)) ?? null;
    bySchema.set(schema, found);
  }
  return found ?? undefined;
}

/** Options that every group version knows by the same name. */
const OPTIONS = new Set([
  'CreateOptions',
  'DeleteOptions',
  'GetOptions',
  'ListOptions',
  'PatchOptions',
  'UpdateOptions',
]);

/** Whether there are built-in kinds of the version. */
export function isBuiltIn(apiVersion: string): boolean {
  return Object.values(tables).some((table) => table?.apiVersion === apiVersion);
}

/** Type of a kind as the body of a request names it. */
export function messageOfKind(apiVersion: string, kind: string): Message | undefined {
  if (OPTIONS.has(kind)) return message(`meta.${kind}`);
  const space = Object.keys(tables).find((name) => tables[name]?.apiVersion === apiVersion);
  const found = space === undefined ? undefined : message(`${space}.${kind}`);
  return found?.isKind === true ? found : undefined;
}

/** Id of what is called by an OpenAPI definition name, type or not: `core.PodList`; `common.` and the name outside of all tables. */
export function idOfSchema(schema: string): string {
  const at = schema.lastIndexOf('.');
  const space = spaceOf(schema.slice(0, at));
  return space === undefined ? `common.${schema}` : `${space}${schema.slice(at)}`;
}

/** Group version that a type belongs to. */
export function apiVersionOfType(id: string): string {
  return tables[id.slice(0, id.indexOf('.'))]?.apiVersion ?? '';
}

let spaces: Map<string, string> | undefined;
function spaceOf(prefix: string): string | undefined {
  spaces ??= new Map(Object.entries(tables).map(([name, table]) => [table.prefix, name]));
  return spaces.get(prefix);
}

/** Ids of all types of the table that `id` belongs to, in order of declaration. */
export function siblings(space: string): string[] {
  return [...linesOf(tables[space]).keys()].map((name) => `${space}.${name}`);
}

function linesOf(table: Table | undefined): Map<string, string> {
  if (table === undefined) return new Map();
  if (table.lines === undefined) {
    const lines = table.text.split('\n').filter((line) => line !== '');
    table.lines = new Map(lines.map((line) => [line.slice(0, line.indexOf('|')).replace(/[@~]/g, ''), line]));
  }
  return table.lines;
}

function load(id: string): Message | null {
  const dot = id.indexOf('.');
  const space = id.slice(0, dot);
  const name = id.slice(dot + 1);
  const table = tables[space];
  const line = linesOf(table).get(name);
  if (table === undefined || line === undefined) return null;
  const [head = '', ...parts] = line.split('|');
  const found: Message = {
    id,
    name,
    schema: `${table.prefix}.${name}`,
    isKind: head.startsWith('@'),
    atomic: head.endsWith('~'),
    fields: [],
    byName: new Map(),
    byNumber: new Map(),
  };
  for (const part of parts) {
    if (part === '') continue;
    const words = part.split(' ');
    if (words.at(-1) === '^') {
      const embedded = qualify(words[0] ?? '', space);
      found.byNumber.set(Number(words[1]), { embedded });
      const step = embedded.slice(embedded.indexOf('.') + 1);
      for (const field of message(embedded)?.fields ?? [])
        found.fields.push({ ...field, via: [step, ...(field.via ?? [])] });
      continue;
    }
    const field = parseField(words, space);
    found.fields.push(field);
    found.byNumber.set(field.number, field);
  }
  found.byName = new Map(found.fields.map((field) => [field.name, field]));
  return found;
}

function parseField([name = '', number = '', type = '', ...flags]: string[], space: string): Field {
  const pointer = type.startsWith('*');
  const field: Field = {
    name,
    number: Number(number),
    type: parseType(pointer ? type.slice(1) : type, space),
    pointer,
    omitEmpty: flags.includes('?'),
    omitZero: flags.includes('z'),
    required: flags.includes('!'),
    strategies: [],
    atomic: flags.includes('a'),
  };
  if (flags.includes('k')) field.keepsEmpty = true;
  if (flags.includes('g')) field.granular = true;
  if (field.granular && field.type.kind === 'message') field.type.granular = true;
  for (const flag of flags) {
    if (flag === 'm' || flag.startsWith('m=')) field.strategies.push('merge');
    if (flag.startsWith('m=')) field.mergeKey = flag.slice(2);
    if (flag === 'r') field.strategies.push('retainKeys');
    if (flag === 's') field.strategies.push('replace');
    if (flag.startsWith('d=')) field.default = JSON.parse(flag.slice(2));
    if (flag.startsWith('t=')) field.goType = flag.slice(2);
    if (!flag.startsWith('l=')) continue;
    if (flag === 'l=:set' || flag === 'l=:atomic') field.listType = flag === 'l=:set' ? 'set' : 'atomic';
    else {
      field.listType = 'map';
      field.listKeys = flag.slice(2).split(',');
    }
  }
  return field;
}

function parseType(text: string, space: string): TypeRef {
  if (text.startsWith('[]')) return { kind: 'list', of: parseType(text.slice(2), space) };
  if (text.startsWith('map:')) return { kind: 'map', of: parseType(text.slice(4), space) };
  if (SCALARS.has(text)) return { kind: 'scalar', scalar: text as Scalar };
  return { kind: 'message', id: qualify(text, space) };
}

function qualify(name: string, space: string): string {
  return name.includes('.') ? name : `${space}.${name}`;
}
