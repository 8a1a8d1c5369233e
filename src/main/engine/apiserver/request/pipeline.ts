/**
 * The way of a request, whatever brought it: who asks, may they, what is asked for, answer. Never throws: every failure
 * becomes a Status, so that nothing a client sends can end the process.
 */
import { ApiError } from '#engine/kube/index.ts';
import { toErrorShape } from '#shared/errors.ts';
import { withAudit } from '../audit/answer.ts';
import { type AuditRecord, type AuditSubject, auditIdOf } from '../audit/auditor.ts';
import { ANONYMOUS } from '../auth/authenticate.ts';
import { type AccessAttributes, accessDenied } from '../auth/authorize.ts';
import { Impersonator } from '../auth/impersonate.ts';
import type { Core } from '../core.ts';
import { badRequest, methodNotAllowed, noSuchResource, refuse, unauthorized } from '../status.ts';
import { parseIncludeObject } from '../table/index.ts';
import type { KindDefinition, UserInfo } from '../types.ts';
import { readAggregated } from '../verbs/aggregated.ts';
import { componentStatuses } from '../verbs/component-statuses.ts';
import type { VerbContext } from '../verbs/context.ts';
import { create } from '../verbs/create.ts';
import { deleteCollection, deleteOne } from '../verbs/delete.ts';
import { patch, refusePatchType } from '../verbs/patch.ts';
import { get, list } from '../verbs/read.ts';
import { createInstead, nameProblem, routeProblem, subresource } from '../verbs/subresources.ts';
import { update } from '../verbs/update.ts';
import { watch } from '../verbs/watch.ts';
import { loadYaml } from '../yaml.ts';
import { PLAIN, parseAccept, refuseUnknownForm, statusFormat } from './accept.ts';
import { pageNotFound, servePlain } from './plain.ts';
import { parseRoute, type ResourceRoute, type Route } from './route.ts';
import { requestTimeout, within } from './timeout.ts';
import { type ApiAnswer, type ApiRequest, jsonAnswer } from './types.ts';

/** Tells by headers which flow schema and priority level a request belongs to; undefined for none. */
export interface FlowClassifier {
  headersOf(user: UserInfo, access: AccessAttributes): Record<string, string> | undefined;
}

export class Pipeline {
  readonly core: Core;
  readonly #impersonator: Impersonator;
  readonly #flows: FlowClassifier;

  constructor(core: Core, flows: FlowClassifier) {
    this.core = core;
    this.#flows = flows;
    this.#impersonator = new Impersonator(core.authorizer);
  }

  async handle(request: ApiRequest): Promise<ApiAnswer> {
    const { metrics } = this.core;
    const started = performance.now();
    const route = parseRoute(request.method, request.path, request.query);
    metrics.begin();
    const id = auditIdOf(request);
    const record = this.core.auditor?.begin(request, id, this.core.now()) ?? null;
    const flow: { headers?: Record<string, string> | undefined } = {};
    let answer: ApiAnswer;
    try {
      const unreadable = unreadableTimeout(request, route);
      if (unreadable !== null) {
        if (route !== null) record?.turnedAway(subjectOf(NOBODY, route));
        throw unreadable;
      }
      const limit = request.query.has('timeout') && !isLongRunning(route) ? requestTimeout(request.query) : null;
      const handled = this.#handle(request, route, record, flow);
      answer = limit === null ? await handled : await within(limit, handled);
    } catch (error) {
      answer = this.#failure(error, request);
    }
    if (flow.headers !== undefined) answer = { ...answer, headers: { ...flow.headers, ...answer.headers } };
    metrics.end(this.#isServed(route) ? route : null, answer.status, (performance.now() - started) / 1000);
    return withAudit(answer, id, record, this.core.now);
  }

  /** The answer to credentials that are none of ours; written down like any other. */
  async unauthenticated(request: ApiRequest): Promise<ApiAnswer> {
    const id = auditIdOf(request);
    const record = this.core.auditor?.begin(request, id, this.core.now()) ?? null;
    const route = parseRoute(request.method, request.path, request.query);
    // There is nobody whose request could have been received.
    if (route !== null) record?.turnedAway(subjectOf(NOBODY, route));
    if (request.headers.accept?.includes('yaml')) await loadYaml();
    const answer = this.#failure(unreadableTimeout(request, route) ?? unauthorized(), request);
    return withAudit(answer, id, record, this.core.now);
  }

  #isServed(route: Route | null): boolean {
    return (
      route?.type === 'resource' && this.core.registry.find(route.group, route.version, route.resource) !== undefined
    );
  }

  async #handle(
    request: ApiRequest,
    route: Route | null,
    record: AuditRecord | null,
    flow: { headers?: Record<string, string> | undefined },
  ): Promise<ApiAnswer> {
    const { accept, 'content-type': contentType } = request.headers;
    if (accept?.includes('yaml') || contentType?.includes('yaml')) await loadYaml();
    if (route === null) return NO_PATH;
    const caller = request.user ?? ANONYMOUS;
    record?.identify(subjectOf(caller, route), this.core.now());
    const { user, constraint } = this.#impersonator.act(caller, request.headers, accessOf(route));
    if (user !== caller) record?.impersonating(user, constraint);
    const access = accessOf(route);
    // What is connected to a pod stands in no queue.
    if (!isLongRunning(route) || access.verb === 'watch') flow.headers = this.#flows.headersOf(user, access);
    this.#authorize(user, access, record);
    if (route.type === 'plain') return servePlain(this.core, route, request);
    return this.#serve(route, request, user, record);
  }

  #authorize(user: UserInfo, access: AccessAttributes, record: AuditRecord | null): void {
    const decision = this.core.authorizer.decide(user, access);
    record?.decided(decision.allowed, decision.reason);
    if (decision.allowed) return;
    throw accessDenied(user, access, decision.reason);
  }

  async #serve(
    route: ResourceRoute,
    request: ApiRequest,
    user: UserInfo,
    record: AuditRecord | null,
  ): Promise<ApiAnswer> {
    const kind = this.core.registry.find(route.group, route.version, route.resource);
    if (request.path.startsWith('//')) return pageNotFound();
    if (kind === undefined || route.gap === 'path' || route.verb === 'proxy') {
      // Where nothing built in is served of the group, nobody answers for it.
      if (route.group !== '' && !this.core.registry.all().some(({ group, custom }) => group === route.group && !custom))
        return pageNotFound();
      throw noSuchResource();
    }
    const misplaced = route.gap === null ? scopeProblem(kind, route) : null;
    if (misplaced !== null) return misplaced;
    // What serves custom resources does not look beyond the subresource.
    if (kind.custom !== undefined) route.subresource = route.subresource.split('/', 1)[0]!;
    const isRouted = kind.custom === undefined;
    const warnings = kind.deprecation === undefined || isRouted ? [] : [kind.deprecation];
    try {
      this.#refuseRoute(kind, route, request);
      if (isRouted) refuseUnknownForm(request.headers.accept, route);
      if (isRouted && kind.deprecation !== undefined) warnings.push(kind.deprecation);
      if (record !== null && kind.deprecation !== undefined) record.annotations['k8s.io/deprecated'] = 'true';
      return await this.#answer(kind, route, request, user, record, warnings);
    } catch (error) {
      // Who is refused is warned all the same.
      return withWarnings(this.#failure(error, request), warnings);
    }
  }

  /** Whether there is such an endpoint at all, and for such a patch, is told before in what form it could answer. */
  #refuseRoute(kind: KindDefinition, route: ResourceRoute, request: ApiRequest): void {
    // Behind a name that is empty one object is asked for.
    const one = route.gap === 'name' && route.verb === 'list';
    const problem = routeProblem(kind, one ? { ...route, verb: 'get' } : route, request.method);
    if (problem !== null) throw problem;
    if (route.gap === 'name') throw badRequest('name must be provided');
    if (route.gap === 'namespace') throw badRequest('Namespace parameter required.');
    if (route.verb === 'watch' && request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
    if (route.verb === 'patch' && !isConnection(route)) refusePatchType(kind, request);
    const nameless = nameProblem(kind, route);
    if (nameless !== null) throw nameless;
  }

  async #answer(
    kind: KindDefinition,
    route: ResourceRoute,
    request: ApiRequest,
    user: UserInfo,
    record: AuditRecord | null,
    warnings: string[],
  ): Promise<ApiAnswer> {
    const accept = isConnection(route) ? PLAIN : parseAccept(request.headers.accept, hasTable(kind, route));
    if (isConnection(route) && request.query.has('dryRun')) throw badRequest('dryRun is not supported');
    const context: VerbContext = {
      core: this.core,
      kind,
      route,
      request,
      user,
      accept,
      include: accept.view === 'table' ? parseIncludeObject(request.query.get('includeObject')) : 'Metadata',
      warnings,
      annotations: record?.annotations ?? {},
      heard: record === null ? undefined : (object, of) => record.heard(object, of),
      patched: record?.patched,
    };
    return withWarnings(await this.#dispatch(context), warnings);
  }

  #dispatch(context: VerbContext): ApiAnswer | Promise<ApiAnswer> {
    const { kind, route } = context;
    if (route.subresource !== '') return subresource(context);
    if (route.verb === 'create') {
      const asked = createInstead(context);
      if (asked !== null) return asked;
    }
    if (kind.aggregated !== undefined) return readAggregated(context, kind.aggregated);
    if (kind.resource === 'componentstatuses' && kind.group === '')
      return readAggregated(context, componentStatuses(this.core.pods !== null));
    switch (route.verb) {
      case 'get':
        return get(context);
      case 'list':
        return list(context);
      case 'watch':
        return watch(context);
      case 'create':
        return create(context);
      case 'update':
        return update(context);
      case 'patch':
        return patch(context);
      case 'delete':
        return deleteOne(context);
      case 'deletecollection':
        return deleteCollection(context);
      case 'proxy':
      case '':
        throw methodNotAllowed();
    }
  }

  #failure(error: unknown, request: ApiRequest): ApiAnswer {
    if (error instanceof ApiError && error.body !== null) {
      const seconds = error.retryAfterSeconds;
      const headers = seconds === undefined ? undefined : { 'Retry-After': String(seconds) };
      const answer = { ...jsonAnswer(error.body, error.status), headers };
      if (answer.body.kind === 'json' && error.status === 406) answer.body.indented = true;
      if (answer.body.kind === 'json' && statusFormat(request.headers.accept) === 'yaml')
        answer.body.contentType = 'application/yaml';
      return answer;
    }
    // Nested deeper than any walk over it can follow, in a form that no parser has refused.
    if (error instanceof RangeError && error.message.startsWith('Maximum call stack'))
      return jsonAnswer(badRequest('exceeded max depth').body, 400);
    const { code, message } = toErrorShape(error);
    if (code === 'DISK_FULL') {
      const text = 'the request could not be stored: the disk is full';
      return jsonAnswer(refuse(507, 'InsufficientStorage', text).body, 507);
    }
    this.core.onError(error, `${request.method} ${request.path}`);
    return jsonAnswer(refuse(500, 'InternalError', `Internal error occurred: ${message}`).body, 500);
  }
}

function withWarnings(answer: ApiAnswer, warnings: readonly string[]): ApiAnswer {
  return warnings.length === 0 ? answer : { ...answer, warnings: [...(answer.warnings ?? []), ...warnings] };
}

/** What is connected to answers in its own form. */
const isConnection = ({ subresource }: ResourceRoute): boolean =>
  /^(exec|attach|portforward|proxy)(\/|$)/.test(subresource);

/** The answer to an address that is none, in the words of Go's server. */
const NO_PATH: ApiAnswer = {
  status: 400,
  body: { kind: 'raw', data: '400 Bad Request', contentType: 'text/plain; charset=utf-8' },
};

/** How long a request may take is read before who asks. */
function unreadableTimeout(request: ApiRequest, route: Route | null): unknown {
  if (!request.query.has('timeout') || isLongRunning(route)) return null;
  try {
    requestTimeout(request.query);
    return null;
  } catch (error) {
    return error;
  }
}

/** Watches and what is connected to a pod end when either side wants. */
function isLongRunning(route: Route | null): boolean {
  if (route?.type !== 'resource') return false;
  return route.verb === 'watch' || /^(log|exec|attach|portforward|proxy)(\/|$)/.test(route.subresource);
}

const NOBODY: UserInfo = { username: '', groups: [] };

function subjectOf(user: UserInfo, route: Route): AuditSubject {
  const { verb, resource } = accessOf(route);
  return { user, impersonated: null, verb, resource };
}

function accessOf(route: Route): AccessAttributes {
  if (route.type === 'plain') return { verb: route.verb, path: route.path };
  const { verb, group, version, resource, subresource, fieldSelector } = route;
  const name = route.name === '' ? route.selected : route.name;
  // What is done to a namespace is done in it: who has a role there may be allowed to.
  const namespace = resource === 'namespaces' && group === '' && route.name !== '' ? route.name : route.namespace;
  return {
    verb,
    resource: { group, version, resource, subresource: subresource.split('/', 1)[0]!, namespace, name },
    ...(fieldSelector === '' ? {} : { fieldSelector }),
  };
}

/** A namespace in the path of a cluster-scoped resource, or none where one is needed. Null: all is well. */
function scopeProblem(kind: KindDefinition, route: ResourceRoute): ApiAnswer | null {
  if (!kind.namespaced) {
    if (route.namespace === '') return null;
    // Custom resources are served by path; what is no path of theirs is none at all.
    if (kind.custom !== undefined) return pageNotFound();
    throw noSuchResource();
  }
  if (route.namespace !== '' || route.verb === 'list' || route.verb === 'watch') return null;
  if (kind.custom !== undefined) return pageNotFound();
  // Reviews are asked for without a namespace, all else needs one.
  if (route.name === '') throw methodNotAllowed();
  throw noSuchResource();
}

/** What is only asked, and what is done to an object, is no row of anything. */
function hasTable(kind: KindDefinition, { subresource }: ResourceRoute): boolean {
  const isAction = ['binding', 'eviction', 'token'].includes(subresource);
  return !isAction && (kind.verbs.length > 1 || kind.verbs[0] !== 'create');
}
