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
  const { fieldManager } = parseWriteOptions('CreateOptions', request.query, request.headers['user-agent']);
  const object = objectOf(decodeBody(request, kind.kind), kind);
  kind.defaults?.(object);
  if (answer !== rules && answer !== self) recordUpdate(kind, null, object, fieldManager, '');
  answer(context, object);
  return jsonAnswer(object, 201);
}

function selfAccess(context: VerbContext, object: KubeObject): void {
  object.status = decide(context, context.user, object);
}

function access(context: VerbContext, object: KubeObject): void {
  const spec = specOf(object);
  if (text(spec.user) === '' && groupsOf(spec).length === 0)
    throw invalid(context.kind, '', [
      {
        type: 'FieldValueInvalid',
        field: 'spec.user',
        message: 'Invalid value: "": at least one of user or group must be specified',
      },
    ]);
  object.status = decide(context, subjectOf(spec), object);
}

function localAccess(context: VerbContext, object: KubeObject): void {
  const { namespace } = context.route;
  object.metadata.namespace = namespace;
  const attributes = specOf(object).resourceAttributes;
  if (isRecord(attributes) && attributes.namespace !== namespace)
    throw badRequest('spec.resourceAttributes.namespace must match metadata.namespace');
  access(context, object);
}

function decide(context: VerbContext, user: UserInfo, object: KubeObject): Record<string, unknown> {
  const spec = specOf(object);
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (isRecord(resourceAttributes) === isRecord(nonResourceAttributes))
    throw invalid(context.kind, '', [
      {
        type: 'FieldValueInvalid',
        field: 'spec.resourceAttributes',
        message: 'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
      },
    ]);
  const { allowed, reason } = context.core.authorizer.decide(
    user,
    isRecord(resourceAttributes)
      ? resourceAccess(resourceAttributes)
      : {
          verb: text((nonResourceAttributes as Record<string, unknown>).verb),
          path: text((nonResourceAttributes as Record<string, unknown>).path),
        },
  );
  return { allowed, ...(reason === '' ? {} : { reason }) };
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

function token(context: VerbContext, object: KubeObject): void {
  const spec = specOf(object);
  const given = text(spec.token);
  if (given === '') throw badRequest('token is required for TokenReview in authentication');
  const asked = Array.isArray(spec.audiences) ? spec.audiences.map(String) : [];
  const found = context.core.tokens.review(given, asked.length > 0 ? asked : [ISSUER]);
  object.status =
    found.user === null
      ? { user: {}, ...(found.problem === null ? {} : { error: found.problem }) }
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
