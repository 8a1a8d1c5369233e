/**
 * Versions of custom resources whose definition names a webhook for conversion. Objects are kept in the definition's
 * storage version; what is read or written in another one goes through the webhook, a whole list at once. Where no
 * webhook is named nothing here waits: `inVersion` of core.ts is enough.
 */
import { randomUUID } from 'node:crypto';
import { apiVersionOf, type KubeObject } from '#shared/kubernetes/types.ts';
import { UnknownInVersion, Views, ViewWanted } from './apply/versions.ts';
import { type Conversion, conversionReview, convertedFrom, UnreadObject } from './crd/conversion.ts';
import { type CustomSchema, prune } from './crd/structural.ts';
import { cloneJson } from './json.ts';
import { refuse } from './status.ts';
import type { ObjectStore } from './storage/store.ts';
import { Stored } from './storage/stored.ts';
import type { KindDefinition } from './types.ts';
import { callWebhook } from './webhook/client.ts';

/** Source: apiserver, client of webhooks without a timeout of their own. */
const TIMEOUT_SECONDS = 30;

/** Whether objects of the kind have to be asked for before they can be shown. */
export function needsWebhook(kind: KindDefinition): boolean {
  return (kind.custom?.conversion ?? null) !== null;
}

/**
 * The same rows in the kind's version; who asked before has asked for everybody, as objects that the real server keeps for
 * its lists and watches are converted once. A promise only when the webhook has to be asked; rejects with ApiError 500.
 */
export function rowsIn(
  store: ObjectStore,
  kind: KindDefinition,
  rows: readonly Stored[],
): readonly Stored[] | Promise<readonly Stored[]> {
  if (!needsWebhook(kind)) return rows;
  const converter = converterOf(store, kind);
  const unknown = rows.filter((row) => converter.known(row) === undefined);
  const shown = () => rows.map((row) => converter.known(row)!);
  return unknown.length === 0 ? shown() : converter.convert(unknown).then(shown);
}

/** One stored object in the kind's version. */
export function storedIn(store: ObjectStore, kind: KindDefinition, stored: Stored): Stored | Promise<Stored> {
  if (!needsWebhook(kind)) return stored;
  const object = objectIn(store, kind, stored.object);
  return object instanceof Promise
    ? object.then((converted) => Stored.ofObject(converted, stored.revision))
    : object === stored.object
      ? stored
      : Stored.ofObject(object, stored.revision);
}

/** One object in the version of `kind`, which is one of its own. */
export function objectIn(
  store: ObjectStore,
  kind: KindDefinition,
  object: KubeObject,
): KubeObject | Promise<KubeObject> {
  const conversion = kind.custom?.conversion ?? null;
  const apiVersion = apiVersionOf(kind);
  if (conversion === null || object.apiVersion === apiVersion) return object;
  return ask(store, conversion, kind, apiVersion, [object], null).then(([converted]) => pruned(kind, converted!));
}

/** The object in the version it is kept in. */
export function asKept(store: ObjectStore, kind: KindDefinition, object: KubeObject): KubeObject | Promise<KubeObject> {
  const custom = kind.custom;
  if (custom === undefined || custom.storageVersion === kind.version) return object;
  const apiVersion = `${kind.group}/${custom.storageVersion}`;
  if (custom.conversion === null) {
    const kept = cloneJson({ ...object, apiVersion });
    custom.inVersion(custom.storageVersion)?.defaults?.(kept);
    return kept;
  }
  return ask(store, custom.conversion, kind, apiVersion, [object], null).then(([converted]) => {
    // What its own version does not know is not kept, and what it fills in is there for whoever reads next.
    custom.inVersion(custom.storageVersion)?.defaults?.(converted!);
    return converted!;
  });
}

/**
 * The result of `step`, which is pure and begun anew as often as it wants to know how an object looks in another version.
 * What the webhook refuses is thrown where it was wanted, as UnknownInVersion.
 */
export async function withViews<T>(store: ObjectStore, step: (views: Views) => T): Promise<T> {
  const views = new Views();
  for (;;)
    try {
      return step(views);
    } catch (error) {
      if (!(error instanceof ViewWanted)) throw error;
      views.learn(error, await viewOf(store, error));
    }
}

/** As the webhook sees it, with all that it made up: owners may have to do with it. */
async function viewOf(store: ObjectStore, { kind, object }: ViewWanted): Promise<KubeObject | UnknownInVersion> {
  try {
    const [view] = await ask(store, kind.custom!.conversion!, kind, apiVersionOf(kind), [object], null);
    return view!;
  } catch (error) {
    return new UnknownInVersion((error as Error).message);
  }
}

async function ask(
  store: ObjectStore,
  { client, review }: Conversion,
  kind: KindDefinition,
  desiredAPIVersion: string,
  originals: readonly KubeObject[],
  /** Kind of the list they are part of; null for one object for itself. */
  listKind: string | null,
): Promise<KubeObject[]> {
  const uid = randomUUID();
  const named =
    listKind === null ? `${originals[0]!.apiVersion}, Kind=${kind.kind}` : `${desiredAPIVersion}, Kind=${listKind}`;
  const fail = (problem: string) => refuse(500, '', `conversion webhook for ${named} ${problem}`);
  if (review === null) throw refuse(500, '', 'no supported conversion review versions');
  let answer: unknown;
  try {
    const question = conversionReview(review, uid, desiredAPIVersion, originals);
    answer = await callWebhook(store, client, question, TIMEOUT_SECONDS);
  } catch (error) {
    throw fail(`failed: ${(error as Error).message}`);
  }
  try {
    return convertedFrom(answer, review, { uid, desiredAPIVersion, originals, single: listKind === null });
  } catch (error) {
    if (error instanceof UnreadObject) throw refuse(500, '', error.message);
    throw fail((error as Error).message);
  }
}

/** What the webhook made up beyond the schema is dropped, as it is from what clients send. */
function pruned(kind: KindDefinition, object: KubeObject): KubeObject {
  prune(object, kind.custom!.structuralSchema as CustomSchema);
  return object;
}

/** Shows one kind's objects to all its lists and watches in its version; each is asked for once. */
export class Converter {
  readonly #store: ObjectStore;
  readonly #kind: KindDefinition;
  readonly #known = new WeakMap<Stored, Stored>();

  constructor(store: ObjectStore, kind: KindDefinition) {
    this.#store = store;
    this.#kind = kind;
  }

  /** The object in the version of the kind; undefined: it has to be asked for first. */
  known(stored: Stored): Stored | undefined {
    if (stored.object.apiVersion === apiVersionOf(this.#kind)) return stored;
    return this.#known.get(stored);
  }

  /** All in one question. Rejects with ApiError 500. */
  async convert(rows: readonly Stored[]): Promise<void> {
    const kind = this.#kind;
    const { conversion } = kind.custom!;
    const originals = rows.map(({ object }) => object);
    const objects = await ask(this.#store, conversion!, kind, apiVersionOf(kind), originals, kind.listKind);
    rows.forEach((row, index) => {
      this.#known.set(row, Stored.ofObject(pruned(kind, objects[index]!), row.revision));
    });
  }
}

/** A kind is made anew when its definition changes; what was asked for before is not used then. */
const converters = new WeakMap<KindDefinition, Converter>();

export function converterOf(store: ObjectStore, kind: KindDefinition): Converter {
  let converter = converters.get(kind);
  if (converter === undefined) {
    converter = new Converter(store, kind);
    converters.set(kind, converter);
  }
  return converter;
}
