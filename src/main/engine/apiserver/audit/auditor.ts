/**
 * Writes down what happens to requests: one event per stage, as audit.k8s.io/v1 Event. Source: Kubernetes documentation,
 * "Auditing"; API reference, audit.k8s.io/v1.
 */
import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { cloneJson, isRecord } from '../json.ts';
import type { ApiAnswer, ApiRequest } from '../request/types.ts';
import type { KindDefinition, UserInfo } from '../types.ts';
import { type AuditDecision, type AuditedRequest, type AuditPolicy, type AuditStage, decide } from './policy.ts';

/** audit.k8s.io/v1 Event. */
export type AuditEvent = Readonly<Record<string, unknown>>;

/** Begins the annotations that tell what a webhook has changed; they are shown together with bodies. */
export const PATCH_ANNOTATION = 'patch.webhook.admission.k8s.io';

export type AuditSink = (event: AuditEvent) => void;

/** What the way of the request finds out, as it goes. */
export interface AuditSubject {
  user: UserInfo;
  impersonated: UserInfo | null;
  constraint?: string | undefined;
  verb: string;
  resource?: (NonNullable<AuditedRequest['resource']> & { version: string }) | undefined;
}

export class Auditor {
  readonly #policy: AuditPolicy;
  readonly #sinks: readonly AuditSink[];

  constructor(policy: AuditPolicy, sinks: readonly AuditSink[]) {
    this.#policy = policy;
    this.#sinks = sinks;
  }

  begin(request: ApiRequest, id: string, now: number): AuditRecord {
    return new AuditRecord(this.#policy, (event) => this.#write(event), request, id, now);
  }

  #write(event: AuditEvent): void {
    for (const sink of this.#sinks) sink(event);
  }
}

/** An id given by a caller that is itself an API server goes on, so that both records can be found by it. */
export function auditIdOf(request: ApiRequest): string {
  const given = request.headers['audit-id'] ?? '';
  return given !== '' && given.length <= 64 ? given : randomUUID();
}

/** One request. */
export class AuditRecord {
  readonly annotations: Record<string, string> = {};
  readonly #policy: AuditPolicy;
  readonly #write: AuditSink;
  readonly #request: ApiRequest;
  readonly #id: string;
  readonly #received: number;
  #subject: AuditSubject | null = null;
  /** What was sent, and what it is called. */
  #body: unknown;
  readonly #named: Record<string, string> = {};
  #known = true;
  #decision: AuditDecision = { level: 'None', omitStages: [], omitManagedFields: false };

  constructor(policy: AuditPolicy, write: AuditSink, request: ApiRequest, id: string, received: number) {
    this.#policy = policy;
    this.#write = write;
    this.#request = request;
    this.#id = id;
    this.#received = received;
  }

  /** Who asks for what is known now; from here on there are events. */
  identify(subject: AuditSubject, now: number): void {
    this.#subject = subject;
    const { user, verb, resource } = subject;
    const asked = { username: user.username, groups: user.groups, verb, resource, path: this.#request.path };
    this.#decision = decide(this.#policy, asked);
    this.#event('RequestReceived', now, {});
  }

  /** Nobody is known to ask: there is one event, about the answer. */
  turnedAway(subject: AuditSubject): void {
    this.#subject = subject;
    const { user, verb, resource } = subject;
    this.#decision = decide(this.#policy, { ...user, verb, resource, path: this.#request.path });
    this.#known = false;
  }

  /** The object that was sent, read as its kind; what it is called is told at every level. */
  heard(object: KubeObject, kind?: KindDefinition): void {
    if (this.#decision.level === 'None') return;
    const shown = cloneJson(object);
    try {
      kind?.defaults?.(shown);
    } catch {
      // What cannot be read was never heard.
      return;
    }
    const { name, uid, resourceVersion } = shown.metadata ?? {};
    for (const [key, value] of Object.entries({ name, uid, resourceVersion }))
      if (typeof value === 'string') this.#named[key] = value;
    if (this.#showsBodies) this.#body ??= shown;
  }

  /** What is sent is a patch, which is shown as it is as far as it is JSON. */
  readonly patched = (): void => {
    if (this.#showsBodies) this.#body = bodyOf(this.#request);
  };

  get #showsBodies(): boolean {
    return this.#decision.level === 'Request' || this.#decision.level === 'RequestResponse';
  }

  /** `constraint`: the narrowed right that allows it. */
  impersonating(user: UserInfo, constraint?: string): void {
    if (this.#subject === null) return;
    this.#subject.impersonated = user;
    this.#subject.constraint = constraint;
  }

  decided(allowed: boolean, reason: string): void {
    this.annotations['authorization.k8s.io/decision'] = allowed ? 'allow' : 'forbid';
    this.annotations['authorization.k8s.io/reason'] = reason;
  }

  /** A watch or another long answer has begun. */
  started(answer: ApiAnswer, now: number): void {
    this.#started(answer, now);
  }

  #begun = false;

  #started(answer: ApiAnswer, now: number): void {
    this.#begun = true;
    this.#event('ResponseStarted', now, {
      responseStatus: responseStatusOf(answer),
      ...(answer.body.kind === 'json' ? this.#responseOf(answer) : {}),
    });
  }

  completed(answer: ApiAnswer, now: number): void {
    const subject = this.#subject;
    const { resource, verb = '' } = subject ?? {};
    const long = CONNECTIONS.has(resource?.subresource ?? '') || verb === 'watch' || verb === 'proxy';
    if (!this.#known || (long && !this.#begun)) this.#started(answer, now);
    if (!this.#known) return;
    this.#event('ResponseComplete', now, { responseStatus: responseStatusOf(answer), ...this.#responseOf(answer) });
  }

  /** Objects alone: texts, lists of paths and the like are not shown. */
  #responseOf(answer: ApiAnswer): Record<string, unknown> {
    if (this.#decision.level !== 'RequestResponse') return {};
    const object = objectIn(answer, this.#request.path);
    return object === null ? {} : { responseObject: this.#trimmed(object) };
  }

  #event(stage: AuditStage, now: number, more: Record<string, unknown>): void {
    const { level, omitStages } = this.#decision;
    const subject = this.#subject;
    if (subject === null || level === 'None' || omitStages.includes(stage)) return;
    const { user, impersonated, constraint, verb, resource } = subject;
    const request = this.#request;
    const agent = request.headers['user-agent'];
    const body = stage === 'RequestReceived' ? undefined : this.#body;
    const query = request.query.toString();
    const uri = request.uri ?? (query === '' ? request.path : `${request.path}?${query}`);
    this.#write({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level,
      auditID: this.#id,
      stage,
      requestURI: uri,
      verb,
      user: this.#known ? user : {},
      ...(impersonated === null ? {} : { impersonatedUser: impersonated }),
      ...(constraint === undefined ? {} : { authenticationMetadata: { impersonationConstraint: constraint } }),
      sourceIPs: sourcesOf(request),
      ...(agent === undefined ? {} : { userAgent: cut(agent) }),
      ...(resource === undefined ? {} : { objectRef: referenceOf(resource, this.#named) }),
      ...(body === undefined ? {} : { requestObject: this.#trimmed(body) }),
      ...more,
      requestReceivedTimestamp: microTime(this.#received),
      stageTimestamp: microTime(now),
      ...this.#annotated(),
    });
  }

  #annotated(): { annotations?: Record<string, string> } {
    const shown = Object.entries(this.annotations).filter(
      ([key]) => this.#showsBodies || !key.startsWith(`${PATCH_ANNOTATION}/`),
    );
    return shown.length === 0 ? {} : { annotations: Object.fromEntries(shown) };
  }

  #trimmed(value: unknown): unknown {
    if (!this.#decision.omitManagedFields || !isRecord(value)) return value;
    const trim = (object: unknown) => {
      if (!isRecord(object) || !isRecord(object.metadata)) return object;
      const { managedFields: _managed, ...metadata } = object.metadata;
      return { ...object, metadata };
    };
    if (Array.isArray(value.rows))
      return { ...value, rows: value.rows.map((row) => (isRecord(row) ? { ...row, object: trim(row.object) } : row)) };
    return Array.isArray(value.items) ? { ...value, items: value.items.map(trim) } : trim(value);
  }
}

/** Subresources that are connected to rather than asked: their answers go on. */
const CONNECTIONS = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

/** Null: the answer is no object. Who asks for a form that there is not is answered past what writes down, and who has
 * the object already is given none. */
function objectIn({ status, body }: ApiAnswer, path: string): Record<string, unknown> | null {
  if (status === 406 || status === 304) return null;
  let value: unknown = null;
  if (body.kind === 'json') value = body.value;
  else if (body.kind === 'text') value = JSON.parse(body.text);
  else if (body.kind === 'raw' && /^\/apis?(\/|$)/.test(path) && body.contentType.startsWith('application/json'))
    value = JSON.parse(Buffer.from(body.data).toString('utf8'));
  return isRecord(value) && typeof value.kind === 'string' ? value : null;
}

const MAX_AGENT = 1024;

function cut(agent: string): string {
  return agent.length > MAX_AGENT ? `${agent.slice(0, MAX_AGENT)}...TRUNCATED` : agent;
}

function responseStatusOf(answer: ApiAnswer): Record<string, unknown> {
  const { status, body } = answer;
  const isStatus = status !== 406 && body.kind === 'json' && isRecord(body.value) && body.value.kind === 'Status';
  const value = isStatus ? (body.value as Record<string, unknown>) : {};
  const { kind: _kind, apiVersion: _apiVersion, ...said } = value;
  return { metadata: {}, ...said, code: status };
}

/** Whom proxies on the way say to speak for, then who connects. */
function sourcesOf({ headers }: ApiRequest): string[] {
  const forwarded = (headers['x-forwarded-for'] ?? '').split(',').map((each) => each.trim());
  const named = [...forwarded, headers['x-real-ip'] ?? ''].filter((each) => isIP(each) > 0);
  return [...new Set([...named, '127.0.0.1'])];
}

/** JSON bodies as they are; of others only that there was one would be told. */
function bodyOf(request: ApiRequest): unknown {
  const { body } = request;
  if (body === null) return undefined;
  if ('value' in body) return body.value;
  try {
    return JSON.parse(Buffer.from(body.bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** `named`: what the object that was sent says of itself. */
function referenceOf(
  resource: NonNullable<AuditSubject['resource']>,
  named: Readonly<Record<string, string>>,
): Record<string, string> {
  const { resource: kind, namespace, name: asked, group, version, subresource } = resource;
  const { uid = '', resourceVersion = '' } = named;
  const name = asked === '' ? (named.name ?? '') : asked;
  const all = {
    resource: kind,
    namespace,
    name,
    uid,
    apiGroup: group,
    apiVersion: version,
    resourceVersion,
    subresource,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

/** meta/v1 MicroTime. */
function microTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, -1)}000Z`;
}
