/** serviceaccounts/token: issues a token for an account. Source: API reference, authentication.k8s.io/v1 TokenRequest. */
import type { ObjectMeta } from '#shared/kubernetes/types.ts';
import { type BoundObject, ISSUER } from '../auth/tokens.ts';
import { type Core, timestamp } from '../core.ts';
import { isRecord } from '../json.ts';
import { presentAction } from '../request/present.ts';
import type { ApiAnswer } from '../request/types.ts';
import { badRequest, conflict, invalid, notFound } from '../status.ts';
import { actionKind, readAction } from './action.ts';
import type { VerbContext } from './context.ts';
import { readObject } from './read.ts';

const TOKEN_REQUEST = actionKind(
  'authentication.k8s.io',
  'TokenRequest',
  'io.k8s.api.authentication.v1.TokenRequest',
  (object) => {
    object.spec = { ...object.spec, expirationSeconds: object.spec?.expirationSeconds ?? DEFAULT_SECONDS };
  },
);
/** Kinds a token can be bound to. */
const BOUND: Record<string, string> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' };
const DEFAULT_SECONDS = 3600;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;

export async function requestToken(context: VerbContext): Promise<ApiAnswer> {
  const { core, route } = context;
  const { object, judge } = await readAction(context, TOKEN_REQUEST);
  const { metadata } = object;
  checkPlace(metadata, route.namespace, route.name);
  const account = readObject(context).object;
  const { name = '', namespace = '', uid = '' } = account.metadata;
  if ((metadata.uid ?? '') !== '' && metadata.uid !== uid)
    throw conflict(
      { group: TOKEN_REQUEST.group, resource: TOKEN_REQUEST.kind, kind: TOKEN_REQUEST.kind },
      name,
      `the UID in the token request (${metadata.uid}) does not match the UID of the service account (${uid})`,
    );
  const sent = isRecord(object.spec) ? object.spec : {};
  const seconds = Number(sent.expirationSeconds);
  const given = Array.isArray(sent.audiences) ? sent.audiences.map(String) : [];
  const audiences = given.length > 0 ? given : [ISSUER];
  object.spec = { audiences, expirationSeconds: seconds, boundObjectRef: sent.boundObjectRef ?? null };
  object.metadata = { ...metadata, name, namespace, uid, creationTimestamp: timestamp() };
  checkSeconds(seconds);
  await judge();
  const bound = boundObject(core, route.namespace, name, sent.boundObjectRef);
  const token = core.tokens.issue({ namespace, account: { name, uid }, audiences, seconds, bound });
  const { jti } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  context.annotations['authentication.kubernetes.io/issued-credential-id'] = `JTI=${jti}`;
  object.status = { token, expirationTimestamp: timestamp(core.now() + seconds * 1000) };
  return presentAction(object, context.accept, 201);
}

/** What the request says of its account has to be what the path says. */
function checkPlace(metadata: ObjectMeta, namespace: string, name: string): void {
  for (const [field, is] of Object.entries({ name, namespace })) {
    const given = metadata[field as 'name' | 'namespace'] ?? '';
    if (given === '' || given === is) continue;
    const message = `Invalid value: ${JSON.stringify(given)}: must match the service account ${field} if specified`;
    throw invalid(TOKEN_REQUEST, name, [{ type: 'FieldValueInvalid', field: `metadata.${field}`, message }]);
  }
}

/** What the token shall end with, as it is stored. Throws 404, 400 for what cannot be bound, 409 for another uid. */
function boundObject(core: Core, namespace: string, account: string, reference: unknown): BoundObject | undefined {
  if (!isRecord(reference)) return undefined;
  const { kind = '', apiVersion = '', name = '', uid = '' } = reference as Record<string, string>;
  // Only the group is looked at.
  const resource = apiVersion.includes('/') ? undefined : BOUND[kind];
  if (resource === undefined) {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
  }
  if (name === '') throw badRequest('Name parameter required.');
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
