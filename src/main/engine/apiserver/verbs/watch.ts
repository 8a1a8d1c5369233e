/**
 * watch: from any kept revision, from now with or without the present state first (WatchList, KEP-3157), bookmarks,
 * changes that move an object into or out of a selection, end after the time asked for.
 * An event is serialised once and its bytes shared by all watchers that see it the same way.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { apiVersionOf } from '#shared/kubernetes/types.ts';
import { collectionOf } from '../core.ts';
import { cloneJson } from '../json.ts';
import type { AcceptedView } from '../request/accept.ts';
import { type ListOptions, parseListOptions } from '../request/options.ts';
import { presentEventObject } from '../request/present.ts';
import type { ApiAnswer, WatchFrame, WatchSink } from '../request/types.ts';
import { internal, refuse } from '../status.ts';
import type { Collection } from '../storage/collection.ts';
import type { Stored, StoreEvent } from '../storage/types.ts';
import type { IncludeObject } from '../table/index.ts';
import type { KindDefinition } from '../types.ts';
import type { VerbContext } from './context.ts';
import { type Selection, selectionOf, selects, tooLarge } from './read.ts';

/** The real server's --min-request-timeout: watches without timeoutSeconds end between this and twice this. */
const MIN_TIMEOUT_SECONDS = 1800;
const BOOKMARK_EVERY_MS = 60_000;
/** A bookmark comes shortly before the end, so that the next watch starts from a fresh revision. */
const BOOKMARK_BEFORE_END_MS = 2_000;

export function watch(context: VerbContext): ApiAnswer {
  const options = parseListOptions(context.request.query, true);
  const selection = selectionOf(context, options);
  const start = startOf(context, options);
  return {
    status: 200,
    body: { kind: 'watch', stream: { start: (sink) => run(context, options, selection, start, sink) } },
  };
}

/** Null: begin with the state there is. */
function startOf(context: VerbContext, options: ListOptions): number | null {
  const text = options.resourceVersion;
  if (text !== '' && !/^\d+$/.test(text))
    throw internal(`resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`);
  const revision = Number(text);
  const current = context.core.store.revision;
  if (options.sendInitialEvents === true) {
    if (revision > current) throw tooLarge(revision, current);
    return null;
  }
  if (options.sendInitialEvents === false && revision === 0) return current;
  return revision === 0 ? null : revision;
}

function run(
  context: VerbContext,
  options: ListOptions,
  selection: Selection,
  start: number | null,
  sink: WatchSink,
): () => void {
  const { core, kind, accept, include } = context;
  const collection = collectionOf(core, kind);
  const encoder = encoderOf(collection, kind, accept, include);
  const timers: NodeJS.Timeout[] = [];
  let first = true;
  let stopped = false;

  const stop = () => {
    if (stopped) return;
    stopped = true;
    collection.watchers.delete(onEvent);
    for (const timer of timers) clearTimeout(timer);
  };
  const send = (frame: WatchFrame) => {
    if (!stopped && !sink.event(frame)) stop();
  };
  const sendObject = (type: string, object: KubeObject, stored: Stored | null) => {
    send(encoder.frame(type, object, stored, first));
    first = false;
  };
  const onEvent = (event: StoreEvent) => {
    const was = event.previous !== null && selects(selection, event.key, event.previous.object);
    const is = event.type !== 'DELETED' && selects(selection, event.key, event.current.object);
    if (is) sendObject(was ? 'MODIFIED' : 'ADDED', event.current.object, event.current);
    else if (was && event.type === 'DELETED') sendObject('DELETED', event.current.object, event.current);
    else if (was) sendObject('DELETED', departed(event), null);
  };
  const bookmark = (annotations?: Record<string, string>) => {
    const metadata = { resourceVersion: String(core.store.revision), ...(annotations ? { annotations } : {}) };
    const object = { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata } as KubeObject;
    const shown = presentEventObject(kind, object, accept, include, true, first);
    send(new Frame('BOOKMARK', shown, null));
  };

  if (start === null) {
    for (const key of collection.keys(selection.prefix)) {
      const stored = collection.items.get(key)!;
      if (selects(selection, key, stored.object)) sendObject('ADDED', stored.object, stored);
      if (stopped) return stop;
    }
    if (options.sendInitialEvents === true && options.allowWatchBookmarks)
      bookmark({ 'k8s.io/initial-events-end': 'true' });
  } else {
    const missed = collection.eventsAfter(start);
    if (missed === null) {
      const status = refuse(410, 'Expired', `too old resource version: ${start} (${collection.compactedRevision + 1})`);
      send(new Frame('ERROR', status.body as unknown as KubeObject, null));
      sink.end();
      return stop;
    }
    for (const event of missed) {
      onEvent(event);
      if (stopped) return stop;
    }
  }
  collection.watchers.add(onEvent);

  const seconds = options.timeoutSeconds ?? 0;
  const total = 1000 * (seconds > 0 ? seconds : MIN_TIMEOUT_SECONDS * (1 + Math.random()));
  timers.push(
    setTimeout(() => {
      stop();
      sink.end();
    }, total).unref(),
  );
  if (options.allowWatchBookmarks) {
    timers.push(setInterval(bookmark, BOOKMARK_EVERY_MS).unref());
    if (total > BOOKMARK_BEFORE_END_MS) timers.push(setTimeout(bookmark, total - BOOKMARK_BEFORE_END_MS).unref());
  }
  return stop;
}

/** What an object looked like when it was last selected, under the revision of the change that took it out. */
function departed(event: StoreEvent): KubeObject {
  const object = event.previous!.object;
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(event.revision) } };
}

class Frame implements WatchFrame {
  readonly #type: string;
  readonly #object: KubeObject;
  readonly #text: string | null;
  #bytes: Uint8Array | null = null;

  constructor(type: string, object: KubeObject, text: string | null) {
    this.#type = type;
    this.#object = object;
    this.#text = text;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= Buffer.from(`{"type":"${this.#type}","object":${this.#text ?? JSON.stringify(this.#object)}}\n`);
    return this.#bytes;
  }

  value(): { type: string; object: KubeObject } {
    return { type: this.#type, object: cloneJson(this.#object) };
  }
}

/** Makes frames for one way of looking at one resource and remembers the last one: all its watchers ask in a row. */
class Encoder {
  readonly #kind: KindDefinition;
  readonly #accept: AcceptedView;
  readonly #include: IncludeObject;
  #last: { type: string; stored: Stored; first: boolean; frame: Frame } | null = null;

  constructor(kind: KindDefinition, accept: AcceptedView, include: IncludeObject) {
    this.#kind = kind;
    this.#accept = accept;
    this.#include = include;
  }

  frame(type: string, object: KubeObject, stored: Stored | null, first: boolean): Frame {
    const last = this.#last;
    // Only tables differ between the first event (with column definitions) and the rest.
    const leading = first && this.#accept.view === 'table';
    if (last !== null && stored !== null && last.stored === stored && last.type === type && last.first === leading)
      return last.frame;
    const shown = presentEventObject(this.#kind, object, this.#accept, this.#include, false, first);
    const text = stored !== null && shown === stored.object ? stored.text : null;
    const frame = new Frame(type, shown, text);
    if (stored !== null) this.#last = { type, stored, first: leading, frame };
    return frame;
  }
}

const encoders = new WeakMap<Collection, Map<string, { kind: KindDefinition; encoder: Encoder }>>();

function encoderOf(
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
