/** serviceaccounts/token: issues a token for an account. Source: API reference, authentication.k8s.io/v1 TokenRequest. */
import { recordUpdate } from '../apply/managed.ts';
import { type BoundObject, ISSUER } from '../auth/tokens.ts';
import { type Core, timestamp } from '../core.ts';
import { isRecord } from '../json.ts';
import { parseWriteOptions } from '../request/options.ts';
import { type ApiAnswer, jsonAnswer } from '../request/types.ts';
import { badRequest, conflict, invalid, notFound } from '../status.ts';
import type { AdmissionRequest, KindDefinition } from '../types.ts';
import { mutate, validate } from './admit.ts';
import type { VerbContext } from './context.ts';
import { readBody } from './fields.ts';
import { readObject } from './read.ts';

const TOKEN_REQUEST: KindDefinition = {
  group: 'authentication.k8s.io',
  version: 'v1',
  resource: 'tokenrequests',
  kind: 'TokenRequest',
  listKind: 'TokenRequestList',
  singular: 'tokenrequest',
  namespaced: true,
  verbs: ['create'],
  shortNames: [],
  categories: [],
  subresources: [],
  generation: 'none',
  hasStatus: true,
  schema: 'io.k8s.api.authentication.v1.TokenRequest',
};
/** Kinds a token can be bound to. */
const BOUND: Record<string, string> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' };
const DEFAULT_SECONDS = 3600;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;

export async function requestToken(context: VerbContext): Promise<ApiAnswer> {
  const { core, kind, request, route, user, warnings, annotations } = context;
  const options = parseWriteOptions('CreateOptions', request.query, request.headers['user-agent']);
  const { fieldManager, dryRun } = options;
  const object = readBody(context, TOKEN_REQUEST, options);
  const asked: AdmissionRequest = {
    operation: 'CREATE',
    kind,
    subresource: 'token',
    objectKind: TOKEN_REQUEST,
    namespace: route.namespace,
    name: route.name,
    object,
    old: null,
    user,
    dryRun,
    fieldManager,
    notes: { warnings, annotations },
  };
  await mutate(core, asked);
  const account = readObject(context).object;
  await validate(core, asked);
  const sent = isRecord(object.spec) ? object.spec : {};
  const seconds = typeof sent.expirationSeconds === 'number' ? sent.expirationSeconds : DEFAULT_SECONDS;
  checkSeconds(seconds);
  const given = Array.isArray(sent.audiences) ? sent.audiences.map(String) : [];
  const audiences = given.length > 0 ? given : [ISSUER];
  object.spec = {
    audiences: Array.isArray(sent.audiences) ? given : null,
    expirationSeconds: seconds,
    boundObjectRef: sent.boundObjectRef ?? null,
  };
  recordUpdate(TOKEN_REQUEST, null, object, fieldManager, 'token');
  object.spec.audiences = audiences;
  const { name = '', namespace = '', uid = '' } = account.metadata;
  object.metadata = {
    name,
    namespace: route.namespace,
    uid,
    creationTimestamp: timestamp(),
    managedFields: object.metadata.managedFields,
  };
  const bound = boundObject(core, route.namespace, name, sent.boundObjectRef);
  const spec = { namespace, account: { name, uid }, audiences, seconds, bound };
  object.status = {
    token: dryRun ? '' : core.tokens.issue(spec),
    expirationTimestamp: timestamp(core.now() + seconds * 1000),
  };
  return jsonAnswer(object, 201);
}

/** What the token shall end with, as it is stored. Throws 404, 400 for what cannot be bound, 409 for another uid. */
function boundObject(core: Core, namespace: string, account: string, reference: unknown): BoundObject | undefined {
  if (!isRecord(reference)) return undefined;
  const { kind = '', apiVersion = '', name = '', uid = '' } = reference as Record<string, string>;
  const resource = apiVersion === 'v1' || apiVersion === '' ? BOUND[kind] : undefined;
  if (resource === undefined) {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
  }
  const key = kind === 'Node' ? name : `${namespace}/${name}`;
  const found = core.store.collection(`/${resource}`).items.get(key)?.object;
  if (found === undefined) throw notFound({ group: '', resource, kind }, name);
  const stored = found.metadata.uid ?? '';
  const owner = found.spec?.serviceAccountName ?? '';
  if (kind === 'Pod' && owner !== account)
    throw badRequest(
      `cannot bind token for serviceaccount "${account}" to pod running with different serviceaccount name.`,
    );
  if (uid !== '' && uid !== stored)
    throw conflict(
      { group: '', resource: kind, kind },
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  const object = { name, uid: stored };
  if (kind !== 'Pod') return { kind: kind as 'Secret' | 'Node', object };
  const node = core.store.collection('/nodes').items.get(found.spec?.nodeName ?? '')?.object.metadata;
  return {
    kind: 'Pod',
    object,
    ...(node === undefined ? {} : { node: { name: node.name ?? '', uid: node.uid ?? '' } }),
  };
}

function checkSeconds(seconds: number): void {
  const problem =
    seconds < MIN_SECONDS
      ? 'may not specify a duration less than 10 minutes'
      : seconds > MAX_SECONDS
        ? 'may not specify a duration larger than 2^32 seconds'
        : null;
  if (problem !== null)
    throw invalid(TOKEN_REQUEST, '', [
      { type: 'FieldValueInvalid', field: 'spec.expirationSeconds', message: `Invalid value: ${seconds}: ${problem}` },
    ]);
}
