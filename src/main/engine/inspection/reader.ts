/** Takes the pages of one cluster as they come, and keeps of each object what rules look at. */
import type { KubeList, KubeObject } from '#shared/kubernetes/types.ts';
import { readList } from '../kube/index.ts';
import { type Source, sourceNamed } from './sources.ts';

/** From so many pods on, what has no pages is asked for namespace by namespace. */
const LARGE = 2000;

export interface Reader {
  /** One page of a source, named as in `sources.ts`. @throws AppError CLUSTER_ERROR when it cannot be read. */
  page(source: string, body: Uint8Array | KubeList): Promise<{ objects: number; next: string | undefined }>;
  /** The pages of this source since its last end are all there are, or (`whole` false) to be forgotten. */
  end(source: string, whole: boolean): Promise<void>;
  /** Namespaces with pods; null where so few pods are that all can be asked about at once. */
  podNamespaces(): Promise<string[] | null>;
}

export interface Kept extends Reader {
  /** Of the sources that came to their end. */
  readonly objects: readonly KubeObject[];
}

export function createReader(): Kept {
  const kept: KubeObject[] = [];
  const open = new Map<string, { keep: ReturnType<Source['keep']>; objects: KubeObject[] }>();
  return {
    objects: kept,
    async page(name, body) {
      let source = open.get(name);
      if (source === undefined) {
        source = { keep: sourceNamed(name).keep(), objects: [] };
        open.set(name, source);
      }
      const list = readList(body, 'the cluster', name);
      for (const object of list.items) source.objects.push(source.keep(object));
      return { objects: list.items.length, next: list.metadata?.continue || undefined };
    },
    async end(name, whole) {
      if (whole) for (const object of open.get(name)?.objects ?? []) kept.push(object);
      open.delete(name);
    },
    async podNamespaces() {
      const pods = kept.filter(({ kind }) => kind === 'Pod');
      return pods.length < LARGE ? null : [...new Set(pods.map(({ metadata }) => metadata.namespace ?? ''))];
    },
  };
}
