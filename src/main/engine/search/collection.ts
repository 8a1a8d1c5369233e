/**
 * One kind in one cluster as a search sees it: read once in pages, then good for a while, the longer the more there was to
 * read. Most kinds are asked for as metadata alone; kinds that have images and addresses as a whole, of which only these
 * are kept, unless there are so many that it would take minutes.
 */
import type { ResourceInfo } from '#shared/kubernetes/types.ts';
import { type KubeClient, nextTurn, readList } from '../kube/index.ts';
import { type Entry, entryOf } from './entry.ts';

const PAGE = 500;
/** Whole objects are ten times as large, and a page is read in one go: nothing else has its turn meanwhile. */
const WHOLE_PAGE = 120;
/** The first page is small: something to show while the rest is still being read. */
const FIRST_PAGE = 50;
/** The rest of more than these is read as metadata: found by name, namespace, label and owner, not by image and address. */
const WHOLE_AT_MOST = 50_000;
/** What took so long to read is not read again before this many times as long has passed. */
const REST_AFTER_READING = 20;
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
  /** Counts what has come in. */
  version = 0;
  /** Some were too many to be read as a whole: images and addresses of these are not known. */
  shallow = false;
  #took = 0;
  #reading: Promise<void> | null = null;

  constructor(info: ResourceInfo) {
    this.info = info;
  }

  /** Reads it when what is known is older than `maxAgeMs`, for what takes long a multiple of that; one reading at a time, shared by all who ask. */
  fresh(client: KubeClient, maxAgeMs: number): Promise<void> | null {
    if (this.readAt > 0 && Date.now() - this.readAt < Math.max(maxAgeMs, this.#took * REST_AFTER_READING)) return null;
    this.#reading ??= this.#read(client).finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read(client: KubeClient): Promise<void> {
    const { group, resource } = this.info;
    const began = Date.now();
    let shallow = false;
    let whole = WHOLE.has(group === '' ? resource : `${resource}.${group}`);
    const entries: Entry[] = [];
    let next: string | undefined;
    do {
      const raw = await client.rawList(this.info, {
        limit: !whole ? PAGE : entries.length === 0 ? FIRST_PAGE : WHOLE_PAGE,
        continue: next,
        ...(whole ? {} : { metadataOnly: true }),
      });
      // Many clusters answer at once: each page is read when others have had their turn.
      await nextTurn();
      const page = readList(raw, client.transport.server, resource);
      for (const item of page.items) entries.push(entryOf(item));
      const remaining = page.metadata?.remainingItemCount;
      if (whole && typeof remaining === 'number' && remaining > WHOLE_AT_MOST) {
        whole = false;
        shallow = true;
      }
      next = page.metadata?.continue === '' ? undefined : page.metadata?.continue;
      // Shown as they come; the last complete reading stays until this one has overtaken it.
      if (entries.length > this.entries.length || this.readAt === 0) this.#show(entries, shallow);
    } while (next !== undefined);
    this.#show(entries, shallow);
    this.readAt = Date.now();
    this.#took = this.readAt - began;
  }

  #show(entries: readonly Entry[], shallow: boolean): void {
    this.entries = entries;
    this.shallow = shallow;
    this.version += 1;
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
