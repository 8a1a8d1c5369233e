/**
 * Documents that describe a server (discovery, OpenAPI): built when first asked for, kept as bytes for as long as the
 * server has the same kinds, and compressed once however many ask. A hundred requests that nobody waits for the answers
 * of must not cost a hundred documents.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { KindRegistry } from './types.ts';

export interface Document {
  readonly contentType: string;
  readonly data: Uint8Array;
  /** Quoted; a matching If-None-Match is answered with 304. */
  readonly etag: string | undefined;
  /** `data` in gzip. */
  packed(): Promise<Uint8Array>;
}

const pack = promisify(gzip);

/** Keeps `data` and, once asked for, its compressed form. */
export function documentOf(contentType: string, data: string | Uint8Array, etag?: string): Document {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  let packed: Promise<Uint8Array> | undefined;
  return {
    contentType,
    data: bytes,
    etag,
    packed() {
      packed ??= pack(bytes);
      return packed;
    },
  };
}

const kept = new WeakMap<KindRegistry, { revision: number; documents: Map<string, Document> }>();

/**
 * The document of `registry` known as `name`, made by `build` when the kinds have changed since it was asked for last.
 * Null is not remembered: names come from paths, and anybody may ask for any path.
 */
export function keptDocument(registry: KindRegistry, name: string, build: () => Document | null): Document | null {
  let known = kept.get(registry);
  if (known?.revision !== registry.revision) {
    known = { revision: registry.revision, documents: new Map() };
    kept.set(registry, known);
  }
  const found = known.documents.get(name) ?? build();
  if (found !== null) known.documents.set(name, found);
  return found;
}
