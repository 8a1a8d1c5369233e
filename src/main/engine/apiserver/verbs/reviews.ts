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
import { presentAction } from '../request/present.ts';
import type { ApiAnswer } from '../request/types.ts';
import { badRequest, invalid } from '../status.ts';
import type { AdmissionRequest, UserInfo } from '../types.ts';
import { after, mutate, validate } from './admit.ts';
import type { VerbContext } from './context.ts';
import { checkFields } from './fields.ts';
import { evaluationProblem, reviewProblems } from './review-rules.ts';

interface Review {
  /** Throws what is wrong with the question. */
  check?(context: VerbContext, object: KubeObject): void;
  answer(context: VerbContext, object: KubeObject): void;
}

/** By `group/resource`. */
const REVIEWS: Record<string, Review> = {
  'authorization.k8s.io/selfsubjectaccessreviews': {
    check: (_context, object) => check(object, { ofOthers: false, namespace: null }),
    answer: (context, object) => decide(context, context.user, object),
  },
  'authorization.k8s.io/subjectaccessreviews': {
    check: (_context, object) => check(object, { ofOthers: true, namespace: null }),
    answer: (context, object) => decide(context, subjectOf(specOf(object)), object),
  },
  'authorization.k8s.io/localsubjectaccessreviews': {
    check: ({ route }, object) => check(object, { ofOthers: true, namespace: route.namespace }),
    answer: (context, object) => decide(context, subjectOf(specOf(object)), object),
  },
  'authorization.k8s.io/selfsubjectrulesreviews': { check: checkRules, answer: rules },
  'authentication.k8s.io/selfsubjectreviews': { answer: self },
  'authentication.k8s.io/tokenreviews': { check: checkToken, answer: token },
};

/** Null when the resource is an ordinary one. */
export function review(context: VerbContext): ApiAnswer | Promise<ApiAnswer> | null {
  const { core, kind, request, route, user, warnings, annotations } = context;
  const asked = REVIEWS[`${kind.group}/${kind.resource}`];
  if (asked === undefined) return null;
  const options = parseWriteOptions('CreateOptions', request.query, request.headers['user-agent']);
  const decoded = decodeBody(request, kind.kind);
  const object = objectOf(decoded, kind);
  checkFields(kind, object, decoded, options.fieldValidation, context.warnings);
  kind.defaults?.(object);
  context.heard?.(object, kind);
  if (kind.namespaced) placeIn(route.namespace, object);
  else delete object.metadata.namespace;
  recordUpdate(kind, null, object, options.fieldManager, '');
  const admission: AdmissionRequest = {
    operation: 'CREATE',
    kind,
    subresource: '',
    namespace: route.namespace,
    name: object.metadata.name ?? '',
    object,
    old: null,
    user,
    dryRun: options.dryRun,
    options: options.asked,
    notes: { warnings, annotations },
  };
  return after(mutate(core, admission), () => {
    asked.check?.(context, object);
    return after(validate(core, admission), () => {
      asked.answer(context, object);
      return presentAction(object, context.accept, 201);
    });
  });
}

function placeIn(namespace: string, { metadata }: KubeObject): void {
  if ((metadata.namespace ?? '') === '') metadata.namespace = namespace;
  if (metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

function check(object: KubeObject, about: Parameters<typeof reviewProblems>[2]): void {
  const errors = reviewProblems({ ...object.metadata }, specOf(object), about);
  if (errors.length === 0) return;
  // The real server has forgotten the kind by then.
  const refusal = invalid({ group: 'authorization.k8s.io', kind: '' }, '', errors);
  delete refusal.body?.details?.kind;
  throw refusal;
}

function decide(context: VerbContext, user: UserInfo, object: KubeObject): void {
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
  object.status = {
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
    ...selectorOf(attributes.fieldSelector),
  };
}

/** Of rules that can be read, those that name one value say what a selector in a query can say. */
function selectorOf(selector: unknown): { fieldSelector?: string } {
  if (!isRecord(selector)) return {};
  const escaped = (value: unknown) => text(value).replace(/[\\,=]/g, '\\$&');
  const terms = (Array.isArray(selector.requirements) ? selector.requirements : [])
    .filter(isRecord)
    .flatMap(({ key, operator, values }) => {
      const sign = operator === 'In' ? '=' : operator === 'NotIn' ? '!=' : null;
      return sign === null || !Array.isArray(values) || values.length !== 1
        ? []
        : [`${text(key)}${sign}${escaped(values[0])}`];
    });
  const fieldSelector = terms.length > 0 ? terms.join(',') : text(selector.rawSelector);
  return fieldSelector === '' ? {} : { fieldSelector };
}

function checkRules(_context: VerbContext, object: KubeObject): void {
  if (text(specOf(object).namespace) === '') throw badRequest('no namespace on request');
}

function rules(context: VerbContext, object: KubeObject): void {
  const namespace = text(specOf(object).namespace);
  const resourceRules: unknown[] = [];
  const nonResourceRules: unknown[] = [];
  const { rules: applicable, problem } = context.core.authorizer.rulesFor(context.user, namespace);
  for (const { verbs = [], apiGroups, resources, resourceNames, nonResourceURLs } of applicable) {
    if ((resources ?? []).length > 0)
      resourceRules.push({ verbs, apiGroups, resources, ...(resourceNames?.length ? { resourceNames } : {}) });
    if ((nonResourceURLs ?? []).length > 0) nonResourceRules.push({ verbs, nonResourceURLs });
  }
  object.metadata = {};
  object.spec = {};
  object.status = {
    resourceRules,
    nonResourceRules,
    incomplete: false,
    ...(problem === '' ? {} : { evaluationError: problem }),
  };
}

function self(context: VerbContext, object: KubeObject): void {
  object.metadata = { creationTimestamp: timestamp() };
  delete object.spec;
  object.status = { userInfo: userInfo(context.user) };
}

const UNKNOWN_TOKEN = 'invalid bearer token';

function checkToken(_context: VerbContext, object: KubeObject): void {
  if (text(specOf(object).token) === '') throw badRequest('token is required for TokenReview in authentication');
}

function token(context: VerbContext, object: KubeObject): void {
  const spec = specOf(object);
  const given = text(spec.token);
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
