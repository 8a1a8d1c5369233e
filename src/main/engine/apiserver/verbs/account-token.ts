/** serviceaccounts/token: issues a token for an account. Source: API reference, authentication.k8s.io/v1 TokenRequest. */
import { recordUpdate } from '../apply/managed.ts';
import { ISSUER } from '../auth/tokens.ts';
import { timestamp } from '../core.ts';
import { isRecord } from '../json.ts';
import { decodeBody, objectOf } from '../request/body.ts';
import { parseWriteOptions } from '../request/options.ts';
import { type ApiAnswer, jsonAnswer } from '../request/types.ts';
import { invalid } from '../status.ts';
import type { KindDefinition } from '../types.ts';
import type { VerbContext } from './context.ts';
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
const DEFAULT_SECONDS = 3600;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;

export function requestToken(context: VerbContext): ApiAnswer {
  const { core, request, route } = context;
  const { fieldManager, dryRun } = parseWriteOptions('CreateOptions', request.query, request.headers['user-agent']);
  const account = readObject(context).object;
  const object = objectOf(decodeBody(request, 'TokenRequest'), TOKEN_REQUEST);
  const sent = isRecord(object.spec) ? object.spec : {};
  const seconds = typeof sent.expirationSeconds === 'number' ? sent.expirationSeconds : DEFAULT_SECONDS;
  checkSeconds(seconds);
  const given = Array.isArray(sent.audiences) ? sent.audiences.map(String) : [];
  const audiences = given.length > 0 ? given : [ISSUER];
  object.spec = {
    audiences: given.length > 0 ? given : null,
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
  object.status = {
    token: dryRun ? '' : core.tokens.issue(namespace, name, uid, audiences, seconds),
    expirationTimestamp: timestamp(Date.now() + seconds * 1000),
  };
  return jsonAnswer(object, 201);
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
