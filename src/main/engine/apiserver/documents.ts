/**
 * Documents that describe a server (discovery, OpenAPI): built when first asked for, kept as bytes for as long as the
 * server has the same kinds, and compressed once however many ask; from then on in that form alone, since nearly all
 * clients take it and it is a tenth of the size. A hundred requests that nobody waits for the answers of must not cost a
 * hundred documents.
 */
import { promisify } from 'node:util';
import { gunzipSync, gzip } from 'node:zlib';
import type { KindRegistry } from './types.ts';

export interface Document {
  readonly contentType: string;
  /** Unpacked when only the packed form is left: ask for `size` or `packed` where they will do. */
  readonly data: Uint8Array;
  /** Of `data`, in bytes. */
  readonly size: number;
  /** Quoted; a matching If-None-Match is answered with 304. */
  readonly etag: string | undefined;
  /** `data` in gzip. */
  packed(): Promise<Uint8Array>;
}

const pack = promisify(gzip);

/** Keeps `data`, or its compressed form once that was asked for. */
export function documentOf(contentType: string, data: string | Uint8Array, etag?: string): Document {
  let plain: Uint8Array | null = typeof data === 'string' ? Buffer.from(data) : data;
  let small: Uint8Array = plain;
  let packing: Promise<Uint8Array> | undefined;
  return {
    contentType,
    etag,
    size: plain.length,
    get data() {
      return plain ?? gunzipSync(small);
    },
    packed() {
      packing ??= pack(small).then((bytes) => {
        small = bytes;
        plain = null;
        return bytes;
      });
      return packing;
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
