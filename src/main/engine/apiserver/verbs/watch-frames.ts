/** Events as bytes: serialised once per way of looking at a resource, and shared by all watchers that see it the same way. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { AcceptedView } from '../request/accept.ts';
import { isStoredAs, presentEventObject } from '../request/present.ts';
import type { WatchFrame } from '../request/types.ts';
import type { Collection } from '../storage/collection.ts';
import type { Stored } from '../storage/stored.ts';
import type { IncludeObject } from '../table/index.ts';
import type { KindDefinition } from '../types.ts';

export class Frame implements WatchFrame {
  readonly #type: string;
  readonly #text: string;
  readonly #stored: Stored | null;
  #bytes: Uint8Array | null = null;

  /** `text`: JSON of the object; `stored` where that is the very same. */
  constructor(type: string, text: string, stored: Stored | null = null) {
    this.#type = type;
    this.#text = text;
    this.#stored = stored;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= Buffer.from(`{"type":"${this.#type}","object":${this.#text}}\n`);
    return this.#bytes;
  }

  value(): { type: string; object: KubeObject } {
    return { type: this.#type, object: JSON.parse(this.#text) };
  }

  shared(): { type: string; object: KubeObject } {
    return this.#stored === null ? this.value() : { type: this.#type, object: this.#stored.object };
  }
}

/** Makes frames for one way of looking at one resource and remembers those of the last change: all its watchers ask in a row. */
export class Encoder {
  readonly #kind: KindDefinition;
  readonly #accept: AcceptedView;
  readonly #include: IncludeObject;
  #last: Stored | null = null;
  /** Of the last change, by type of event; only tables differ between a watch's first event and the rest. */
  readonly #frames = new Map<string, Frame>();

  constructor(kind: KindDefinition, accept: AcceptedView, include: IncludeObject) {
    this.#kind = kind;
    this.#accept = accept;
    this.#include = include;
  }

  frame(type: string, stored: Stored, first: boolean): Frame {
    if (this.#last !== stored) {
      this.#last = stored;
      this.#frames.clear();
    }
    const id = first && this.#accept.view === 'table' ? `${type} first` : type;
    let frame = this.#frames.get(id);
    if (frame === undefined) {
      const asStored = this.#accept.view === 'object' && isStoredAs(this.#kind, stored);
      frame = asStored ? new Frame(type, stored.text, stored) : new Frame(type, this.#textOf(stored, first));
      this.#frames.set(id, frame);
    }
    return frame;
  }

  #textOf(stored: Stored, first: boolean): string {
    return JSON.stringify(presentEventObject(this.#kind, stored.object, this.#accept, this.#include, first));
  }
}

const encoders = new WeakMap<Collection, Map<string, { kind: KindDefinition; encoder: Encoder }>>();

export function encoderOf(
  collection: Collection,
  kind: KindDefinition,
  accept: AcceptedView,
  include: IncludeObject,
): Encoder {
  let known = encoders.get(collection);
  if (known === undefined) {
    known = new Map();
    encoders.set(collection, known);
  }
  const id = `${kind.group}/${kind.version}/${accept.view}/${accept.version}/${include}`;
  const found = known.get(id);
  if (found !== undefined && found.kind === kind) return found.encoder;
  const encoder = new Encoder(kind, accept, include);
  known.set(id, { kind, encoder });
  return encoder;
}
