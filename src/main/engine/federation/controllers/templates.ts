/**
 * Watches every kind in the federation's API server that can be distributed. Discovery is repeated, so kinds that a
 * CustomResourceDefinition brings are picked up and those it takes away are let go.
 */
import { apiVersionOf, type KubeObject, type ResourceInfo, type ResourceRef } from '#shared/kubernetes/types.ts';
import { createInformer, createWorkQueue, type Informer } from '../../kube/index.ts';
import { type Binding, KEYS } from '../api.ts';
import { equalJson } from '../json.ts';
import type { Controller, FederationContext } from './context.ts';

const DISCOVERY_MS = 30_000;
const EXCLUDED_GROUPS = new Set([
  ...['cluster', 'policy', 'work', 'config', 'networking', 'autoscaling', 'remedy', 'apps'].map(
    (group) => `${group}.karmada.io`,
  ),
  'events.k8s.io',
  'coordination.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
]);
const CRDS: ResourceRef = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };

/** Namespaces that belong to the control plane itself. */
export function isReservedNamespace(namespace: string): boolean {
  return (
    namespace === 'karmada-system' ||
    namespace === 'karmada-cluster' ||
    namespace.startsWith('karmada-es-') ||
    namespace.startsWith('kube-')
  );
}

export interface TemplateChange {
  type: 'present' | 'changed' | 'deleted';
  object: KubeObject;
  /** Before the change; only with `changed`. */
  previous?: KubeObject;
  ref: ResourceRef;
}

export interface Templates extends Controller {
  /** Returns the unsubscribe function. With `status`, changes of status alone are told too, as `present`. */
  subscribe(listener: (change: TemplateChange) => void, options?: { status?: boolean }): () => void;
  get(apiVersion: string, kind: string, namespace: string | undefined, name: string): KubeObject | undefined;
  refOf(apiVersion: string, kind: string): ResourceRef | undefined;
  isNamespaced(apiVersion: string, kind: string): boolean;
  /** Everything of one kind, or of all kinds. */
  all(kind?: { apiVersion: string; kind: string }): Iterable<KubeObject>;
  /** Resolves when every kind known at start has been listed. */
  ready: Promise<void>;
}

interface Watched {
  info: ResourceInfo;
  informer: Informer;
}

export function watchTemplates(context: Pick<FederationContext, 'client' | 'log'>): Templates {
  const watched = new Map<string, Watched>();
  const listeners = new Set<{ listener: (change: TemplateChange) => void; status: boolean }>();
  const tell = (change: TemplateChange, onlyStatus = false): void => {
    for (const { listener, status } of listeners) if (status || !onlyStatus) listener(change);
  };

  function follow(info: ResourceInfo): Watched {
    const ref = { group: info.group, version: info.version, resource: info.resource };
    const informer = createInformer({ client: context.client, resource: ref });
    informer.subscribe({
      onAdd: (object) => tell({ type: 'present', object, ref }),
      onUpdate: (object, previous) => {
        if (contentChanged(object, previous)) tell({ type: 'changed', object, previous, ref });
        else tell({ type: 'present', object, ref }, true);
      },
      onDelete: (object) => tell({ type: 'deleted', object, ref }),
    });
    return { info, informer };
  }

  async function discover(): Promise<number> {
    const found = distributable(await context.client.resources({ refresh: true }));
    for (const [key, entry] of watched) {
      if (found.has(key)) continue;
      entry.informer.stop();
      watched.delete(key);
    }
    const fresh: Watched[] = [];
    for (const [key, info] of found) {
      if (watched.has(key)) continue;
      const entry = follow(info);
      watched.set(key, entry);
      fresh.push(entry);
    }
    await Promise.all(fresh.map((entry) => entry.informer.synced.catch(() => {})));
    return DISCOVERY_MS;
  }

  let discovered: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    discovered = resolve;
  });
  const queue = createWorkQueue({
    name: 'template-discovery',
    reconcile: async () => {
      const again = await discover();
      discovered();
      return again;
    },
    onError: (_, error) => context.log.warn('discovery in the federation failed', { error: String(error) }),
  });
  const definitions = createInformer({
    client: context.client,
    resource: CRDS,
    project: ({ metadata, status }) => ({ metadata, status }) as KubeObject,
  });
  const rediscover = (): void => queue.add('all');
  definitions.subscribe({ onAdd: rediscover, onUpdate: rediscover, onDelete: rediscover });
  queue.add('all');

  const entryOf = (apiVersion: string, kind: string): Watched | undefined => watched.get(`${apiVersion} ${kind}`);
  return {
    ready,
    subscribe(listener, { status = false } = {}) {
      const entry = { listener, status };
      listeners.add(entry);
      for (const { informer, info } of watched.values())
        for (const object of informer.items.values()) listener({ type: 'present', object, ref: info });
      return () => listeners.delete(entry);
    },
    isNamespaced: (apiVersion, kind) => entryOf(apiVersion, kind)?.info.namespaced ?? false,
    get: (apiVersion, kind, namespace, name) =>
      entryOf(apiVersion, kind)?.informer.get(namespace ? `${namespace}/${name}` : name),
    refOf: (apiVersion, kind) => entryOf(apiVersion, kind)?.info,
    *all(kind) {
      const entries = kind === undefined ? watched.values() : [entryOf(kind.apiVersion, kind.kind)];
      for (const entry of entries) if (entry !== undefined) yield* entry.informer.items.values();
    },
    async stop() {
      definitions.stop();
      discovered();
      await queue.stop();
      for (const { informer } of watched.values()) informer.stop();
    },
  };
}

/** One entry per kind, under its preferred (first served) version. */
function distributable(resources: readonly ResourceInfo[]): Map<string, ResourceInfo> {
  const found = new Map<string, ResourceInfo>();
  const taken = new Set<string>();
  for (const info of resources) {
    const usable = ['list', 'watch', 'delete'].every((verb) => info.verbs.includes(verb));
    if (!usable || info.resource.includes('/') || EXCLUDED_GROUPS.has(info.group)) continue;
    if (info.group === '' && (info.kind === 'Event' || info.kind === 'Node')) continue;
    const identity = `${info.group}/${info.resource}`;
    if (taken.has(identity)) continue;
    taken.add(identity);
    found.set(`${apiVersionOf(info)} ${info.kind}`, info);
  }
  return found;
}

/** Whether anything but status and bookkeeping differs. */
function contentChanged(object: KubeObject, previous: KubeObject): boolean {
  if (object.metadata.uid !== previous.metadata.uid) return true;
  const { generation } = object.metadata;
  if (generation !== undefined && generation !== previous.metadata.generation) return true;
  return !equalJson(contentOf(object), contentOf(previous));
}

function contentOf({ status: _, metadata, ...rest }: KubeObject): unknown {
  const { resourceVersion: __, managedFields: ___, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

/** Objects that federation never touches, whatever a policy says. */
export function isIgnoredTemplate(object: KubeObject): boolean {
  const namespace = object.metadata.namespace ?? '';
  if (isReservedNamespace(namespace)) return true;
  if (object.kind === 'Namespace' && isReservedNamespace(object.metadata.name ?? '')) return true;
  return Boolean(object.metadata.labels?.[KEYS.claimedBy]);
}

/** What an event about a workload is told of: its binding and, while there is one, its template. */
export function toldOf(binding: Binding, templates: Pick<Templates, 'get'>): KubeObject[] {
  const { apiVersion, kind, namespace, name } = binding.spec.resource;
  const template = templates.get(apiVersion, kind, namespace, name);
  return template === undefined ? [binding] : [binding, template];
}
