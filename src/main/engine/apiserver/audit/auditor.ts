/**
 * Writes down what happens to requests: one event per stage, as audit.k8s.io/v1 Event. Source: Kubernetes documentation,
 * "Auditing"; API reference, audit.k8s.io/v1.
 */
import { randomUUID } from 'node:crypto';
import { isRecord } from '../json.ts';
import type { ApiAnswer, ApiRequest } from '../request/types.ts';
import type { UserInfo } from '../types.ts';
import { type AuditDecision, type AuditedRequest, type AuditPolicy, type AuditStage, decide } from './policy.ts';

/** audit.k8s.io/v1 Event. */
export type AuditEvent = Readonly<Record<string, unknown>>;

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
    this.#event('ResponseStarted', now, { responseStatus: { metadata: {}, code: answer.status } });
  }

  completed(answer: ApiAnswer, now: number): void {
    const body = answer.body.kind === 'json' && isRecord(answer.body.value) ? answer.body.value : null;
    const failure = body?.kind === 'Status';
    const { kind: _kind, apiVersion: _apiVersion, ...status } = failure ? body : {};
    const responseStatus = { metadata: {}, ...status, code: answer.status };
    const shown = this.#decision.level === 'RequestResponse' && (body !== null || answer.body.kind === 'text');
    this.#event('ResponseComplete', now, {
      responseStatus,
      ...(shown
        ? { responseObject: this.#trimmed(answer.body.kind === 'text' ? JSON.parse(answer.body.text) : body) }
        : {}),
    });
  }

  #event(stage: AuditStage, now: number, more: Record<string, unknown>): void {
    const { level, omitStages } = this.#decision;
    const subject = this.#subject;
    if (subject === null || level === 'None' || omitStages.includes(stage)) return;
    const { user, impersonated, constraint, verb, resource } = subject;
    const request = this.#request;
    const query = request.query.toString();
    const agent = request.headers['user-agent'];
    const body = level === 'Metadata' || stage === 'RequestReceived' ? undefined : bodyOf(request);
    this.#write({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level,
      auditID: this.#id,
      stage,
      requestURI: query === '' ? request.path : `${request.path}?${query}`,
      verb,
      user,
      ...(impersonated === null ? {} : { impersonatedUser: impersonated }),
      ...(constraint === undefined ? {} : { authenticationMetadata: { impersonationConstraint: constraint } }),
      sourceIPs: ['127.0.0.1'],
      ...(agent === undefined ? {} : { userAgent: agent }),
      ...(resource === undefined ? {} : { objectRef: referenceOf(resource) }),
      ...(body === undefined ? {} : { requestObject: this.#trimmed(body) }),
      ...more,
      requestReceivedTimestamp: microTime(this.#received),
      stageTimestamp: microTime(now),
      ...(Object.keys(this.annotations).length === 0 ? {} : { annotations: { ...this.annotations } }),
    });
  }

  #trimmed(value: unknown): unknown {
    if (!this.#decision.omitManagedFields || !isRecord(value)) return value;
    const trim = (object: unknown) => {
      if (!isRecord(object) || !isRecord(object.metadata)) return object;
      const { managedFields: _managed, ...metadata } = object.metadata;
      return { ...object, metadata };
    };
    return Array.isArray(value.items) ? { ...value, items: value.items.map(trim) } : trim(value);
  }
}

/** JSON bodies as they are; of others only that there was one would be told. */
function bodyOf(request: ApiRequest): unknown {
  const { body } = request;
  if (body === null) return undefined;
  if ('value' in body) return body.value;
  if (!/json|^$/.test(request.headers['content-type'] ?? '')) return undefined;
  try {
    return JSON.parse(Buffer.from(body.bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

function referenceOf(resource: NonNullable<AuditSubject['resource']>): Record<string, string> {
  const { resource: name, namespace, name: object, group, version, subresource } = resource;
  const all = { resource: name, namespace, name: object, apiGroup: group, apiVersion: version, subresource };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

/** meta/v1 MicroTime. */
function microTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, -1)}000Z`;
}
