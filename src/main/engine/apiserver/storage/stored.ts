/**
 * One version of one object, kept as its JSON text; the object itself is made when somebody asks for it and forgotten
 * again when others were asked for since. Most answers need only the text, and it takes a fraction of the memory.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';

type Labels = Readonly<Record<string, string>>;

const NO_LABELS: Labels = {};

/** Text of objects kept decoded, in UTF-16 units, per generation; there are two. */
const KEPT_UNITS = 4 * 1024 * 1024;
/** The same of objects that were just created. */
const CREATED_UNITS = 256 * 1024;

export class Stored {
  readonly revision: number;
  #text: string | null;
  #object: KubeObject | null;
  /** Kept when the object is forgotten: lists and watches select by labels. Null: not known. */
  #labels: Labels | null = null;
  /** Whether it was asked for since the generation began. */
  #used = false;
  readonly #created: boolean;

  private constructor(revision: number, text: string | null, object: KubeObject | null, created = false) {
    this.revision = revision;
    this.#text = text;
    this.#object = object;
    this.#created = created;
  }

  /** A version that comes from disk. */
  static ofText(text: string, revision: number): Stored {
    return new Stored(revision, text, null);
  }

  /** A new version; `object` must not change any more. `created`: the first one of its object. */
  static ofObject(object: KubeObject, revision: number, created = false): Stored {
    return new Stored(revision, null, object, created);
  }

  /** The JSON of the object, written once. */
  get text(): string {
    if (this.#text === null) {
      this.#text = JSON.stringify(this.#object);
      if (this.#created) keepCreated(this);
      else keepDecoded(this);
    }
    return this.#text;
  }

  /** Shared by everybody who asks: never to be changed in place. */
  get object(): KubeObject {
    this.#used = true;
    if (this.#object === null) {
      this.#object = JSON.parse(this.#text!) as KubeObject;
      keepDecoded(this);
    }
    return this.#object;
  }

  get labels(): Labels {
    if (this.#object === null && this.#labels !== null) return this.#labels;
    return this.object.metadata.labels ?? NO_LABELS;
  }

  /** False when the object certainly has no field of that name anywhere. Cheaper than to look. */
  mayHave(field: string): boolean {
    return this.text.includes(`"${field}":`);
  }

  /** For what follows below: true when it is decoded and was used since the last time this was asked. */
  wasUsed(): boolean {
    const used = this.#used && this.#object !== null;
    this.#used = false;
    return used;
  }

  /** Keeps the text alone. */
  forgetObject(): void {
    if (this.#object !== null) this.#labels = this.#object.metadata.labels ?? NO_LABELS;
    this.#object = null;
  }
}

// Two generations of decoded objects: when the younger one is full, what nobody asked for in the older one is forgotten.
let young: Stored[] = [];
let youngUnits = 0;
let old: Stored[] = [];

function keepDecoded(stored: Stored): void {
  young.push(stored);
  youngUnits += stored.text.length;
  if (youngUnits < KEPT_UNITS) return;
  const before = old;
  old = young;
  young = [];
  youngUnits = 0;
  for (const each of before) {
    if (each.wasUsed()) {
      young.push(each);
      youngUnits += each.text.length;
    } else each.forgetObject();
  }
}

// Most objects are not looked at again soon after they were created. Forgotten early, they cost the garbage collector
// nothing; what is looked at meanwhile lives on with the others.
let created: Stored[] = [];
let createdUnits = 0;

function keepCreated(stored: Stored): void {
  created.push(stored);
  createdUnits += stored.text.length;
  if (createdUnits < CREATED_UNITS) return;
  const before = created;
  created = [];
  createdUnits = 0;
  for (const each of before) {
    if (each.wasUsed()) keepDecoded(each);
    else each.forgetObject();
  }
}
