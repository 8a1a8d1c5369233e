/**
 * One watcher: the state there is, then every change after it, as fast as the reader takes them. A reader that does not
 * keep up is not buffered for: the feed remembers only the revision it has got to and goes on from the collection's
 * history, which all watchers share. Once that history is gone the watcher is told to list again (410).
 */
import type { WatchFrame, WatchSink } from '../request/types.ts';
import { refuse } from '../status.ts';
import type { Collection } from '../storage/collection.ts';
import { Stored } from '../storage/stored.ts';
import type { StoreEvent } from '../storage/types.ts';
import { type Selection, selects } from './read.ts';
import { type Encoder, Frame } from './watch-frames.ts';

/** Changes kept for one reader while it takes the present state, which history alone might not cover. */
const MAX_PENDING_EVENTS = 20_000;

export interface FeedOptions {
  collection: Collection;
  selection: Selection;
  encoder: Encoder;
  sink: WatchSink;
  /** Events after this revision; null: the present state first. */
  start: number | null;
  /** The revision of the present state. */
  current: number;
  /** Makes what is sent when the present state is complete; null: nothing is. */
  initialEnd: ((feed: Feed) => WatchFrame) | null;
}

export class Feed {
  readonly #collection: Collection;
  readonly #selection: Selection;
  readonly #encoder: Encoder;
  readonly #sink: WatchSink;
  /** Every change up to here has been sent, or needs no sending. */
  #position: number;
  #initial: Stored[] = [];
  #initialAt = 0;
  #initialEnd: ((feed: Feed) => WatchFrame) | null;
  /** Changes that wait for the reader. */
  #pending: StoreEvent[] = [];
  #pendingAt = 0;
  /** New changes go to `pending`; otherwise they are found in the history again. */
  #appending: boolean;
  /** Not everything there is has been sent. */
  #behind = true;
  #first = true;
  #stopped = false;

  /** Sends what can be sent at once. */
  constructor(options: FeedOptions) {
    const { collection, selection, start } = options;
    this.#collection = collection;
    this.#selection = selection;
    this.#encoder = options.encoder;
    this.#sink = options.sink;
    this.#position = start ?? options.current;
    this.#initialEnd = options.initialEnd;
    this.#appending = start === null;
    if (start === null)
      for (const key of collection.keys(selection.prefix)) {
        const stored = collection.items.get(key)!;
        if (selects(selection, key, stored)) this.#initial.push(stored);
      }
    collection.watchers.add(this.#onEvent);
    options.sink.onDrain(() => this.#pump());
    this.#pump();
  }

  /** The last revision whose change the reader has, or needs not have. */
  get position(): number {
    return this.#position;
  }

  /** Everything there is has been sent: a bookmark may carry the newest revision. */
  get upToDate(): boolean {
    return !this.#behind && !this.#stopped;
  }

  /** Nothing has been sent yet. */
  get first(): boolean {
    return this.#first;
  }

  stop(): void {
    this.#stopped = true;
    this.#collection.watchers.delete(this.#onEvent);
    this.#initial = [];
    this.#pending = [];
  }

  send(frame: WatchFrame): void {
    if (!this.#stopped && !this.#sink.event(frame)) this.stop();
  }

  readonly #onEvent = (event: StoreEvent): void => {
    if (!this.#behind) {
      if (this.#sink.full) this.#behind = true;
      else this.#deliver(event);
    } else if (this.#appending) {
      this.#pending.push(event);
      if (this.#pending.length - this.#pendingAt > MAX_PENDING_EVENTS) this.#cut();
    } else if (this.#collection.compactedRevision > this.#position && this.#pending.length === 0) this.#cut();
  };

  #cut(): void {
    this.stop();
    this.#sink.cut();
  }

  #pump(): void {
    if (!this.#behind) return;
    while (!this.#stopped && !this.#sink.full) {
      if (this.#initialAt < this.#initial.length) {
        this.#stored('ADDED', this.#initial[this.#initialAt++]!);
      } else if (this.#initialEnd !== null) {
        this.#initial = [];
        this.#initialAt = 0;
        const frame = this.#initialEnd(this);
        this.#initialEnd = null;
        this.send(frame);
      } else if (this.#pendingAt < this.#pending.length) this.#deliver(this.#pending[this.#pendingAt++]!);
      else if (!this.#catchUp()) return;
    }
  }

  /** Looks for changes that have not been sent. False: there are none, or nobody can tell any more. */
  #catchUp(): boolean {
    this.#initial = [];
    this.#initialAt = 0;
    const missed = this.#appending ? [] : this.#collection.eventsAfter(this.#position);
    this.#appending = false;
    this.#pending = missed ?? [];
    this.#pendingAt = 0;
    if (missed === null) this.#expire();
    else this.#behind = missed.length > 0;
    return missed !== null && missed.length > 0;
  }

  #deliver(event: StoreEvent): void {
    // A watch may begin at a revision that is yet to come.
    if (event.revision <= this.#position) return;
    this.#position = event.revision;
    const selection = this.#selection;
    const { key, current, previous } = event;
    const was = previous !== null && selects(selection, key, previous);
    const is = event.type !== 'DELETED' && selects(selection, key, current);
    if (is) this.#stored(was ? 'MODIFIED' : 'ADDED', current);
    else if (was) this.#stored('DELETED', event.type === 'DELETED' ? current : departed(event));
  }

  #stored(type: string, stored: Stored): void {
    this.send(this.#encoder.frame(type, stored, this.#first));
    this.#first = false;
  }

  #expire(): void {
    const text = `too old resource version: ${this.#position} (${this.#collection.compactedRevision + 1})`;
    this.send(new Frame('ERROR', JSON.stringify(refuse(410, 'Expired', text).body)));
    this.stop();
    this.#sink.end();
  }
}

/** What an object looked like when it was last selected, under the revision of the change that took it out. */
function departed(event: StoreEvent): Stored {
  const object = event.previous!.object;
  const metadata = { ...object.metadata, resourceVersion: String(event.revision) };
  return Stored.ofObject({ ...object, metadata }, event.revision);
}
