/**
 * Kubernetes Events about federation objects, with Karmada's reasons, words and component names; the same event again only
 * counts up. Never fails and never blocks.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { KubeClient } from '../../kube/index.ts';
import { EVENTS } from '../api.ts';
import { fnv1a32 } from '../naming.ts';
import { mutate, now } from './write.ts';

/** What an event needs to know of its object. */
export type EventSubject = Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>;

export interface EventRecorder {
  normal(object: EventSubject, reason: string, message: string): void;
  warning(object: EventSubject, reason: string, message: string): void;
}

/** Karmada has one of some controllers for bindings of namespaces and another for those that are cluster-wide. */
export function ofScope({ metadata }: EventSubject, component: string): string {
  return metadata.namespace ? component : `cluster-${component}`;
}

/** The recorder of a component, which `kubectl describe` shows as the source. */
export type EventRecorders = (component: string) => EventRecorder;

const MAX_MESSAGE = 1024;
const REMEMBERED = 2000;
/** What waits to be written; beyond it events are lost, as in client-go (`maxQueuedEvents`). */
const QUEUED = 1000;

export function createEventRecorders(client: KubeClient): EventRecorders {
  /** Names of events written by this process. */
  const known = new Set<string>();

  async function write(
    component: string,
    object: EventSubject,
    type: string,
    reason: string,
    text: string,
  ): Promise<void> {
    const { name = '', namespace = 'default', uid = '' } = object.metadata;
    const message = text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE - 3)}...` : text;
    const hash = fnv1a32([uid, component, type, reason, message].join('\n')).toString(16);
    const eventName = `${name}.${hash}`;
    const key = `${namespace}/${eventName}`;
    if (known.has(key)) {
      const counted = await mutate(client, EVENTS, { namespace, name: eventName }, (event) => {
        event.count = (event.count ?? 1) + 1;
        event.lastTimestamp = now();
      });
      if (counted !== null) return;
    }
    if (known.size >= REMEMBERED) known.clear();
    known.add(key);
    await client.create(
      EVENTS,
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: eventName, namespace },
        involvedObject: {
          apiVersion: object.apiVersion,
          kind: object.kind,
          name,
          ...(object.metadata.namespace ? { namespace: object.metadata.namespace } : {}),
          uid,
          resourceVersion: object.metadata.resourceVersion,
        },
        type,
        reason,
        message,
        source: { component },
        reportingComponent: component,
        firstTimestamp: now(),
        lastTimestamp: now(),
        count: 1,
      },
      { namespace },
    );
  }

  const waiting: Parameters<typeof write>[] = [];
  let writing = false;
  async function drain(): Promise<void> {
    writing = true;
    // Events are for people; that one could not be written must not hold up what it tells about.
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await write(...next).catch(() => {});
    writing = false;
  }
  // One after the other: what moves things goes first.
  const record = (...event: Parameters<typeof write>): void => {
    if (waiting.length >= QUEUED) return;
    waiting.push(event);
    if (!writing) void drain();
  };
  return (component) => {
    const recorder =
      (type: string): EventRecorder['normal'] =>
      (object, reason, message) =>
        record(component, object, type, reason, message);
    return { normal: recorder('Normal'), warning: recorder('Warning') };
  };
}
