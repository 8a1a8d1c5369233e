/**
 * One kind in one cluster as a search sees it: read once in pages, then good for a while. Most kinds are asked for as
 * metadata alone; kinds that have images and addresses as a whole, unless there are very many of them.
 */
import type { ResourceInfo } from '#shared/kubernetes/types.ts';
import type { KubeClient } from '../kube/index.ts';
import { type Entry, entryOf } from './entry.ts';

const PAGE = 500;
/** More than these are read as metadata: found by name, namespace, label and owner, but not by image and address. */
const WHOLE_AT_MOST = 5_000;
const WHOLE = new Set([
  'pods',
  'services',
  'nodes',
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'jobs.batch',
  'cronjobs.batch',
  'ingresses.networking.k8s.io',
]);

export class Collection {
  readonly info: ResourceInfo;
  entries: readonly Entry[] = [];
  readAt = 0;
  #reading: Promise<void> | null = null;

  constructor(info: ResourceInfo) {
    this.info = info;
  }

  /** Reads it when what is known is older than `maxAgeMs`; one reading at a time, shared by all who ask. */
  fresh(client: KubeClient, maxAgeMs: number): Promise<void> | null {
    if (this.readAt > 0 && Date.now() - this.readAt < maxAgeMs) return null;
    this.#reading ??= this.#read(client).finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read(client: KubeClient): Promise<void> {
    const { group, resource } = this.info;
    let whole = WHOLE.has(group === '' ? resource : `${resource}.${group}`);
    const entries: Entry[] = [];
    let next: string | undefined;
    do {
      const page = await client.list(this.info, {
        limit: PAGE,
        continue: next,
        ...(whole ? {} : { metadataOnly: true }),
      });
      for (const item of page.items) entries.push(entryOf(item));
      const remaining = page.metadata?.remainingItemCount;
      if (whole && typeof remaining === 'number' && remaining > WHOLE_AT_MOST) whole = false;
      next = page.metadata?.continue === '' ? undefined : page.metadata?.continue;
      // Shown as they come; the last complete reading stays until this one has overtaken it.
      if (entries.length > this.entries.length || this.readAt === 0) this.entries = entries;
    } while (next !== undefined);
    this.entries = entries;
    this.readAt = Date.now();
  }
}

/** Kinds that say nothing to a person looking for something, or come in numbers that would only be in the way. */
const LEFT_OUT = new Set([
  'events',
  'events.events.k8s.io',
  'leases.coordination.k8s.io',
  'endpoints',
  'endpointslices.discovery.k8s.io',
  'controllerrevisions.apps',
  'componentstatuses',
  'podtemplates',
  'bindings',
  'csistoragecapacities.storage.k8s.io',
]);
/** What people look for first. */
const FIRST = ['pods', 'deployments', 'services', 'nodes', 'namespaces', 'statefulsets', 'daemonsets', 'ingresses'];

/** Every kind that can be listed, one version each, in the order in which it is worth being read. */
export function searched(infos: readonly ResourceInfo[]): ResourceInfo[] {
  const found = new Map<string, ResourceInfo>();
  for (const info of infos) {
    const key = info.group === '' ? info.resource : `${info.resource}.${info.group}`;
    if (!info.verbs.includes('list') || LEFT_OUT.has(key) || info.group === 'metrics.k8s.io') continue;
    if (!found.has(key)) found.set(key, info);
  }
  const place = ({ resource }: ResourceInfo) => (FIRST.includes(resource) ? FIRST.indexOf(resource) : FIRST.length);
  return [...found.values()].sort((a, b) => place(a) - place(b));
}
