/**
 * Records events as client-go's recorders do: repeated ones raise the count of the first, and writing never holds up
 * the caller. The kubelet and the controller manager write core/v1 style, the scheduler events.k8s.io style (KEP-383).
 * Old events are dropped after an hour, as kube-apiserver's --event-ttl does, and the oldest sooner when there are too many.
 */
import type { KubeClient } from '#engine/kube/index.ts';
import { isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { microTimeText, nameOf, namespaceOf, parseTime, timeText } from './objects.ts';
import { EVENTS } from './refs.ts';

export interface EventInput {
  type?: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** `kubelet`, `replicaset-controller` ... */
  component: string;
  host?: string;
  /** `spec.containers{nginx}` */
  fieldPath?: string;
  /** Given by the scheduler only: written as events.k8s.io/v1. */
  action?: string;
}

export interface EventRecorder {
  record(about: KubeObject, event: EventInput): void;
  /** Resolves when everything recorded so far is written or given up. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

const TTL_MS = 60 * 60 * 1000;
const SWEEP_MS = 10 * 60 * 1000;
const REMEMBERED = 1024;
/** Events of one cluster: a busy one would fill the memory within the hour. */
const KEPT_AT_MOST = 10_000;
const WAITING_AT_MOST = 2000;
/** So many different messages about one thing within so long are told together. */
const SIMILAR_AT_MOST = 10;
const COMBINED = '(combined from similar events): ';
const SIMILAR_WITHIN_MS = 10 * 60 * 1000;
/** client-go's spam filter: a burst of 25 per object and source, then one in five minutes. */
const BURST = 25;
const REFILL_MS = 5 * 60 * 1000;

interface Known {
  name: string;
  namespace: string;
  count: number;
}

export function createEventRecorder(options: {
  client: KubeClient;
  now: () => number;
  report: (error: unknown, where: string) => void;
}): EventRecorder {
  const { client, now } = options;
  const known = new Map<string, Known>();
  const budgets = new Map<string, { tokens: number; at: number }>();
  /** Messages told lately, by what they are about. */
  const similar = new Map<string, { messages: Set<string>; at: number }>();
  /** In the order they were made; the first `dropped` are gone. */
  const kept: { name: string; namespace: string }[] = [];
  let dropped = 0;
  let waiting = 0;
  let stopped = false;
  let sequence = 0;
  let chain: Promise<void> = Promise.resolve();

  const allowed = (budgetKey: string): boolean => {
    const at = now();
    const budget = budgets.get(budgetKey) ?? { tokens: BURST, at };
    const tokens = Math.min(BURST, budget.tokens + (at - budget.at) / REFILL_MS);
    remember(budgets, budgetKey, { tokens: tokens < 1 ? tokens : tokens - 1, at });
    return tokens >= 1;
  };

  /** What stands for the event: itself, or one for all that differ from it in their message alone. */
  const combined = (about: KubeObject, event: EventInput, at: number): { event: EventInput; key: string } => {
    if (event.action !== undefined) return { event, key: correlationKey(about, event) };
    const kind = correlationKey(about, { ...event, message: '', fieldPath: '' });
    const last = similar.get(kind);
    const messages = last !== undefined && at - last.at <= SIMILAR_WITHIN_MS ? last.messages : new Set<string>();
    messages.add(event.message);
    remember(similar, kind, { messages, at });
    if (messages.size < SIMILAR_AT_MOST) return { event, key: correlationKey(about, event) };
    const [oldest] = messages;
    if (oldest !== undefined) messages.delete(oldest);
    const message = `${COMBINED}${event.message}`;
    return { event: { ...event, message }, key: kind };
  };

  const write = async (about: KubeObject, given: EventInput, at: number): Promise<void> => {
    const { event, key } = combined(about, given, at);
    const old = known.get(key);
    if (old !== undefined) {
      try {
        const count = old.count + 1;
        const change =
          event.action === undefined
            ? { count, lastTimestamp: timeText(at), message: event.message }
            : { series: { count, lastObservedTime: microTimeText(at) } };
        await client.patch(EVENTS, old.name, 'merge', change, { namespace: old.namespace });
        remember(known, key, { ...old, count });
        return;
      } catch (error) {
        if (!isNotFound(error)) throw error;
        known.delete(key);
      }
    }
    sequence += 1;
    const unique = (BigInt(at) * 1_000_000n + BigInt(sequence % 1_000_000)).toString(16);
    const object = eventObject(about, event, at, `${nameOf(about)}.${unique}`);
    await client.create(EVENTS, object, { namespace: namespaceOf(object) });
    kept.push({ name: nameOf(object), namespace: namespaceOf(object) });
    if (kept.length - dropped > KEPT_AT_MOST) await dropOldest();
    remember(known, key, { name: nameOf(object), namespace: namespaceOf(object), count: 1 });
  };

  const dropOldest = async (): Promise<void> => {
    const oldest = kept[dropped];
    dropped += 1;
    if (dropped >= KEPT_AT_MOST) {
      kept.splice(0, dropped);
      dropped = 0;
    }
    if (oldest === undefined) return;
    await client.delete(EVENTS, oldest.name, { namespace: oldest.namespace }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  };

  const sweep = async (): Promise<void> => {
    let token: string | undefined;
    do {
      const page = await client.list(EVENTS, { limit: 500, ...(token === undefined ? {} : { continue: token }) });
      for (const event of page.items) {
        if (now() - lastSeen(event) <= TTL_MS || stopped) continue;
        await client.delete(EVENTS, nameOf(event), { namespace: namespaceOf(event) }).catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
      }
      token = page.metadata.continue;
    } while (token !== undefined && token !== '' && !stopped);
  };
  const timer = setInterval(() => {
    sweep().catch((error: unknown) => options.report(error, 'event expiry'));
  }, SWEEP_MS);

  return {
    record(about, event) {
      if (stopped || waiting >= WAITING_AT_MOST) return;
      if (!allowed(`${event.component}/${event.host ?? ''}/${about.metadata.uid ?? nameOf(about)}`)) return;
      const at = now();
      waiting += 1;
      chain = chain
        .then(() => (stopped ? undefined : write(about, event, at)))
        .catch((error: unknown) => {
          // The namespace is being deleted: nobody will miss the event.
          const status = (error as { status?: number } | null)?.status;
          if (status !== 403 && status !== 404) options.report(error, `event ${event.reason}`);
        })
        .finally(() => {
          waiting -= 1;
        });
    },
    flush: () => chain,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await chain;
    },
  };
}

function correlationKey(about: KubeObject, event: EventInput): string {
  return [
    event.component,
    event.host ?? '',
    about.kind,
    namespaceOf(about),
    nameOf(about),
    about.metadata.uid ?? '',
    event.fieldPath ?? '',
    event.type ?? 'Normal',
    event.reason,
    event.message,
  ].join('\u0000');
}

/** Core/v1 Event. Events about cluster-scoped objects live in `default`. */
export function eventObject(about: KubeObject, event: EventInput, at: number, name: string): KubeObject {
  const involvedObject: Json = {
    apiVersion: about.apiVersion,
    kind: about.kind,
    name: nameOf(about),
    ...(about.metadata.namespace === undefined ? {} : { namespace: about.metadata.namespace }),
    ...(about.metadata.uid === undefined ? {} : { uid: about.metadata.uid }),
    ...(about.metadata.resourceVersion === undefined ? {} : { resourceVersion: about.metadata.resourceVersion }),
    ...(event.fieldPath === undefined ? {} : { fieldPath: event.fieldPath }),
  };
  const common = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: about.metadata.namespace ?? 'default' },
    involvedObject,
    reason: event.reason,
    message: event.message,
    type: event.type ?? 'Normal',
  };
  if (event.action !== undefined) {
    return {
      ...common,
      source: {},
      firstTimestamp: null,
      lastTimestamp: null,
      eventTime: microTimeText(at),
      action: event.action,
      reportingComponent: event.component,
      reportingInstance: event.host ?? event.component,
    };
  }
  return {
    ...common,
    source: { component: event.component, ...(event.host === undefined ? {} : { host: event.host }) },
    firstTimestamp: timeText(at),
    lastTimestamp: timeText(at),
    count: 1,
    eventTime: null,
    // What stands for several is told by nobody.
    reportingComponent: event.message.startsWith(COMBINED) ? '' : event.component,
    reportingInstance: event.host ?? '',
  };
}

function lastSeen(event: KubeObject): number {
  const times = [
    event.series?.lastObservedTime,
    event.lastTimestamp,
    event.eventTime,
    event.metadata.creationTimestamp,
  ];
  for (const time of times) {
    const parsed = parseTime(time);
    if (!Number.isNaN(parsed)) return parsed;
  }
  return 0;
}

/** Least recently used goes first. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > REMEMBERED) {
    const oldest = map.keys().next().value;
    if (oldest !== undefined) map.delete(oldest);
  }
}
