/**
 * Requests that are answered and not stored: access reviews, token reviews, who am I.
 * Source: API reference, authorization.k8s.io/v1 and authentication.k8s.io/v1.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { recordUpdate } from '../apply/managed.ts';
import type { AccessAttributes } from '../auth/authorize.ts';
import { ISSUER } from '../auth/tokens.ts';
import { timestamp } from '../core.ts';
import { isRecord } from '../json.ts';
import { decodeBody, objectOf } from '../request/body.ts';
import { parseWriteOptions } from '../request/options.ts';
import { type ApiAnswer, jsonAnswer } from '../request/types.ts';
import { badRequest, invalid } from '../status.ts';
import type { UserInfo } from '../types.ts';
import type { VerbContext } from './context.ts';
import { checkFields } from './fields.ts';
import { evaluationProblem, reviewProblems } from './review-rules.ts';

type Review = (context: VerbContext, object: KubeObject) => void;

/** By `group/resource`. */
const REVIEWS: Record<string, Review> = {
  'authorization.k8s.io/selfsubjectaccessreviews': selfAccess,
  'authorization.k8s.io/subjectaccessreviews': access,
  'authorization.k8s.io/localsubjectaccessreviews': localAccess,
  'authorization.k8s.io/selfsubjectrulesreviews': rules,
  'authentication.k8s.io/selfsubjectreviews': self,
  'authentication.k8s.io/tokenreviews': token,
};

/** Null when the resource is an ordinary one. */
export function review(context: VerbContext): ApiAnswer | null {
  const { kind, request } = context;
  const answer = REVIEWS[`${kind.group}/${kind.resource}`];
  if (answer === undefined) return null;
  const { fieldManager, fieldValidation } = parseWriteOptions(
    'CreateOptions',
    request.query,
    request.headers['user-agent'],
  );
  const decoded = decodeBody(request, kind.kind);
  const object = objectOf(decoded, kind);
  checkFields(kind, object, decoded, fieldValidation, context.warnings);
  kind.defaults?.(object);
  if (!kind.namespaced) delete object.metadata.namespace;
  if (answer !== rules && answer !== self) recordUpdate(kind, null, object, fieldManager, '');
  answer(context, object);
  return jsonAnswer(object, 201);
}

function selfAccess(context: VerbContext, object: KubeObject): void {
  check(object, { ofOthers: false, namespace: null });
  object.status = decide(context, context.user, object);
}

function access(context: VerbContext, object: KubeObject): void {
  check(object, { ofOthers: true, namespace: null });
  object.status = decide(context, subjectOf(specOf(object)), object);
}

function localAccess(context: VerbContext, object: KubeObject): void {
  const { namespace } = context.route;
  const { metadata } = object;
  if ((metadata.namespace ?? '') === '') metadata.namespace = namespace;
  if (metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  check(object, { ofOthers: true, namespace });
  object.status = decide(context, subjectOf(specOf(object)), object);
}

function check(object: KubeObject, about: Parameters<typeof reviewProblems>[2]): void {
  const errors = reviewProblems({ ...object.metadata }, specOf(object), about);
  if (errors.length === 0) return;
  // The real server has forgotten the kind by then.
  const refusal = invalid({ group: 'authorization.k8s.io', kind: '' }, '', errors);
  delete refusal.body?.details?.kind;
  throw refusal;
}

function decide(context: VerbContext, user: UserInfo, object: KubeObject): Record<string, unknown> {
  const { resourceAttributes, nonResourceAttributes } = specOf(object);
  const isResource = isRecord(resourceAttributes);
  const { allowed, reason } = context.core.authorizer.decide(
    user,
    isResource
      ? resourceAccess(resourceAttributes)
      : {
          verb: text((nonResourceAttributes as Record<string, unknown>).verb),
          path: text((nonResourceAttributes as Record<string, unknown>).path),
        },
  );
  const evaluationError = isResource ? evaluationProblem(resourceAttributes) : '';
  return {
    allowed,
    ...(reason === '' ? {} : { reason }),
    ...(evaluationError === '' ? {} : { evaluationError }),
  };
}

function resourceAccess(attributes: Record<string, unknown>): AccessAttributes {
  return {
    verb: text(attributes.verb),
    resource: {
      group: text(attributes.group),
      version: text(attributes.version),
      resource: text(attributes.resource),
      subresource: text(attributes.subresource),
      namespace: text(attributes.namespace),
      name: text(attributes.name),
    },
  };
}

function rules(context: VerbContext, object: KubeObject): void {
  const namespace = text(specOf(object).namespace);
  if (namespace === '') throw badRequest('no namespace on request');
  const resourceRules: unknown[] = [];
  const nonResourceRules: unknown[] = [];
  for (const { rule } of context.core.authorizer.rulesFor(context.user, namespace)) {
    const { verbs = [], apiGroups, resources, resourceNames, nonResourceURLs } = rule;
    if ((resources ?? []).length > 0)
      resourceRules.push({ verbs, apiGroups, resources, ...(resourceNames?.length ? { resourceNames } : {}) });
    if ((nonResourceURLs ?? []).length > 0) nonResourceRules.push({ verbs, nonResourceURLs });
  }
  object.spec = {};
  object.status = { resourceRules, nonResourceRules, incomplete: false };
}

function self(context: VerbContext, object: KubeObject): void {
  object.metadata = { creationTimestamp: timestamp() };
  delete object.spec;
  object.status = { userInfo: userInfo(context.user) };
}

const UNKNOWN_TOKEN = 'invalid bearer token';

function token(context: VerbContext, object: KubeObject): void {
  const spec = specOf(object);
  const given = text(spec.token);
  if (given === '') throw badRequest('token is required for TokenReview in authentication');
  const asked = Array.isArray(spec.audiences) ? spec.audiences.map(String) : [];
  const audiences = asked.length > 0 ? asked : [ISSUER];
  const fixed = audiences.includes(ISSUER)
    ? context.core.fixedTokens.map((find) => find(given)).find((user) => user !== undefined)
    : undefined;
  const found =
    fixed === undefined ? context.core.tokens.review(given, audiences) : { user: fixed, audiences: [ISSUER] };
  object.status =
    found.user === null
      ? { user: {}, error: found.problem === null ? UNKNOWN_TOKEN : `[${UNKNOWN_TOKEN}, ${found.problem}]` }
      : { authenticated: true, user: userInfo(found.user), audiences: found.audiences };
}

function userInfo({ username, uid, groups, extra }: UserInfo): Record<string, unknown> {
  return { username, ...(uid === undefined ? {} : { uid }), groups, ...(extra === undefined ? {} : { extra }) };
}

function specOf(object: KubeObject): Record<string, unknown> {
  return isRecord(object.spec) ? object.spec : {};
}

function subjectOf(spec: Record<string, unknown>): UserInfo {
  return {
    username: text(spec.user),
    groups: groupsOf(spec),
    ...(text(spec.uid) === '' ? {} : { uid: text(spec.uid) }),
  };
}

function groupsOf(spec: Record<string, unknown>): string[] {
  return Array.isArray(spec.groups) ? spec.groups.map(String) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
