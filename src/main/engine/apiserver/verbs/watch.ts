/**
 * watch: from any kept revision, from now with or without the present state first (WatchList, KEP-3157), bookmarks,
 * end after the time asked for.
 */
import { ApiError } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { apiVersionOf } from '#shared/kubernetes/types.ts';
import { collectionOf } from '../core.ts';
import { canonicalise } from '../openapi/typed.ts';
import { refuseUnstreamed } from '../request/accept.ts';
import { type ListOptions, parseListOptions } from '../request/options.ts';
import { INITIAL_END, presentEventObject } from '../request/present.ts';
import { isTrue } from '../request/route.ts';
import type { ApiAnswer, WatchSink } from '../request/types.ts';
import { internal } from '../status.ts';
import { converterOf, needsWebhook } from '../versions.ts';
import type { VerbContext } from './context.ts';
import { type Selection, selectionOf, tooLarge } from './read.ts';
import { Feed } from './watch-feed.ts';
import { encoderOf, Frame } from './watch-frames.ts';

/** The real server's --min-request-timeout: watches without timeoutSeconds end between this and twice this. */
const MIN_TIMEOUT_SECONDS = 1800;
const BOOKMARK_EVERY_MS = 60_000;
/** A bookmark comes shortly before the end, so that the next watch starts from a fresh revision. */
const BOOKMARK_BEFORE_END_MS = 2_000;

export function watch(context: VerbContext): ApiAnswer {
  // By their old paths watches are judged as lists.
  const { query } = context.request;
  const asWatch = isTrue(query.get('watch'));
  const options = parseListOptions(query, asWatch);
  const selection = selectionOf(context, options);
  const start = startOf(context, options);
  refuseUnstreamed(context.accept);
  // No event is a list: the stream ends where the first would be.
  const unwritable = context.accept.view === 'metadata' && context.accept.list;
  const begin = (sink: WatchSink) => {
    const shown = unwritable ? endingAtFirst(sink) : sink;
    return start instanceof ApiError ? failed(start, shown) : run(context, options, selection, start, shown, asWatch);
  };
  return { status: 200, body: { kind: 'watch', stream: { start: begin } } };
}

/** A watch that was granted before it turned out that it cannot be. */
function failed({ body }: ApiError, sink: WatchSink): () => void {
  sink.event(new Frame('ERROR', JSON.stringify(body)));
  sink.end();
  return () => undefined;
}

function endingAtFirst(sink: WatchSink): WatchSink {
  const event = () => {
    sink.end();
    return false;
  };
  return { ...sink, event };
}

/** Null: begin with the state there is; an error is told in the stream. Throws 500 for what is no revision. */
function startOf(context: VerbContext, options: ListOptions): number | null | ApiError {
  const text = options.resourceVersion;
  if (text !== '' && !/^\d+$/.test(text))
    throw internal(`resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`);
  const revision = Number(text);
  const current = context.core.store.revision;
  if (options.sendInitialEvents === true) {
    return revision > current ? tooLarge(revision, current) : null;
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
  asWatch: boolean,
): () => void {
  const { core, kind, accept, include } = context;
  const collection = collectionOf(core, kind);
  const bookmarkAt = (revision: number, first: boolean, annotations?: Record<string, string>) => {
    const metadata = { resourceVersion: String(revision), ...(annotations ? { annotations } : {}) };
    const object = { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata } as KubeObject;
    // A bookmark is an object of its kind with nothing filled in, and some kinds write their empty parts.
    if (kind.custom === undefined) {
      canonicalise(kind.schema, object);
      if (kind.scale !== undefined) object.spec = { replicas: 0, ...object.spec };
    }
    return new Frame('BOOKMARK', JSON.stringify(presentEventObject(kind, object, accept, include, first)));
  };
  const initialEnd = (at: Feed) => bookmarkAt(at.position, at.first, { [INITIAL_END]: 'true' });
  const feed = new Feed({
    collection,
    selection,
    encoder: encoderOf(collection, kind, accept, include),
    sink,
    converter: needsWebhook(kind) ? converterOf(core.store, kind) : null,
    start,
    current: core.store.revision,
    // Who asks for bookmarks and no revision is told where the initial events end, whether or not they were asked for; not
    // where the path alone says that it is a watch.
    initialEnd: start === null && asWatch && options.allowWatchBookmarks ? initialEnd : null,
  });
  const bookmark = () => {
    if (feed.upToDate) feed.send(bookmarkAt(core.store.revision, feed.first));
  };
  const seconds = options.timeoutSeconds ?? 0;
  // A time that is over ends the watch at once.
  const total = 1000 * (seconds === 0 ? MIN_TIMEOUT_SECONDS * (1 + Math.random()) : Math.max(0, seconds));
  const timers = [
    setTimeout(() => {
      stop();
      sink.end();
    }, total).unref(),
  ];
  if (options.allowWatchBookmarks) {
    timers.push(setInterval(bookmark, BOOKMARK_EVERY_MS).unref());
    if (total > BOOKMARK_BEFORE_END_MS) timers.push(setTimeout(bookmark, total - BOOKMARK_BEFORE_END_MS).unref());
  }
  core.metrics.watchStarted();
  let stopped = false;
  const stop = () => {
    if (stopped) return;
    stopped = true;
    core.metrics.watchEnded();
    feed.stop();
    for (const timer of timers) clearTimeout(timer);
  };
  return stop;
}
