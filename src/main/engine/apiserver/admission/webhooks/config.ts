/** Webhooks as their configurations describe them, with what the API fills in. Source: API reference, admissionregistration.k8s.io/v1. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { Collection } from '../../storage/collection.ts';
import { type ClientConfig, clientOf } from '../../webhook/client.ts';
import { type MatchCondition, matchConditionsOf } from './conditions.ts';

export interface WebhookRule {
  operations: string[];
  apiGroups: string[];
  apiVersions: string[];
  resources: string[];
  /** `Cluster`, `Namespaced` or `*`. */
  scope: string;
}

export interface Webhook {
  name: string;
  configuration: string;
  /** Place among the webhooks of its configuration. */
  index: number;
  rules: WebhookRule[];
  client: ClientConfig;
  failurePolicy: 'Fail' | 'Ignore';
  matchPolicy: 'Equivalent' | 'Exact';
  namespaceSelector: unknown;
  objectSelector: unknown;
  conditions: readonly MatchCondition[];
  sideEffects: string;
  timeoutSeconds: number;
  /** Most wanted first. */
  versions: string[];
  reinvoke: boolean;
}

const DEFAULT_TIMEOUT_SECONDS = 10;

/** The webhooks of a collection of configurations, by name of the configuration; read again only after a change. */
export class WebhookList {
  readonly #collection: Collection;
  #known: readonly Webhook[] | null = null;

  constructor(collection: Collection) {
    this.#collection = collection;
    collection.watchers.add(() => {
      this.#known = null;
    });
  }

  all(): readonly Webhook[] {
    this.#known ??= this.#collection.keys().flatMap((key) => webhooksOf(this.#collection.items.get(key)!.object));
    return this.#known;
  }
}

export function webhooksOf(configuration: KubeObject): Webhook[] {
  return ((configuration.webhooks ?? []) as Json[]).map((hook, index) => ({
    name: String(hook.name),
    configuration: configuration.metadata.name ?? '',
    index,
    rules: (hook.rules ?? []).map((rule: Json) => ({
      operations: rule.operations ?? [],
      apiGroups: rule.apiGroups ?? [],
      apiVersions: rule.apiVersions ?? [],
      resources: rule.resources ?? [],
      scope: rule.scope ?? '*',
    })),
    client: clientOf(hook.clientConfig ?? {}),
    failurePolicy: hook.failurePolicy ?? 'Fail',
    matchPolicy: hook.matchPolicy ?? 'Equivalent',
    namespaceSelector: hook.namespaceSelector ?? {},
    objectSelector: hook.objectSelector ?? {},
    conditions: matchConditionsOf(hook.matchConditions ?? []),
    sideEffects: hook.sideEffects ?? 'Unknown',
    timeoutSeconds: hook.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
    versions: hook.admissionReviewVersions ?? ['v1'],
    reinvoke: hook.reinvocationPolicy === 'IfNeeded',
  }));
}
