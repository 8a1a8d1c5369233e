/** Request bodies: JSON, YAML or protobuf into one object, refused the way the real server words it. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { apiVersionOf } from '#shared/kubernetes/types.ts';
import { cloneJson, goTypeOf, isRecord, jsonProblem, namesProblem, parseJson, summary } from '../json.ts';
import { invalidValue } from '../kinds/validation/field.ts';
import { messageOfKind } from '../openapi/fields.ts';
import { timeProblem } from '../openapi/scalars.ts';
import { canonicalValue } from '../openapi/typed.ts';
import { decodeProtobuf } from '../schemas.ts';
import { badRequest, invalid, unsupportedMediaType } from '../status.ts';
import type { KindDefinition } from '../types.ts';
import { parseYaml, repeatedKeys } from '../yaml.ts';
import { yamlBytesProblem } from '../yaml-bytes.ts';
import type { ApiRequest } from './types.ts';

const ACCEPTED = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

/**
 * What was sent, decoded but not yet judged. For strict checks: `text` is the JSON text as far as there is one, `repeated`
 * what is given twice in YAML.
 */
export interface DecodedBody {
  value: unknown;
  text: string | null;
  repeated?: () => string[];
}

/** Throws 415 for what nothing here reads. */
export function refuseMediaType(request: ApiRequest): void {
  const type = mediaTypeOf(request);
  if (type !== '' && !ACCEPTED.includes(type)) throw unsupportedMediaType(ACCEPTED);
}

export function mediaTypeOf(request: ApiRequest): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

/**
 * Decodes by content type. `what` names the expected kind in refusals. `copies`: what comes out is read into new objects
 * before anything is changed.
 */
export function decodeBody(request: ApiRequest, what: string, copies = false): DecodedBody {
  const body = request.body;
  if (body !== null && 'value' in body)
    return { value: copies && body.lasting === true ? body.value : cloneJson(body.value), text: null };
  const bytes = body?.bytes ?? new Uint8Array();
  switch (mediaTypeOf(request)) {
    case '':
    case 'application/json':
      return decodeJson(bytes, what);
    case 'application/yaml':
      return decodeYaml(bytes, what);
    case 'application/vnd.kubernetes.protobuf':
      return { value: decodeProtobuf(bytes, what), text: null };
    default:
      throw unsupportedMediaType(ACCEPTED);
  }
}

function decodeJson(bytes: Uint8Array, what: string): DecodedBody {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  try {
    return { value: parseJson(text), text };
  } catch (error) {
    throw unrecognized(bytes, jsonProblem(bytes, error), what);
  }
}

function decodeYaml(bytes: Uint8Array, what: string): DecodedBody {
  const refused = (problem: string): Error =>
    badRequest(`the object provided is unrecognized (must be of type ${what}): ${problem} (${summary(bytes)})`);
  const problem = yamlBytesProblem(bytes);
  if (problem !== null) throw refused(problem);
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return { value: parseYaml(text), text: null, repeated: () => repeatedKeys(text) };
  } catch (error) {
    throw refused(error instanceof Error ? error.message : 'malformed');
  }
}

function unrecognized(sent: string | Uint8Array, problem: string, what: string): Error {
  return badRequest(
    `the object provided is unrecognized (must be of type ${what}): couldn't get version/kind; json parse error: ${problem} (${summary(sent)})`,
  );
}

/** The beginning of what was sent: as text where it looks like an object, else as bytes. */
/** The body as an object of the kind the path names; kind and apiVersion are filled in when left out. */
export function objectOf(decoded: DecodedBody, kind: KindDefinition, subresource = ''): KubeObject {
  const { value } = decoded;
  const apiVersion = apiVersionOf(kind);
  if (kind.custom !== undefined) checkCustom(decoded, kind, subresource);
  if (value === null && kind.custom === undefined) return objectOf({ value: {}, text: decoded.text }, kind);
  const unread = namesProblem(value, decoded.text === null);
  if (!isRecord(value) || unread !== null)
    throw unrecognized(decoded.text ?? JSON.stringify(value), unread ?? '', kind.kind);
  const given = { apiVersion: value.apiVersion ?? '', kind: value.kind ?? '' };
  if (given.apiVersion === '') given.apiVersion = apiVersion;
  if (given.kind === '' || kind.custom !== undefined) given.kind = kind.kind;
  if (given.apiVersion === 'v1' && UNVERSIONED.has(String(given.kind))) throw unconvertible(given, kind);
  if (given.apiVersion !== apiVersion && !isRegistered(String(given.apiVersion), String(given.kind)))
    throw badRequest(
      `${given.kind} in version "${String(given.apiVersion).split('/').at(-1)}" cannot be handled as a ${kind.kind}: no kind "${given.kind}" is registered for version "${given.apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    );
  if (given.apiVersion !== apiVersion && given.kind === kind.kind)
    throw badRequest(
      `the API version in the data (${given.apiVersion}) does not match the expected API version (${apiVersion})`,
    );
  if (given.kind !== kind.kind && !isRegistered(String(given.apiVersion), String(given.kind)))
    throw badRequest(
      `${given.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: no kind "${given.kind}" is registered for version "${given.apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    );
  if (given.kind !== kind.kind) {
    decodesAs(value, String(given.apiVersion), String(given.kind), kind);
    throw unconvertible(given, kind);
  }
  const { kind: _kind, apiVersion: _apiVersion, metadata: sent, ...rest } = value;
  const said = `${kind.kind} in version "${kind.version}"`;
  const metadata = refuseMetadata(sent, said, kind);
  // The server sets it anew, so nothing later would see that it is none.
  const problem = timeProblem(metadata?.creationTimestamp);
  if (problem !== null) throw badRequest(`${said} cannot be handled as a ${kind.kind}: ${problem}`);
  return { kind: kind.kind, apiVersion, metadata: { ...(metadata ?? {}) }, ...rest };
}

/** What is no object is no metadata; `said`: what was sent says that it is. Throws 400. */
function refuseMetadata(
  metadata: unknown,
  said: string,
  kind: KindDefinition,
): Record<string, unknown> | null | undefined {
  if (metadata === undefined || metadata === null || isRecord(metadata)) return metadata;
  const place = kind.custom === undefined ? `struct field ${kind.kind}.metadata` : 'value';
  throw badRequest(
    `${said} cannot be handled as a ${kind.kind}: json: cannot unmarshal ${goTypeOf(metadata)} into Go ${place} of type v1.ObjectMeta`,
  );
}

/** Kinds that every server knows without a version of theirs. */
const UNVERSIONED = new Set(['APIGroup', 'APIGroupList', 'APIResourceList', 'APIVersions', 'Status']);

function unconvertible(given: { apiVersion: unknown; kind: unknown }, kind: KindDefinition): Error {
  const [version] = String(given.apiVersion).split('/').slice(-1);
  const group = kind.group === '' ? 'core' : kind.group.split('.')[0];
  return badRequest(
    `${given.kind} in version "${version}" cannot be handled as a ${kind.kind}: converting (${version}.${given.kind}) to (${group}.${kind.kind}): unknown conversion`,
  );
}

/** Versions before the stable ones are known to the server, though nobody is served them. */
function isRegistered(apiVersion: string, kind: string): boolean {
  return messageOfKind(apiVersion, kind) !== undefined || /\/v\d+(alpha|beta)\d+$/.test(apiVersion);
}

/** Custom resources have to say what they are; objects of other kinds are read, and then refused as invalid. */
function checkCustom({ value, text }: DecodedBody, kind: KindDefinition, subresource: string): void {
  // Written only for who is refused.
  const sent = (): string => text ?? JSON.stringify(value);
  if (value === null) return;
  const problem = namesProblem(value);
  if (!isRecord(value) || problem !== null) throw unrecognized(sent(), problem ?? '', kind.kind);
  const apiVersion = apiVersionOf(kind);
  const given = value.kind ?? '';
  const version = value.apiVersion ?? '';
  if (given === '')
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind.kind}): Object 'Kind' is missing in '${sent()}' (${summary(sent())})`,
    );
  refuseMetadata(value.metadata, `${given} in version "${String(version).split('/').at(-1)}"`, kind);
  if (version !== apiVersion)
    throw badRequest(
      `the API version in the data (${version}) does not match the expected API version (${apiVersion})`,
    );
  // Of a status that is written nothing else is looked at.
  if (given === kind.kind || subresource === 'status') return;
  const name = isRecord(value.metadata) ? String(value.metadata.name ?? '') : '';
  throw invalid({ group: kind.group, kind: String(given) }, name, [
    invalidValue('kind', given, `must be ${kind.kind}`),
  ]);
}

/** An object that says it is of another kind is first decoded as such. Throws 400 for what that kind cannot hold. */
function decodesAs(value: Record<string, unknown>, apiVersion: string, given: string, kind: KindDefinition): void {
  const message = messageOfKind(apiVersion, given);
  if (message === undefined) return;
  try {
    canonicalValue(message.id, value);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    const version = apiVersion.split('/').at(-1);
    throw badRequest(`${given} in version "${version}" cannot be handled as a ${kind.kind}: ${problem}`);
  }
}
